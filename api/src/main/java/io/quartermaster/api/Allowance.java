package io.quartermaster.api;

import java.util.List;

/**
 * The books of what this validator may use of every miner's executors, and what it has used.
 *
 * <p>The way to send a job: {@linkplain #findMinersWithAllowance find} miners, {@linkplain #reserveAllowance reserve} with one
 * of them, send the job; {@linkplain #undoAllowanceReservation undo} if the miner declines, times out or fails, and
 * {@linkplain #spendAllowance spend} once the job has succeeded. A reservation that is forgotten expires by itself, 100 s
 * after as many seconds as it was made for. {@link Routing} does the first two steps for you.
 *
 * <p>Between find and reserve the books may change: this interface does no locking, and reserve alone decides.
 *
 * <p>Safe for use by several threads. Reads answer from this replica's own copy of the books and never wait. A change returns
 * once a majority of the grid's replicas holds it (one replica alone: once it does itself). What is safe to repeat is repeated
 * by itself for some seconds, with the same id, while replicas come and go. Every method may throw {@link InvalidArgument};
 * every change may throw {@link GridUnavailable} (not done) and {@link OutcomeUnknown} (perhaps done).
 */
public interface Allowance {
    /** The longest job, in seconds. */
    double MAX_JOB_RUN_TIME_SECONDS = 3600.0;

    /**
     * Finds the current miners that have enough free allowance for a job, best first: those whose allowance expires soonest;
     * among these, those with the highest part of their allowance left; among these, those with the most.
     *
     * @param seconds executor-seconds needed, above 0 and at most {@link #MAX_JOB_RUN_TIME_SECONDS}
     * @param executorClass the class of executors
     * @param jobStartBlock the block at which the job starts: allowance of blocks up to 722 older can be used
     * @return at least one miner
     * @throws NotEnoughAllowance if no miner has enough
     */
    List<MinerAllowance> findMinersWithAllowance(double seconds, ExecutorClass executorClass, long jobStartBlock);

    /**
     * Sets blocks of allowance aside for a job, the oldest free ones first, in whole blocks.
     *
     * <p>Safe to repeat: while the job has an active reservation, the same call returns that reservation. After it was undone
     * or has expired, the same job may reserve again.
     *
     * @param miner whose allowance
     * @param executorClass the class of executors
     * @param seconds executor-seconds needed, above 0 and at most {@link #MAX_JOB_RUN_TIME_SECONDS}
     * @param jobStartBlock the block at which the job starts
     * @param job the job's id
     * @return the reservation
     * @throws CannotReserveAllowance if the miner has too little free
     * @throws JobIdReused if the job has an active reservation with other contents
     */
    Reservation reserveAllowance(
            Hotkey miner, ExecutorClass executorClass, double seconds, long jobStartBlock, JobId job);

    /**
     * Gives a reservation's blocks back.
     *
     * @param reservation the reservation's id
     * @throws ReservationNotFound if it is unknown, undone before, or expired
     * @throws ReservationAlreadySpent if it was spent
     */
    default void undoAllowanceReservation(ReservationId reservation) {
        undoAllowanceReservation(reservation, CallId.fresh());
    }

    /**
     * Gives a reservation's blocks back. Repeating it with the same call id gives the same answer.
     *
     * @param reservation the reservation's id
     * @param call names this call
     * @throws ReservationNotFound if it is unknown, undone before, or expired
     * @throws ReservationAlreadySpent if it was spent
     */
    void undoAllowanceReservation(ReservationId reservation, CallId call);

    /**
     * Makes a reservation permanent: its blocks have paid for the job. Final.
     *
     * @param reservation the reservation's id
     * @throws ReservationNotFound if it is unknown, undone, or its deadline has passed
     * @throws ReservationAlreadySpent if it was spent before
     */
    default void spendAllowance(ReservationId reservation) {
        spendAllowance(reservation, CallId.fresh());
    }

    /**
     * Makes a reservation permanent. Repeating it with the same call id gives the same answer.
     *
     * @param reservation the reservation's id
     * @param call names this call
     * @throws ReservationNotFound if it is unknown, undone, or its deadline has passed
     * @throws ReservationAlreadySpent if it was spent before
     */
    void spendAllowance(ReservationId reservation, CallId call);

