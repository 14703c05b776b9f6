package io.quartermaster.node.app.web;

import io.quartermaster.node.app.Readiness;
import io.quartermaster.node.app.Replica;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** For whoever starts, stops and balances replicas. */
@RestController
final class HealthController {
    static final String LIVE = "/livez";
    static final String READY = "/readyz";

    private final Replica replica;
    private final Doorkeeper door;

    HealthController(Replica replica, Doorkeeper door) {
        this.replica = replica;
        this.door = door;
    }

    /** Whether all is well, and if not, what is missing. */
    record Health(boolean ok, List<String> missing) {}

    @ApiCall(value = "Whether the process is of use; if not, only a new one will be.", open = true)
    @GetMapping(LIVE)
    ResponseEntity<Health> live() {
        List<String> missing = new ArrayList<>();
        replica.mustLeave().ifPresent(missing::add);
        if (ManagementFactory.getThreadMXBean().findDeadlockedThreads() != null) {
            missing.add("threads of the replica wait for each other for ever");
        }
        return answer(missing);
    }

    @ApiCall(
            value =
                    "Whether jobs can be routed here: a majority is there, the books are restored, the chain is followed.",
            open = true)
    @GetMapping(READY)
    ResponseEntity<Health> ready() {
        return answer(door.closing() ? List.of("the replica is being stopped") : Readiness.missing(replica));
    }

    private static ResponseEntity<Health> answer(List<String> missing) {
        return ResponseEntity.status(missing.isEmpty() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
                .body(new Health(missing.isEmpty(), missing));
    }
}
