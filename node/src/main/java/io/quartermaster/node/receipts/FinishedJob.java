package io.quartermaster.node.receipts;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import java.util.Optional;

/**
 * A job that has finished, as its receipts tell.
 *
 * @param finished the receipt of its end: who, for whom, what it cost, and the blocks that paid for it
 * @param started the receipt of its start, if it is known
 */
public record FinishedJob(SignedReceipt finished, Optional<SignedReceipt> started) {
    /**
     * What the finished receipt says.
     *
     * @return the receipt
     */
    public Receipt.Finished end() {
        return (Receipt.Finished) finished.receipt();
    }

    /**
     * The class of executor that the job occupied.
     *
     * @return empty without a started receipt
     */
    public Optional<ExecutorClass> executorClass() {
        return started.map(signed -> ((Receipt.Started) signed.receipt()).executorClass());
    }

    /**
     * Whether a user ordered the job.
     *
     * @return false also without a started receipt
     */
    public boolean organic() {
        return started.map(signed -> ((Receipt.Started) signed.receipt()).organic())
                .orElse(false);
    }
}
