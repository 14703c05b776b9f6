package io.quartermaster.node.ledger;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Fence;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A change to one miner's ledger, as data. The call's id makes a repetition harmless: a ledger answers a call that it has seen
 * as it did the first time, and changes nothing again.
 */
public sealed interface LedgerCommand {
    /**
     * Names the call.
     *
     * @return the same for every repetition
     */
    CallId call();

    /**
     * When this repetition of the call was sent. A command that is on its way for too long is refused, since the answer to its
     * first copy may be forgotten by then.
     *
     * @return Unix milliseconds of real time
     */
    long sentMillis();

    /**
     * The same command, sent once more.
     *
     * @param millis when, in Unix milliseconds of real time
     * @return with the same call
     */
    default LedgerCommand sentAgain(long millis) {
        if (this instanceof Reserve reserve) {
            return new Reserve(
                    reserve.call,
                    millis,
                    reserve.validator,
                    reserve.executorClass,
                    reserve.job,
                    reserve.requiredNanos,
                    reserve.startBlock,
                    reserve.ttlMillis,
                    reserve.ongoing);
        } else if (this instanceof Undo undo) {
            return new Undo(undo.call, millis, undo.reservation);
        } else if (this instanceof Spend spend) {
            return new Spend(spend.call, millis, spend.reservation);
        } else if (this instanceof Extend extend) {
            return new Extend(extend.call, millis, extend.reservation, extend.ttlMillis);
        } else if (this instanceof Expire expire) {
            return new Expire(expire.call, millis);
        } else if (this instanceof State state) {
            return new State(state.call, millis, state.block, state.claims, state.frozen, state.numberIfNew);
        } else if (this instanceof Evict evict) {
            return new Evict(evict.call, millis, evict.last);
        } else if (this instanceof Charge charge) {
            return new Charge(
                    charge.call,
                    millis,
                    charge.validator,
                    charge.executorClass,
                    charge.job,
                    charge.requiredNanos,
                    charge.offered,
                    charge.window);
        }
        Fenced fenced = (Fenced) this;
        return new Fenced(fenced.fence, fenced.command.sentAgain(millis));
    }

    /**
     * A command under a lock: refused if a later holder of the lock has changed the ledger.
     *
     * @param fence the lock and its holder's token
     * @param command what to do; not fenced itself
     */
    record Fenced(Fence fence, LedgerCommand command) implements LedgerCommand {
        @Override
        public CallId call() {
            return command.call();
        }

        @Override
        public long sentMillis() {
            return command.sentMillis();
        }
    }

    /**
     * Sets blocks aside for a job.
     *
     * @param call names the call
     * @param sentMillis when it was sent
     * @param validator whose allowance
     * @param executorClass the class of executors
     * @param job the job
     * @param requiredNanos what the blocks must hold at least, above 0
     * @param startBlock the job's start block
     * @param ttlMillis how long the reservation lasts
     * @param ongoing if present, an executor must be free: the jobs that are known to be at work on the miner's executors of
     *     the class, to be counted together with the active reservations
     */
    record Reserve(
            CallId call,
            long sentMillis,
            Hotkey validator,
            ExecutorClass executorClass,
            JobId job,
            long requiredNanos,
            long startBlock,
            long ttlMillis,
            Optional<Set<JobId>> ongoing)
            implements LedgerCommand {}

    /**
     * Gives a reservation's blocks back.
     *
     * @param call names the call
     * @param sentMillis when it was sent
     * @param reservation the reservation's id
     */
    record Undo(CallId call, long sentMillis, long reservation) implements LedgerCommand {}

    /**
     * Makes a reservation permanent.
     *
     * @param call names the call
     * @param sentMillis when it was sent
     * @param reservation the reservation's id
     */
    record Spend(CallId call, long sentMillis, long reservation) implements LedgerCommand {}

    /**
     * Moves a reservation's deadline, if it is not as late already.
     *
     * @param call names the call
     * @param sentMillis when it was sent
     * @param reservation the reservation's id
     * @param ttlMillis how long the reservation lasts from now on, above 0
     */
    record Extend(CallId call, long sentMillis, long reservation, long ttlMillis) implements LedgerCommand {}

    /**
     * Releases what is past its deadline. Every other command does that too; this one does nothing else.
     *
     * @param call names the call; the answer is not remembered, since doing it again is harmless anyway
     * @param sentMillis when it was sent
     */
    record Expire(CallId call, long sentMillis) implements LedgerCommand {}

    /**
     * Judges the blocks with which a receipt says that a job was paid, and uses them up if they pay. A job that has paid before
     * pays with the same blocks.
     *
     * @param call names the call; the answer is not remembered: the booking is
     * @param sentMillis when it was sent
     * @param validator whose allowance
     * @param executorClass the class of executors
     * @param job the job
     * @param requiredNanos what it cost
     * @param offered the blocks
     * @param window which blocks may pay
     */
    record Charge(
            CallId call,
            long sentMillis,
            Hotkey validator,
            ExecutorClass executorClass,
            JobId job,
            long requiredNanos,
            List<Long> offered,
            SpendingWindow window)
            implements LedgerCommand {
        public Charge {
            offered = List.copyOf(offered);
        }
    }

    /**
     * Takes in what a manifest sync found out about the miner.
     *
     * @param call names the sync
     * @param sentMillis when it was sent
     * @param block the block at which the manifests were read
     * @param claims what the miner says, by class
     * @param frozen the blocks from there on that are finalised already; they keep their amounts
     * @param numberIfNew the grid's number for the miner, if this opens its ledger
     */
    record State(
            CallId call,
            long sentMillis,
            long block,
            Map<ExecutorClass, Claim> claims,
            BlockSet frozen,
            int numberIfNew)
            implements LedgerCommand {
        public State {
            claims = Map.copyOf(claims);
        }
    }

    /**
     * Leaves out what only concerns old blocks.
     *
     * @param call names the call; the answer is not remembered
     * @param sentMillis when it was sent
     * @param last the newest block to leave out
     */
    record Evict(CallId call, long sentMillis, long last) implements LedgerCommand {}

    /**
     * What a miner says of one class.
     *
     * @param said the number of executors, as it says; compared with what was stored before to find a drop
     * @param stored the number that counts, after the cap of the class
     */
    record Claim(int said, int stored) {
        public Claim {
            if (stored < 0 || stored > said || said > Amounts.MOST_EXECUTORS) {
                throw new IllegalArgumentException("A claim of " + said + " executors, stored as " + stored);
            }
        }
    }
}
