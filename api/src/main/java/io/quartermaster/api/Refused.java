package io.quartermaster.api;

import java.io.Serial;

/**
 * The books say no. A definite answer: nothing was changed, and the same call gives another answer only when the books have
 * changed. Carries the numbers behind the answer.
 */
public abstract sealed class Refused extends QuartermasterException
        permits NotEnoughAllowance,
                CannotReserveAllowance,
                ReservationNotFound,
                ReservationAlreadySpent,
                CannotExtendReservation,
                JobIdReused,
                NeuronSnapshotMissing,
                CannotSpend,
                ReceiptForged,
                NotEnoughCollateral,
                LockTaken,
                LockLost,
                NotEnoughTimeInCycle,
                NoMinerForExecutorType,
                NoMinerWithEnoughAllowance,
                AllMinersBusy {
    @Serial
    private static final long serialVersionUID = 1L;

    Refused(String message) {
        super(message);
    }
}
