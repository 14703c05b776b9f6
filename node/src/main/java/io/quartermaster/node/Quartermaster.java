package io.quartermaster.node;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Locks;
import io.quartermaster.api.Routing;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The front door: makes a Java program a replica of the grid.
 *
 * <pre>{@code
 * try (Quartermaster quartermaster = Quartermaster.simulated()) {
 *     JobRoute route = quartermaster.routing().pickMinerForJobRequest(request);
 *     // send the job to route.miner() ...
 *     quartermaster.allowance().spendAllowance(route.reservation().orElseThrow());
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads. Close it to leave the grid in good order.
 */
public final class Quartermaster implements AutoCloseable {
    private static final long LOOK_AGAIN_NANOS = 10_000_000;

    private final Replica replica;

    private Quartermaster(Replica replica) {
        this.replica = replica;
    }

    /**
     * Becomes a replica, and returns at once; blocks are taken in from then on.
     *
     * @param chain the chain to follow; closed with this
     * @param settings how the replica is set up
     * @return the running replica
     * @throws GridUnavailable if its member of the grid can't start, for example because its port is taken
     * @throws io.quartermaster.api.InvalidArgument if a setting is wrong
     */
    public static Quartermaster join(Chain chain, ReplicaSettings settings) {
        return new Quartermaster(Replica.start(chain, settings));
    }

    /**
     * Becomes a replica alone, on the loopback, with a simulated subnet of 24 miners; returns when it can route.
     *
     * @return the running replica
     * @throws GridUnavailable if it is not ready within a minute
     */
    public static Quartermaster simulated() {
        Quartermaster quartermaster =
                join(new SimulatedSubnet(SimulationSettings.defaults()), ReplicaSettings.defaults());
        quartermaster.awaitReady(Duration.ofMinutes(1));
        return quartermaster;
    }

    /**
     * Waits until the blocks that jobs can use have been taken in.
     *
     * @param atMost how long to wait
     * @throws GridUnavailable if they are not there in time; the message says how far it came
     */
    public void awaitReady(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!replica.ready()) {
            if (replica.mustLeave().isPresent()) {
                throw new GridUnavailable(replica.mustLeave().get());
            }
            if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                throw new GridUnavailable("The replica is not ready after " + atMost.toSeconds() + " s: "
                        + replica.status()
                                .waitingFor()
                                .map(what -> "it waits for " + what)
                                .orElse(replica.following().inWords()));
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }

    /**
     * The books.
     *
     * @return safe for use by several threads
     */
    public Allowance allowance() {
        return replica.allowance();
    }

    /**
     * The router.
     *
     * @return safe for use by several threads
     */
    public Routing routing() {
        return replica.routing();
    }

    /**
     * Locks across all replicas, for programs that combine steps.
     *
     * @return safe for use by several threads
     */
    public Locks locks() {
        return replica.locks();
    }

    /**
     * The replica behind it, for those who look deeper.
     *
     * @return the running replica
     */
    public Replica replica() {
        return replica;
    }

    @Override
    public void close() {
        replica.close();
    }
}
