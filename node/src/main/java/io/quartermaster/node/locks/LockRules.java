package io.quartermaster.node.locks;

import io.quartermaster.node.locks.LockBook.Holder;
import java.util.Optional;

/** The rules by which a lock answers commands. A pure function. */
public final class LockRules {
    private LockRules() {}

    /**
     * Decides a command.
     *
     * @param lock the lock
     * @param command the command
     * @param nowMillis the time by which leases end, in Unix milliseconds
     * @return what becomes of the lock, and the answer
     */
    public static LockDecision decide(LockBook lock, LockCommand command, long nowMillis) {
        if (command instanceof LockCommand.Acquire acquire) {
            return acquire(lock, acquire, nowMillis);
        }
        if (command instanceof LockCommand.Draw draw) {
            LockBook after = new LockBook(lock.token() + draw.count(), lock.holder());
            return new LockDecision(after, new LockOutcome.Granted(after.token(), 0));
        }
        if (command instanceof LockCommand.Renew renew) {
            // Nobody has taken it since, so the lease can go on even if it has ended.
            return lock.holder()
                    .filter(holder -> lock.token() == renew.token())
                    .map(holder -> granted(lock.token(), holder.until(nowMillis + renew.leaseMillis())))
                    .orElseGet(() -> new LockDecision(lock, new LockOutcome.Lost(lock.token())));
        }
        LockCommand.Release release = (LockCommand.Release) command;
        boolean held = lock.token() == release.token();
        return new LockDecision(held ? new LockBook(lock.token(), Optional.empty()) : lock, new LockOutcome.Released());
    }

    private static LockDecision acquire(LockBook lock, LockCommand.Acquire command, long nowMillis) {
        Optional<Holder> current = lock.holder().filter(holder -> holder.untilMillis() > nowMillis);
        if (current.isPresent() && !current.get().call().equals(command.call())) {
            return new LockDecision(lock, new LockOutcome.Taken(lock.token(), current.get()));
        }
        if (current.isPresent()) {
            return new LockDecision(
                    lock, new LockOutcome.Granted(lock.token(), current.get().untilMillis()));
        }
        return granted(
                lock.token() + 1,
                new Holder(
                        command.call(),
                        command.owner(),
                        command.reason(),
                        nowMillis,
                        nowMillis + command.leaseMillis()));
    }

    private static LockDecision granted(long token, Holder holder) {
        return new LockDecision(
                new LockBook(token, Optional.of(holder)), new LockOutcome.Granted(token, holder.untilMillis()));
    }
}
