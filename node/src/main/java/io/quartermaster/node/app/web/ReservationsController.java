package io.quartermaster.node.app.web;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.ReservationId;
import io.quartermaster.node.app.Replica;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Active reservations over HTTP: which there are, and more time for one. */
@RestController
@RequestMapping("/v1/reservations")
final class ReservationsController {
    private final Replica replica;

    ReservationsController(Replica replica) {
        this.replica = replica;
    }

    /** A reservation, with the time that is left by the replica's clock. */
    record Held(
            ReservationId id,
            JobId job,
            Hotkey miner,
            ExecutorClass executorClass,
            double requiredSeconds,
            double reservedSeconds,
            List<Long> blocks,
            Instant deadline,
            double secondsLeft) {
        static Held of(Reservation made, long nowMillis) {
            return new Held(
                    made.id(),
                    made.job(),
                    made.miner(),
                    made.executorClass(),
                    made.requiredSeconds(),
                    made.reservedSeconds(),
                    made.blocks(),
                    made.deadline(),
                    Math.max(0, made.deadline().toEpochMilli() - nowMillis) / 1000.0);
        }
    }

    @ApiCall("The active reservations, and the time that is left for each.")
    @GetMapping
    List<Held> reservations(
            @RequestParam(required = false) @Nullable String job,
            @RequestParam(required = false) @Nullable String miner) {
        JobId ofJob = job == null ? null : new JobId(job);
        Hotkey ofMiner = miner == null ? null : new Hotkey(miner);
        long nowMillis = replica.nowMillis();
        return replica.allowance().reservations().stream()
                .filter(made -> ofJob == null || made.job().equals(ofJob))
                .filter(made -> ofMiner == null || made.miner().equals(ofMiner))
                .map(made -> Held.of(made, nowMillis))
                .toList();
    }

    @ApiCall(
            value = "Gives a reservation more time. The same Call-Id again gives the same answer.",
            scope = Scope.ROUTE)
    @PostMapping("/{id}/extend")
    Held extend(
            @PathVariable long id,
            @RequestBody Requests.Extend body,
            @RequestHeader(name = AllowanceController.CALL_ID, required = false) @Nullable String call) {
        Reservation extended =
                replica.allowance().extendReservation(new ReservationId(id), body.amount(), Requests.call(call));
        return Held.of(extended, replica.nowMillis());
    }
}
