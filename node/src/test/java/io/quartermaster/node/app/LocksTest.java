package io.quartermaster.node.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.api.Allowance;
import io.quartermaster.api.HeldLock;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.LockLost;
import io.quartermaster.api.LockState;
import io.quartermaster.api.LockTaken;
import io.quartermaster.api.Locks;
import io.quartermaster.api.Manifest;
import io.quartermaster.node.Quartermaster;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Locks as a program that embeds a replica uses them. */
class LocksTest {
    private static final Duration LEASE = Duration.ofSeconds(30);

    private static final Quartermaster grid = Quartermaster.simulated();

    private final Locks locks = grid.locks();

    @AfterAll
    static void leave() {
        grid.close();
    }

    @Test
    void aLockShowsWhoHoldsItAndWhatFor() {
        try (HeldLock lock = locks.acquire("report", LEASE, "writes the report", Duration.ZERO)) {
            LockState state = locks.held().stream()
                    .filter(held -> held.name().equals("report"))
                    .findFirst()
                    .orElseThrow();
            assertThat(state.owner()).isEqualTo("replica 1");
            assertThat(state.reason()).isEqualTo("writes the report");
            assertThat(state.token()).isEqualTo(lock.fence().token());
            assertThat(state.until()).isEqualTo(lock.until());
        }
        assertThat(locks.held()).noneMatch(held -> held.name().equals("report"));
    }

    @Test
    void whoComesLaterIsToldWhoHoldsIt() {
        try (HeldLock lock = locks.acquire("one-at-a-time", LEASE, "the first", Duration.ZERO)) {
            assertThat(locks.tryAcquire("one-at-a-time", LEASE, "the second")).isEmpty();
            assertThatThrownBy(() -> locks.acquire("one-at-a-time", LEASE, "the second", Duration.ofMillis(300)))
                    .isInstanceOf(LockTaken.class)
                    .hasMessageContaining("replica 1 (the first)");
            lock.renew(LEASE);
        }
        assertThat(locks.tryAcquire("one-at-a-time", LEASE, "the second")).isPresent();
    }

    @Test
    void whatIsSentUnderALostLockIsRefused() {
        Manifest offer = grid.allowance().manifests().stream()
                .filter(manifest -> manifest.executors() > 0)
                .findFirst()
                .orElseThrow();
        Allowance allowance = grid.allowance();
        long block = allowance.currentBlock();
        HeldLock first = locks.acquire("steps", LEASE, "first", Duration.ZERO);
        first.close();
        HeldLock second = locks.acquire("steps", LEASE, "second", Duration.ZERO);
        allowance
                .under(second.fence())
                .reserveAllowance(offer.miner(), offer.executorClass(), 1, block, new JobId("under-second"));

        assertThatThrownBy(() -> allowance
                        .under(first.fence())
                        .reserveAllowance(offer.miner(), offer.executorClass(), 1, block, new JobId("under-first")))
                .isInstanceOf(LockLost.class)
                .hasMessageContaining("Token " + first.fence().token() + " of lock steps no longer counts");
        assertThatThrownBy(() -> first.renew(LEASE)).isInstanceOf(LockLost.class);
        second.close();
    }

    @Test
    void badInputNamesTheFieldAndWhatWouldBeRight() {
        assertThatThrownBy(() -> locks.tryAcquire("a name", LEASE, "x"))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("lock");
        assertThatThrownBy(() -> locks.tryAcquire("name", Duration.ofMillis(10), "x"))
                .isInstanceOf(InvalidArgument.class)
                .hasMessageContaining("from 1 s to an hour");
    }
}
