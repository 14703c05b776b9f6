package io.quartermaster.node.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.CallId;
import org.junit.jupiter.api.Test;

class LockRulesTest {
    private static final long LEASE = 5000;

    private LockBook lock = LockBook.FRESH;
    private long now = 1_000_000;
    private int calls;

    private LockOutcome tell(LockCommand command) {
        LockDecision decision = LockRules.decide(lock, command, now);
        lock = decision.after();
        return decision.outcome();
    }

    private LockCommand acquire(String owner) {
        return new LockCommand.Acquire(call(), owner, "a test", LEASE);
    }

    private CallId call() {
        return new CallId("call-" + ++calls);
    }

    @Test
    void aFreeLockIsGrantedWithAFreshToken() {
        assertThat(tell(acquire("anna"))).isEqualTo(new LockOutcome.Granted(1, now + LEASE));
    }

    @Test
    void aHeldLockNamesItsHolder() {
        tell(acquire("anna"));

        LockOutcome.Taken taken = (LockOutcome.Taken) tell(acquire("bert"));

        assertThat(taken.token()).isEqualTo(1);
        assertThat(taken.holder().owner()).isEqualTo("anna");
        assertThat(taken.holder().reason()).isEqualTo("a test");
    }

    @Test
    void theSameCallAgainGetsTheSameToken() {
        LockCommand anna = acquire("anna");
        LockOutcome first = tell(anna);
        now += 1000;

        assertThat(tell(anna)).isEqualTo(first);
    }

    @Test
    void aDeadHoldersLockIsFreeAfterItsLeaseAndTheTokenGrows() {
        tell(acquire("anna"));
        now += LEASE - 1;
        assertThat(tell(acquire("bert"))).isInstanceOf(LockOutcome.Taken.class);
        now += 1;

        assertThat(tell(acquire("bert"))).isEqualTo(new LockOutcome.Granted(2, now + LEASE));
    }

    @Test
    void whoHasLostTheLockCanNeitherRenewNorReleaseIt() {
        tell(acquire("anna"));
        now += LEASE;
        tell(acquire("bert"));

        assertThat(tell(new LockCommand.Renew(call(), 1, LEASE))).isEqualTo(new LockOutcome.Lost(2));
        tell(new LockCommand.Release(call(), 1));
        assertThat(tell(acquire("carl"))).isInstanceOf(LockOutcome.Taken.class);
    }

    @Test
    void aLeaseThatHasEndedGoesOnIfNobodyHasTakenTheLock() {
        tell(acquire("anna"));
        now += 2 * LEASE;

        assertThat(tell(new LockCommand.Renew(call(), 1, LEASE))).isEqualTo(new LockOutcome.Granted(1, now + LEASE));
    }

    @Test
    void aReleasedLockIsFreeAtOnceAndItsTokenIsNotGivenOutAgain() {
        tell(acquire("anna"));
        tell(new LockCommand.Release(call(), 1));

        assertThat(tell(acquire("bert"))).isEqualTo(new LockOutcome.Granted(2, now + LEASE));
        assertThat(tell(new LockCommand.Renew(call(), 1, LEASE))).isEqualTo(new LockOutcome.Lost(2));
    }

    @Test
    void numbersAreDrawnOnce() {
        assertThat(tell(new LockCommand.Draw(call(), 3))).isEqualTo(new LockOutcome.Granted(3, 0));
        assertThat(tell(new LockCommand.Draw(call(), 2))).isEqualTo(new LockOutcome.Granted(5, 0));
    }
}
