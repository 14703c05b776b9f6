package io.quartermaster.node.app;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.ReceiptForged;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.chain.ReceiptJson;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.receipts.ReceiptIndex.Added;
import io.quartermaster.node.receipts.ReceiptPages;
import io.quartermaster.node.receipts.ReceiptSignatures;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The receipts that all replicas share, for people and for other validators. Safe for use by several threads. */
public final class ReceiptDesk {
    private static final Comparator<SignedReceipt> BY_TIME = Comparator.comparing(
                    (SignedReceipt signed) -> signed.receipt().timestamp())
            .thenComparing(signed -> signed.receipt().job());

    private final Grid grid;
    private final Hotkey validator;
    private final GridReceipts receipts;
    private final Transferring transferring;

    ReceiptDesk(Grid grid, Hotkey validator, GridReceipts receipts, Transferring transferring) {
        this.grid = grid;
        this.validator = validator;
        this.receipts = receipts;
        this.transferring = transferring;
    }

    /**
     * Finds receipts.
     *
     * @param job of this job, if given
     * @param miner of this miner, if given
     * @param ofValidator of this validator, if given
     * @param limit how many at most, at least 1
     * @return newest first
     */
    public List<SignedReceipt> find(
            Optional<JobId> job, Optional<Hotkey> miner, Optional<Hotkey> ofValidator, int limit) {
        return matching(receipt -> job.map(receipt.job()::equals).orElse(true)
                        && miner.map(receipt.miner()::equals).orElse(true)
                        && ofValidator.map(receipt.validator()::equals).orElse(true))
                .sorted(BY_TIME.reversed())
                .limit(limit)
                .toList();
    }

    private Stream<SignedReceipt> matching(Predicate<Receipt> wanted) {
        return grid.records().receipts().entries().values().stream().filter(signed -> wanted.test(signed.receipt()));
    }

    /**
     * Takes a receipt in, from whomever.
     *
     * @param signed the receipt
     * @return whether it is new; false if it was known
     * @throws ReceiptForged if a signature is not good
     * @throws InvalidArgument if it contradicts an earlier receipt of the same job, or says what can't be
     */
    public boolean take(SignedReceipt signed) {
        Receipt receipt = signed.receipt();
        if (!ReceiptPages.plausible(receipt, now())) {
            throw new InvalidArgument("timestamp", receipt.timestamp(), "within the last 10 hours, as the other times");
        }
        Optional<ReceiptSignatures.Flaw> flaw = ReceiptSignatures.flaw(signed);
        if (flaw.isPresent()) {
            throw new ReceiptForged(
                    receipt,
                    flaw.get() == ReceiptSignatures.Flaw.VALIDATOR_SIGNATURE ? receipt.validator() : receipt.miner());
        }
        Added added = GridAllowance.await(grid.newCall(), receipts.take(signed));
        if (added == Added.CONTRADICTS) {
            throw new InvalidArgument("receipt", "It contradicts an earlier receipt of job " + receipt.job());
        }
        return added == Added.NEW;
    }

    /**
     * A page of this validator's own receipts, in the format in which miners serve theirs: those whose timestamp is in the page's
     * five minutes, oldest first, a line for each.
     *
     * @param page the page's number: the Unix time in seconds, divided by 300
     * @return the lines; empty if there are none
     */
    public String page(long page) {
        return matching(receipt ->
                        receipt.validator().equals(validator) && ReceiptPages.pageOf(receipt.timestamp()) == page)
                // What a simulation states is signed by nobody.
                .filter(signed -> signed.validatorSignature().startsWith("0x"))
                .sorted(BY_TIME)
                .map(signed -> ReceiptJson.write(signed) + "\n")
                .collect(Collectors.joining());
    }

    /**
     * How the transfer of receipts is doing.
     *
     * @return a snapshot
     */
    public TransferReport transfer() {
        return transferring.report();
    }

    private Instant now() {
        return Instant.ofEpochMilli(grid.nowMillis());
    }
}
