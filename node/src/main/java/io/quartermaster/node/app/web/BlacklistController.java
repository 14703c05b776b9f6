package io.quartermaster.node.app.web;

import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.BlacklistReason;
import io.quartermaster.api.Hotkey;
import io.quartermaster.node.app.Replica;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The miners that get no jobs. */
@RestController
@RequestMapping("/v1/blacklist")
final class BlacklistController {
    private final Replica replica;

    BlacklistController(Replica replica) {
        this.replica = replica;
    }

    /** The body of an entry. */
    record NewEntry(
            @Needed @Nullable String miner,
            @Nullable String reason,
            @Nullable String details,
            @Nullable Long seconds) {}

    @ApiCall("The miners that get no jobs, where jobs are routed by cycle.")
    @GetMapping
    List<BlacklistEntry> list() {
        return replica.blacklist().entries();
    }

    @ApiCall("Puts a miner on the blacklist, for some seconds or until it is removed.")
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    BlacklistEntry add(@RequestBody NewEntry body) {
        return replica.blacklist()
                .add(
                        new Hotkey(Requests.require("miner", body.miner())),
                        body.reason() == null ? BlacklistReason.MANUAL : reason(body.reason()),
                        body.details() == null ? "" : body.details(),
                        Optional.ofNullable(body.seconds()).map(Duration::ofSeconds));
    }

    /** What was removed; of a miner that is not on the list, that it is not there. */
    @ApiCall("Takes a miner off the blacklist, and answers with what was removed.")
    @DeleteMapping("/{miner}")
    List<BlacklistEntry> remove(@PathVariable String miner, @RequestParam(required = false) @Nullable String reason) {
        List<BlacklistEntry> removed = replica.blacklist()
                .remove(new Hotkey(miner), Optional.ofNullable(reason).map(BlacklistController::reason));
        if (removed.isEmpty()) {
            throw new NotFound(
                    "Miner " + miner + " is not on the blacklist" + (reason == null ? "" : " with reason " + reason));
        }
        return removed;
    }

    private static BlacklistReason reason(String name) {
        return Requests.oneOf("reason", name, BlacklistReason.values());
    }
}
