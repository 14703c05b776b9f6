package io.quartermaster.node.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.ReservationNotFound;
import io.quartermaster.node.app.metrics.CallMeters.Call;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class CallMetersTest {
    private final Meters meters = new Meters();
    private final CallMeters calls = new CallMeters(meters);

    @Test
    void aCallIsCountedByHowItEnds() {
        assertThat(calls.timed(Call.FIND, () -> "found")).isEqualTo("found");
        assertThatThrownBy(() -> calls.timed(Call.FIND, () -> {
                    throw new InvalidArgument("seconds", "seconds is missing");
                }))
                .isInstanceOf(InvalidArgument.class);

        assertThat(text())
                .contains("quartermaster_call_duration_seconds_count{call=\"find\",outcome=\"ok\"} 1")
                .contains("quartermaster_call_duration_seconds_count{call=\"find\",outcome=\"invalid\"} 1")
                .contains("quartermaster_call_duration_seconds_count{call=\"find\",outcome=\"failed\"} 0");
    }

    @Test
    void aStageIsMeasuredUntilItsAnswerIsThere() {
        CompletableFuture<String> answer = new CompletableFuture<>();
        var stage = calls.timed(Call.RESERVE, () -> answer, text -> Optional.<String>empty());
        assertThat(text()).contains("validator_reserve_allowance_duration_seconds_count 0");
        answer.complete("done");
        assertThat(stage.toCompletableFuture()).isCompletedWithValue("done");
        assertThat(text())
                .contains("quartermaster_call_duration_seconds_count{call=\"reserve\",outcome=\"ok\"} 1")
                .contains("validator_reserve_allowance_duration_seconds_count 1");
    }

    @Test
    void whatACallIsRefusedForIsCounted() {
        calls.timed(Call.RESERVE, () -> CompletableFuture.completedFuture("no"), no -> Optional.of("NotEnough"));
        calls.timed(
                Call.UNDO,
                () -> CompletableFuture.failedFuture(
                        new CompletionException(new ReservationNotFound(new ReservationId(7)))),
                done -> Optional.empty());
        calls.timed(
                Call.SPEND,
                () -> CompletableFuture.failedFuture(new GridUnavailable("no majority")),
                done -> Optional.empty());

        assertThat(text())
                .contains("quartermaster_calls_refused_total{call=\"reserve\",reason=\"NotEnough\"} 1")
                .contains("quartermaster_calls_refused_total{call=\"undo\",reason=\"ReservationNotFound\"} 1")
                .contains("quartermaster_call_duration_seconds_count{call=\"undo\",outcome=\"refused\"} 1")
                .contains("validator_undo_allowance_reservation_duration_seconds_count 1")
                .contains("quartermaster_call_duration_seconds_count{call=\"spend\",outcome=\"unavailable\"} 1")
                .doesNotContain("GridUnavailable");
    }

    private String text() {
        return meters.text(Meters.Format.PLAIN);
    }
}