    /**
     * Gives a reservation more time, for a job that takes longer: from now on it lasts as long as one that is made now for so
     * many seconds. A deadline that is later already stays. It takes no more blocks.
     *
     * @param reservation the reservation's id
     * @param seconds how long the job will still run, above 0
     * @return the reservation, with its deadline
     * @throws ReservationNotFound if it is unknown, undone, or its deadline has passed
     * @throws ReservationAlreadySpent if it was spent
     * @throws CannotExtendReservation if it would then last longer than a reservation for the longest job
     */
    default Reservation extendReservation(ReservationId reservation, double seconds) {
        return extendReservation(reservation, seconds, CallId.fresh());
    }

    /**
     * Gives a reservation more time. Repeating it with the same call id gives the same answer.
     *
     * @param reservation the reservation's id
     * @param seconds how long the job will still run, above 0
     * @param call names this call
     * @return the reservation, with its deadline
     * @throws ReservationNotFound if it is unknown, undone, or its deadline has passed
     * @throws ReservationAlreadySpent if it was spent
     * @throws CannotExtendReservation if it would then last longer than a reservation for the longest job
     */
    Reservation extendReservation(ReservationId reservation, double seconds, CallId call);

    /**
     * This validator's active reservations, as this replica knows them: neither spent nor undone nor past their deadline.
     *
     * @return the one whose deadline comes first, first
     */
    List<Reservation> reservations();

    /**
     * Judges a receipt of any validator's job: are the signatures good, and do its blocks pay for it? What it spends is
     * remembered in the whole grid, so that a block spent twice is found, through whichever replicas: of two jobs that name the
     * same block, the one that is judged later does not get it. Validating the same receipt again gives the same answer and
     * spends nothing more.
     *
     * @param receipt the receipt of the finished job
     * @param started the receipt of the same job's start, which names the class
     * @return what became of each block
     * @throws CannotSpend if the blocks do not pay for the job; nothing is spent then
     * @throws ReceiptForged if a signature is not good
     * @throws InvalidArgument if these are not the two receipts of one job, if its class is not known here, if it started before
     *     the blocks that are kept, or if another receipt of the same job was judged before
     * @throws GridUnavailable also if the block at which the job started is not known yet
     */
    SpendDetails validateForeignReceipt(SignedReceipt receipt, SignedReceipt started);

    /**
     * The newest block that this replica has taken in: the chain's head less the finality lag.
     *
     * @return the block's number
     * @throws GridUnavailable if no block has been taken in yet
     */
    long currentBlock();

    /**
     * The newest manifest of every miner and class, in order of miner and class.
     *
     * @return empty before the first manifests were read
     */
    List<Manifest> manifests();

    /**
     * The subnet's neurons and stakes at the current block.
     *
     * @return the metagraph
     * @throws NeuronSnapshotMissing if no block has been taken in yet
     */
    Metagraph metagraph();

    /**
     * The subnet's neurons and stakes at a block.
     *
     * @param block the block's number
     * @return the metagraph
     * @throws NeuronSnapshotMissing if that block is not kept
     */
    Metagraph metagraph(long block);

    /**
     * The current miners: all neurons of the subnet at the newest block, in order of uid.
     *
     * @return empty before the first block was taken in
     */
    List<Miner> miners();

    /**
     * All neurons of the subnet at a block.
     *
     * @param block the block's number
     * @return the neurons
     * @throws NeuronSnapshotMissing if that block is not kept
     */
    NeuronSnapshot neurons(long block);

    /**
     * Opens books of their own for jobs that finish in a range of blocks, to try any validator's spendings in. They know what
     * the blocks of the range yield, and those before it that such jobs may use: the longest job's and 722 more.
     *
     * @param startBlock the first block, at least 0
     * @param endBlock the block after the last, above the first
     * @return the books, without any spendings
     * @throws InvalidArgument if no block of the range is known
     */
    TemporaryBookkeeper temporaryBookkeeper(long startBlock, long endBlock);

    /**
     * The same books, for the holder of a lock: each change shows the lock's token, and is refused with {@link LockLost} if a
     * later holder of the lock has changed the miner's books.
     *
     * @param fence the proof of holding the lock
     * @return a view of these books
     */
    Allowance under(Fence fence);

    /**
     * The same calls without waiting.
     *
     * @return a view of these books
     */
    AsyncAllowance async();
}
