package io.quartermaster.node.chain.subtensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.node.chain.subtensor.Answers.Answer;
import io.quartermaster.node.chain.subtensor.Answers.Refusal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswersTest {
    private static Answer one(String text) throws NodeUnavailable {
        List<Answer> answers = Answers.read(text);
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }

    @Test
    void aResultIsGivenToWhoeverAsked() throws Exception {
        Answer answer = one("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"0x2f\"}");

        assertThat(answer.id()).isEqualTo(7);
        assertThat(answer.result().orElseThrow().asString()).isEqualTo("0x2f");
        assertThat(answer.refusal()).isEmpty();
    }

    /** A block that is not known has the hash null. */
    @Test
    void nullIsAResult() throws Exception {
        assertThat(one("{\"id\":7,\"result\":null}").result().orElseThrow().isNull())
                .isTrue();
    }

    @Test
    void anErrorIsARefusal() throws Exception {
        assertThat(one("{\"id\":7,\"error\":{\"code\":4003,\"message\":\"Client error\",\"data\":\"UnknownBlock\"}}"))
                .isEqualTo(
                        new Answer(7, Optional.empty(), Optional.of(new Refusal(4003, "Client error UnknownBlock"))));
        assertThat(one("{\"id\":7,\"error\":{\"code\":1e30,\"message\":[]}}").refusal())
                .contains(new Refusal(0, ""));
    }

    @Test
    void severalAnswersMayComeTogether() throws Exception {
        assertThat(Answers.read("[{\"id\":1,\"result\":1},{\"id\":2,\"result\":2}]").stream()
                        .map(Answer::id))
                .containsExactly(1L, 2L);
    }

    /** As with notifications, which have none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"method\":\"chain_finalizedHead\",\"params\":{}}",
                "{\"id\":null,\"result\":1}",
                "{\"id\":\"7\",\"result\":1}",
                "{\"id\":7.0,\"result\":1}",
                "{\"id\":[7],\"result\":1}",
                "{\"id\":18446744073709551623,\"result\":1}",
                "{\"id\":1000000000000000000000000000000,\"result\":1}",
                "7",
                "null"
            })
    void anIdThatWasNeverGivenIsNobodys(String text) throws Exception {
        assertThat(one(text).id()).isNegative();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "}", "nul", "{\"id\":7}{\"id\":8}", "\0", "{\"id\":07}", "{'id':7}", "\ufeff\ufffd"})
    void whatIsNotJsonIsRefused(String text) {
        assertThatThrownBy(() -> Answers.read(text)).isInstanceOf(NodeUnavailable.class);
    }
}
