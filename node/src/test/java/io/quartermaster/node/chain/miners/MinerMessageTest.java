package io.quartermaster.node.chain.miners;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.node.chain.miners.MinerMessage.Failure;
import io.quartermaster.node.chain.miners.MinerMessage.Manifest;
import io.quartermaster.node.chain.miners.MinerMessage.Other;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a miner says is taken for what it is. */
class MinerMessageTest {
    private static final ExecutorClass GPU = new ExecutorClass("always_on.gpu-24gb");
    private static final ExecutorClass TEST = new ExecutorClass("always_on.test");

    private static MinerMessage manifest(String json) {
        return MinerMessage.of("{\"message_type\":\"V0ExecutorManifestRequest\",\"manifest\":" + json + "}");
    }

    @Test
    void aManifestIsRead() {
        assertThat(manifest("{\"always_on.gpu-24gb\":3,\"always_on.test\":0}"))
                .isEqualTo(new Manifest(Map.of(GPU, 3, TEST, 0)));
        assertThat(manifest("{}")).isEqualTo(new Manifest(Map.of()));
        assertThat(manifest("{\"always_on.toaster\":1}"))
                .isEqualTo(new Manifest(Map.of(new ExecutorClass("always_on.toaster"), 1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"always_on.test\":-1}",
                "{\"always_on.test\":1.5}",
                "{\"always_on.test\":2147483648}",
                "{\"always_on.test\":123456789012345678901234567890}",
                "{\"always_on.test\":\"3\"}",
                "{\"always_on.test\":null}",
                "{\"always_on.test\":{}}",
                "{\"always on\":1}",
                "{\"\":1}",
                "{\"executor_classes\":[{\"executor_class\":\"always_on.test\",\"count\":1}]}",
                "[]",
                "null",
                "3"
            })
    void aManifestThatCannotBeMeantIsMalformed(String json) {
        assertThat(manifest(json))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.reason()).startsWith("malformed: its "));
    }

    @Test
    void aManifestOfTooManyClassesIsMalformed() {
        assertThat(manifest(classes(64))).isInstanceOf(Manifest.class);
        assertThat(manifest(classes(65))).isInstanceOf(Failure.class);
    }

    private static String classes(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> "\"class" + number + "\":1")
                .collect(Collectors.joining(",", "{", "}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "<html>", "PONG", "\u0000", "{\"message_type\":", "[[[["})
    void whatIsNotJsonIsMalformed(String text) {
        assertThat(MinerMessage.of(text)).isInstanceOf(Failure.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "null", "1", "{\"message_type\":3}", "{\"message_type\":null}"})
    void aMessageWithoutATypeIsMalformed(String text) {
        assertThat(MinerMessage.of(text)).isInstanceOf(Failure.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PING", "{\"message_type\":\"V0JobFinishedRequest\",\"job_uuid\":\"x\"}"})
    void whatIsNoAnswerIsPassedOver(String text) {
        assertThat(MinerMessage.of(text)).isEqualTo(new Other());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"message_type\":\"GenericError\",\"details\":\"Unknown validator: 5F\"} | refused: Unknown validator: 5F",
                "{\"message_type\":\"GenericError\",\"details\":null} | refused: it does not say why",
                "{\"message_type\":\"GenericError\"} | refused: it does not say why",
                "{\"message_type\":\"UnauthorizedError\",\"code\":\"TOKEN_TOO_OLD\",\"details\":\"late\"} | refused: TOKEN_TOO_OLD late",
                "{\"message_type\":\"UnauthorizedError\"} | refused: it does not say why"
            })
    void aRefusalTellsWhy(String text, String reason) {
        assertThat(MinerMessage.of(text)).isEqualTo(new Failure(reason));
    }

    @Test
    void aMinersWordsAreKeptShortAndOnOneLine() {
        String evil = "a\\nb\\u001b" + "x".repeat(10_000);

        assertThat(MinerMessage.of("{\"message_type\":\"GenericError\",\"details\":\"" + evil + "\"}"))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.reason())
                                .startsWith("refused: a?b?x")
                                .endsWith("...")
                                .hasSizeLessThan(120));
    }
}
