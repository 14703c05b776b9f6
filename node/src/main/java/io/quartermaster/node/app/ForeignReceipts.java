package io.quartermaster.node.app;

import io.quartermaster.api.CallId;
import io.quartermaster.api.CannotSpend;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.ReceiptForged;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.api.SpendDetails;
import io.quartermaster.node.chain.ReceiptJson;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.ledger.BlockRecord;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.ForeignVerdict;
import io.quartermaster.node.ledger.LedgerCommand;
import io.quartermaster.node.ledger.LedgerOutcome;
import io.quartermaster.node.ledger.SpendingWindow;
import io.quartermaster.node.ledger.TemporaryBooks;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.params.ParameterSource;
import io.quartermaster.node.receipts.ReceiptSignatures;
import io.quartermaster.node.receipts.ReceiptSignatures.Flaw;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Judges the receipts of any validator's jobs. Safe for use by several threads. */
final class ForeignReceipts {
    private static final int DIGEST_BYTES = 16;

    private final Grid grid;
    private final Consumer<ExecutorClass> requireKnown;
    private final ParameterSource parameters;
    private final EventLog events;

    ForeignReceipts(Grid grid, Consumer<ExecutorClass> requireKnown, ParameterSource parameters, EventLog events) {
        this.grid = grid;
        this.requireKnown = requireKnown;
        this.parameters = parameters;
        this.events = events;
    }

    /** Books of their own for jobs that finish in a range of blocks. */
    TemporaryBooks open(long startBlock, long endBlock) {
        DynamicParameters current = parameters.current();
        return TemporaryBooks.open(
                grid.blocks(),
                grid.shelf()::newest,
                startBlock,
                endBlock,
                current.spendingValidationBlockLeewayLower(),
                current.spendingValidationBlockLeewayUpper());
    }

    SpendDetails validate(SignedReceipt receipt, SignedReceipt started) {
        Receipt.Finished end = end(receipt);
        ExecutorClass executorClass = start(started, end).executorClass();
        requireKnown.accept(executorClass);
        requireSigned(receipt, started);
        String digest = digest(receipt, started);
        Optional<ForeignVerdict> before = verdict(end);
        return answer(before.isPresent() ? before.get() : judge(end, executorClass, digest), digest);
    }

    private Optional<ForeignVerdict> verdict(Receipt.Finished end) {
        return grid.records().verdicts().get(ForeignVerdict.key(end.validator(), end.job()));
    }

    private ForeignVerdict judge(Receipt.Finished end, ExecutorClass executorClass, String digest) {
        BlockTable blocks = grid.blocks();
        SpendingWindow window = window(end, blocks);
        CallId call = grid.newCall();
        LedgerOutcome outcome = GridAllowance.await(
                call,
                grid.submit(
                        end.miner(),
                        new LedgerCommand.Charge(
                                call,
                                grid.sentMillis(),
                                end.validator(),
                                executorClass,
                                end.job(),
                                Amounts.nanos(end.costSeconds()),
                                end.blocks(),
                                window)));
        if (!(outcome instanceof LedgerOutcome.Charged charged)) {
            throw GridAllowance.tooLate();
        }
        ForeignVerdict verdict = new ForeignVerdict(
                end.job(), end.validator(), end.miner(), executorClass, digest, end.timestamp(), charged.blocks());
        boolean settled = charged.blocks().spendable().stream()
                .allMatch(block ->
                        blocks.record(block).filter(BlockRecord::finalised).isPresent());
        // A refusal for want of blocks that are still to come is none for ever.
        if (charged.blocks().pays() || settled) {
            String key = ForeignVerdict.key(end.validator(), end.job());
            boolean first = Boolean.TRUE.equals(GridAllowance.await(
                    grid.newCall(), grid.records().verdicts().put(key, verdict)));
            if (first) {
                report(verdict, charged.holders());
            }
            return first ? verdict : grid.records().verdicts().get(key).orElse(verdict);
        }
        return verdict;
    }

    private static SpendDetails answer(ForeignVerdict verdict, String digest) {
        if (!verdict.receipts().equals(digest)) {
            throw new InvalidArgument(
                    "receipt", "Other receipts of job " + verdict.job() + " of this validator were judged before");
        }
        if (!verdict.blocks().pays()) {
            throw new CannotSpend(verdict.blocks().details());
        }
        return verdict.blocks().details();
    }

    private SpendingWindow window(Receipt.Finished end, BlockTable blocks) {
        Optional<BlockRecord> newest = blocks.record(blocks.newest());
        if (newest.isEmpty() || end.timeStarted().toEpochMilli() >= newest.get().timeMillis()) {
            throw new GridUnavailable("The block at " + end.timeStarted()
                    + ", when the job started, is not known yet: the newest one is " + blocks.newest());
        }
        DynamicParameters current = parameters.current();
        return SpendingWindow.of(
                blocks,
                blocks.oldest(),
                blocks.newest() + 1,
                end.timeStarted(),
                current.spendingValidationBlockLeewayLower(),
                current.spendingValidationBlockLeewayUpper());
    }

    private static Receipt.Finished end(SignedReceipt receipt) {
        if (receipt.receipt() instanceof Receipt.Finished finished) {
            return finished;
        }
        throw new InvalidArgument("receipt", receipt.receipt().getClass().getSimpleName(), "a Finished receipt");
    }

    private static Receipt.Started start(SignedReceipt started, Receipt.Finished end) {
        if (!(started.receipt() instanceof Receipt.Started start)) {
            throw new InvalidArgument("started", started.receipt().getClass().getSimpleName(), "a Started receipt");
        }
        if (!start.job().equals(end.job())
                || !start.miner().equals(end.miner())
                || !start.validator().equals(end.validator())) {
            throw new InvalidArgument("started", start, "of the same job, miner and validator as the finished receipt");
        }
        return start;
    }

    private static void requireSigned(SignedReceipt receipt, SignedReceipt started) {
        List<SignedReceipt> both = List.of(receipt, started);
        List<Optional<Flaw>> flaws = ReceiptSignatures.flaws(both);
        for (int i = 0; i < flaws.size(); i++) {
            Receipt stated = both.get(i).receipt();
            if (flaws.get(i).isPresent()) {
                throw new ReceiptForged(
                        stated, flaws.get(i).get() == Flaw.VALIDATOR_SIGNATURE ? stated.validator() : stated.miner());
            }
        }
    }

    private static String digest(SignedReceipt receipt, SignedReceipt started) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(ReceiptJson.signedBytes(receipt.receipt()));
            sha.update(ReceiptJson.signedBytes(started.receipt()));
            return HexFormat.of().formatHex(sha.digest(), 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private void report(ForeignVerdict verdict, Set<JobId> holders) {
        if (holders.isEmpty()) {
            return;
        }
        String others = holders.stream().map(JobId::value).sorted().collect(Collectors.joining(", "));
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(SystemEvent.JOB, verdict.job().value());
        fields.put(SystemEvent.MINER, verdict.miner().value());
        fields.put("validator", verdict.validator().value());
        fields.put("class", verdict.executorClass().name());
        fields.put("blocks", verdict.blocks().alreadySpent().toString());
        fields.put("holders", others);
        events.record(new SystemEvent(
                Instant.ofEpochMilli(grid.nowMillis()),
                EventType.BLOCK_SPENT_TWICE,
                fields,
                "validator " + verdict.validator() + " pays for job " + verdict.job() + " with "
                        + verdict.blocks().alreadySpent().size() + " blocks that it has spent on " + others));
    }
}
