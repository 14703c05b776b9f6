package io.quartermaster.node.chain.subtensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.chain.subtensor.CommitmentFetcher.Commitments;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** What a real node answered is read, whatever else is in it. */
class CommitmentFetcherTest {
    private static final JsonNode NONE = JsonNodeFactory.instance.nullNode();
    private static final JsonNode PAGE =
            RecordedAnswers.named("keysPaged_CommitmentOf").get("result");
    private static final String VALUES =
            RecordedAnswers.named("queryStorageAt_CommitmentOf").get("result").toString();
    private static final Hotkey MINER = new Hotkey("5FpjvVN9fkYjNvNwzZYxLFNz2UVDmeZ8ZvD47A1dLMnsVgo6");

    private final CommitmentFetcher fetcher = new CommitmentFetcher(RecordedAnswers.NETUID);

    private static JsonNode json(String text) {
        return new ObjectMapper().readTree(text);
    }

    private Commitments read(String values) throws UnknownLayout {
        return fetcher.commitments(json(values), fetcher.keys(PAGE, NONE));
    }

    @Test
    void allThatIsPublishedIsRead() throws Exception {
        Commitments commitments = read(VALUES);

        assertThat(commitments.unreadable()).isZero();
        assertThat(commitments.byHotkey()).hasSize(3);
        assertThat(commitments.byHotkey().get(MINER)).isEqualTo(new Layouts.Commitment(22, "<M:A3;S2>"));
    }

    @Test
    void oneThatCannotBeReadIsLeftOutAndTheOthersAreNot() throws Exception {
        String value = "0x000000000000000016000000040a3c4d3a41333b53323e";
        for (String broken : List.of("\"0x\"", "\"" + value + "00\"", "\"zz\"", "null", "{}")) {
            Commitments commitments = read(VALUES.replace("\"" + value + "\"", broken));

            assertThat(commitments.byHotkey()).hasSize(2).doesNotContainKey(MINER);
            assertThat(commitments.unreadable()).isEqualTo(1);
        }
    }

    @Test
    void whatWasNotAskedForIsNotTaken() throws Exception {
        Commitments commitments =
                fetcher.commitments(json(VALUES), fetcher.keys(PAGE, NONE).subList(0, 1));

        assertThat(commitments.byHotkey()).hasSize(1);
        assertThat(commitments.unreadable()).isZero();
    }

    @Test
    void aKeyThatIsNotOfAHotkeyIsLeftOut() throws Exception {
        String key = PAGE.get(0).asString();
        String other = key.substring(0, key.length() - 2) + "99";
        List<String> keys = fetcher.keys(json("[\"" + other + "\"]"), NONE);

        Commitments commitments = fetcher.commitments(json(VALUES.replace(key, other)), keys);

        assertThat(commitments.byHotkey()).isEmpty();
        assertThat(commitments.unreadable()).isEqualTo(1);
    }

    @Test
    void aPageMustFollowTheOneBefore() throws Exception {
        assertThat(fetcher.keys(PAGE, NONE)).hasSize(3);
        assertThat(fetcher.keys(json("[]"), PAGE.get(2))).isEmpty();
        for (JsonNode page : List.of(
                json("null"),
                json("{}"),
                json("[3]"),
                json("[\"0x00\"]"),
                json("[" + PAGE.get(2) + "," + PAGE.get(1) + "]"))) {
            assertThatThrownBy(() -> fetcher.keys(page, NONE)).isInstanceOf(UnknownLayout.class);
        }
        assertThatThrownBy(() -> fetcher.keys(PAGE, PAGE.get(0))).isInstanceOf(UnknownLayout.class);
    }

    @Test
    void anAnswerWithoutValuesIsRefused() throws Exception {
        for (String answer : List.of("null", "[]", "{}", "[{}]", "[{\"changes\":3}]")) {
            assertThatThrownBy(() -> read(answer)).isInstanceOf(UnknownLayout.class);
        }
    }
}
