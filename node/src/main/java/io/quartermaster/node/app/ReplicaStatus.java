package io.quartermaster.node.app;

import io.quartermaster.api.Hotkey;
import java.util.Optional;

/**
 * How a replica is doing, for people.
 *
 * @param netuid the subnet
 * @param validator whose allowance is booked
 * @param replica this replica's id
 * @param replicasPresent how many replicas of the grid are there
 * @param replicasConfigured how many there should be
 * @param view the view that it is in, in which it is settled who decides
 * @param waitingFor what changes wait for, if they can't be made here now
 * @param follows whether this replica follows the chain; one does at a time
 * @param gridAddress where this replica's member listens
 * @param head the chain's newest block; -1 before the first
 * @param block the newest block that was taken in; -1 before the first
 * @param blocksKept how many blocks are kept
 * @param blocksMissing how many of the last 100 are not there
 * @param backfillLeft how many older blocks are still to be fetched
 * @param miners how many miners the subnet has at the newest block
 * @param ledgers how many miners have a ledger
 * @param activeReservations how many reservations are active
 * @param jobsRouted how many jobs this replica has routed
 * @param jobsNotRouted how many it could not route
 * @param following one line on the chain
 * @param chainEnded whether a recording has come to its end
 * @param chainError what stopped the chain, if anything has
 */
public record ReplicaStatus(
        int netuid,
        Hotkey validator,
        int replica,
        int replicasPresent,
        int replicasConfigured,
        String view,
        Optional<String> waitingFor,
        boolean follows,
        String gridAddress,
        long head,
        long block,
        int blocksKept,
        int blocksMissing,
        long backfillLeft,
        int miners,
        int ledgers,
        int activeReservations,
        long jobsRouted,
        long jobsNotRouted,
        String following,
        boolean chainEnded,
        Optional<String> chainError) {}
