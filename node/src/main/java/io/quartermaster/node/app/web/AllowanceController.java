package io.quartermaster.node.app.web;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Manifest;
import io.quartermaster.api.Metagraph;
import io.quartermaster.api.Miner;
import io.quartermaster.api.MinerAllowance;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.ReservationId;
import io.quartermaster.node.app.Replica;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Allowance: who has some, booking it, and what it rests on. A Call-Id header makes a repeated undo or spend harmless. */
@RestController
@RequestMapping("/v1")
final class AllowanceController {
    static final String CALL_ID = "Call-Id";

    private final Replica replica;

    AllowanceController(Replica replica) {
        this.replica = replica;
    }

    @ApiCall("The miners with enough allowance, best first.")
    @GetMapping("/find")
    List<MinerAllowance> find(
            @RequestParam double seconds,
            @RequestParam String executorClass,
            @RequestParam(required = false) @Nullable Long startBlock) {
        return allowance().findMinersWithAllowance(seconds, new ExecutorClass(executorClass), start(startBlock));
    }

    @ApiCall(
            value = "Reserves blocks. The same job id again gives the same reservation while it is active.",
            scope = Scope.ROUTE)
    @PostMapping("/reservations")
    @ResponseStatus(HttpStatus.CREATED)
    Reservation reserve(@RequestBody Requests.Reserve body) {
        return allowance()
                .reserveAllowance(
                        body.minerKey(), body.executors(), body.amount(), start(body.startBlock()), body.jobId());
    }

    @ApiCall(value = "Undoes a reservation. The same Call-Id again gives the same answer.", scope = Scope.ROUTE)
    @DeleteMapping("/reservations/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void undo(@PathVariable long id, @RequestHeader(name = CALL_ID, required = false) @Nullable String call) {
        allowance().undoAllowanceReservation(new ReservationId(id), Requests.call(call));
    }

    @ApiCall(value = "Spends a reservation. The same Call-Id again gives the same answer.", scope = Scope.ROUTE)
    @PostMapping("/reservations/{id}/spend")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void spend(@PathVariable long id, @RequestHeader(name = CALL_ID, required = false) @Nullable String call) {
        allowance().spendAllowance(new ReservationId(id), Requests.call(call));
    }

    @ApiCall("The newest manifest of each miner and class.")
    @GetMapping("/manifests")
    List<Manifest> manifests() {
        return allowance().manifests();
    }

    @ApiCall("The miners of the subnet, and where they are.")
    @GetMapping("/miners")
    List<Miner> miners() {
        return allowance().miners();
    }

    @ApiCall("The neurons of a block, by default the newest.")
    @GetMapping("/metagraph")
    Metagraph metagraph(@RequestParam(required = false) @Nullable Long block) {
        return block == null ? allowance().metagraph() : allowance().metagraph(block);
    }

    private Allowance allowance() {
        return replica.allowance();
    }

    private long start(@Nullable Long given) {
        return given == null ? allowance().currentBlock() : given;
    }
}
