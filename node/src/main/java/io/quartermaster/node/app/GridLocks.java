package io.quartermaster.node.app;

import io.quartermaster.api.CallId;
import io.quartermaster.api.Fence;
import io.quartermaster.api.HeldLock;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.LockLost;
import io.quartermaster.api.LockState;
import io.quartermaster.api.LockTaken;
import io.quartermaster.api.Locks;
import io.quartermaster.api.QuartermasterException;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.locks.LockBook;
import io.quartermaster.node.locks.LockCommand;
import io.quartermaster.node.locks.LockOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link Locks} on the grid. Safe for use by several threads. */
final class GridLocks implements Locks {
    private static final Logger LOG = LoggerFactory.getLogger(GridLocks.class);
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
    private static final Duration LONGEST_LEASE = Duration.ofHours(1);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Grid grid;
    private final String owner;

    GridLocks(Grid grid, String owner) {
        this.grid = grid;
        this.owner = owner;
    }

    @Override
    public Optional<HeldLock> tryAcquire(String name, Duration lease, String reason) {
        LockOutcome outcome = acquireOnce(name, lease, reason);
        return outcome instanceof LockOutcome.Granted granted ? Optional.of(held(name, granted)) : Optional.empty();
    }

    @Override
    public HeldLock acquire(String name, Duration lease, String reason, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            LockOutcome outcome = acquireOnce(name, lease, reason);
            if (outcome instanceof LockOutcome.Granted granted) {
                return held(name, granted);
            }
            if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
                LockOutcome.Taken taken = (LockOutcome.Taken) outcome;
                throw new LockTaken(state(name, taken.token(), taken.holder()));
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }

    private LockOutcome acquireOnce(String name, Duration lease, String reason) {
        // Checks the name.
        Fence checked = new Fence(name, 1);
        CallId call = grid.newCall();
        return GridAllowance.await(
                call, grid.submit(checked.lock(), new LockCommand.Acquire(call, owner, reason, leaseMillis(lease))));
    }

    private static long leaseMillis(Duration lease) {
        if (lease.compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(LONGEST_LEASE) > 0) {
            throw new InvalidArgument("lease", lease, "from 1 s to an hour");
        }
        return lease.toMillis();
    }

    private HeldLock held(String name, LockOutcome.Granted granted) {
        return new Held(new Fence(name, granted.token()), Instant.ofEpochMilli(granted.untilMillis()));
    }

    private static LockState state(String name, long token, LockBook.Holder holder) {
        return new LockState(
                name,
                token,
                holder.owner(),
                holder.reason(),
                Instant.ofEpochMilli(holder.sinceMillis()),
                Instant.ofEpochMilli(holder.untilMillis()));
    }

    @Override
    public List<LockState> held() {
        long now = grid.sentMillis();
        return grid.locks().entrySet().stream()
                .flatMap(entry -> entry
                        .getValue()
                        .holder()
                        .filter(holder -> holder.untilMillis() > now)
                        .map(holder -> state(entry.getKey(), entry.getValue().token(), holder))
                        .stream())
                .sorted(Comparator.comparing(LockState::name))
                .toList();
    }

    private final class Held implements HeldLock {
        private final Fence fence;
        private volatile Instant until;

        private Held(Fence fence, Instant until) {
            this.fence = fence;
            this.until = until;
        }

        @Override
        public Fence fence() {
            return fence;
        }

        @Override
        public Instant until() {
            return until;
        }

        @Override
        public void renew(Duration lease) {
            CallId call = grid.newCall();
            LockOutcome outcome = GridAllowance.await(
                    call, grid.submit(fence.lock(), new LockCommand.Renew(call, fence.token(), leaseMillis(lease))));
            if (!(outcome instanceof LockOutcome.Granted granted)) {
                throw new LockLost(fence, outcome instanceof LockOutcome.Lost lost ? lost.newestToken() : 0);
            }
            until = Instant.ofEpochMilli(granted.untilMillis());
        }

        @Override
        public void close() {
            if (grid.waitingFor().isPresent()) {
                // It can't be released now; it is free when its lease ends.
                return;
            }
            CallId call = grid.newCall();
            try {
                GridAllowance.await(call, grid.submit(fence.lock(), new LockCommand.Release(call, fence.token())));
            } catch (QuartermasterException e) {
                LOG.debug("Lock {} is free when its lease ends", fence.lock(), e);
            }
        }
    }
}
