package io.quartermaster.node.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Whether jobs can be routed through a replica, and what is missing if not. */
public final class Readiness {
    /** A chain that stands for longer than this, or nodes that tell of nothing new, need somebody to look. */
    private static final Duration CHAIN_STANDS = Duration.ofMinutes(5);

    private Readiness() {}

    /**
     * What is missing.
     *
     * @param replica the replica
     * @return sentences without a full stop; none if a majority is there, the books are restored and the chain is followed
     */
    public static List<String> missing(Replica replica) {
        ReplicaStatus status = replica.status();
        List<String> missing = new ArrayList<>();
        replica.mustLeave().ifPresent(missing::add);
        status.waitingFor().ifPresent(what -> missing.add("it waits for " + what));
        if (status.blocksKept() == 0) {
            missing.add("no block has been taken in");
        } else if (!replica.ready() && status.waitingFor().isEmpty()) {
            missing.add(
                    status.blocksMissing() > 0
                            ? status.blocksMissing() + " of the last 100 blocks are missing"
                            : "older blocks are still to be fetched: " + status.backfillLeft());
        }
        replica.blocks(1).stream()
                .map(block ->
                        Duration.ofMillis(replica.nowMillis() - block.time().toEpochMilli()))
                .filter(age -> !status.chainEnded() && replica.realTime(age).compareTo(CHAIN_STANDS) > 0)
                .forEach(age -> missing.add("the newest block is " + age.toSeconds() + " s old"));
        status.chainError().ifPresent(error -> missing.add("the chain can't be followed: " + error));
        return missing;
    }
}
