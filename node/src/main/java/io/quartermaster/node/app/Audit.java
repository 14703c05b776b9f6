package io.quartermaster.node.app;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.api.Triplet;
import io.quartermaster.node.app.AuditReport.OfValidator;
import io.quartermaster.node.app.AuditReport.Reason;
import io.quartermaster.node.app.AuditReport.Rejected;
import io.quartermaster.node.app.AuditReport.Suspicion;
import io.quartermaster.node.ledger.BlockTable;
import io.quartermaster.node.ledger.Limits;
import io.quartermaster.node.ledger.OfferedBlocks;
import io.quartermaster.node.ledger.TemporaryBooks;
import io.quartermaster.node.receipts.FinishedJob;
import io.quartermaster.node.receipts.ReceiptIndex;
import io.quartermaster.node.receipts.ReceiptSignatures;
import io.quartermaster.node.receipts.ReceiptSignatures.Flaw;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Goes through all jobs that finished in a range of blocks, in the order in which they finished, with books of its own that begin
 * with what was spent before: what it says does not depend on the order in which receipts arrived, and it changes nothing. Used
 * once, by one thread.
 */
final class Audit {
    private final long from;
    private final long to;
    private final BlockTable blocks;
    private final TemporaryBooks books;
    private final ReceiptIndex index;
    private final Map<Hotkey, Draft> drafts = new TreeMap<>();
    private final Map<Triplet, Map<Long, List<JobId>>> named = new HashMap<>();
    private final Set<JobId> inRange = new HashSet<>();

    /** What is known of a validator so far. */
    private static final class Draft {
        private int jobs;
        private int paid;
        private double seconds;
        private int blocks;
        private final List<Rejected> rejected = new ArrayList<>();
        private final List<Suspicion> suspicious = new ArrayList<>();
    }

    private Audit(long from, long to, BlockTable blocks, TemporaryBooks books, ReceiptIndex index) {
        this.from = from;
        this.to = to;
        this.blocks = blocks;
        this.books = books;
        this.index = index;
    }

    /**
     * Audits a range of blocks.
     *
     * @param from the first block
     * @param to the block after the last
     * @throws InvalidArgument if not all of the range is among the blocks that are kept
     */
    static AuditReport of(long from, long to, BlockTable blocks, ForeignReceipts foreign, ReceiptIndex index) {
        if (blocks.isEmpty() || from < blocks.oldest() || to > blocks.newest() || from >= to) {
            throw new InvalidArgument(
                    "range",
                    from + " to " + to,
                    blocks.isEmpty()
                            ? "of blocks that are kept: there are none yet"
                            : "of at least one block, within " + blocks.oldest() + " to " + blocks.newest());
        }
        // The block after the range tells when its last one ended.
        Audit audit = new Audit(from, to, blocks, foreign.open(from, to + 1), index);
        return audit.report();
    }

    private AuditReport report() {
        Instant begin = mintedAt(from);
        List<FinishedJob> jobs = index.finished(
                mintedAt(Math.max(blocks.oldest(), from - Limits.LONGEST_JOB_BLOCKS - Limits.BLOCK_EXPIRY)),
                mintedAt(to));
        List<Boolean> signed = signed(jobs);
        for (int i = 0; i < jobs.size(); i++) {
            judge(jobs.get(i), signed.get(i), !jobs.get(i).end().timestamp().isBefore(begin));
        }
        named.forEach(this::suspect);
        List<OfValidator> validators = new ArrayList<>();
        drafts.forEach((validator, draft) -> validators.add(new OfValidator(
                validator,
                draft.jobs,
                draft.paid,
                draft.seconds,
                draft.blocks,
                List.copyOf(draft.rejected),
                List.copyOf(draft.suspicious))));
        return new AuditReport(from, to, validators);
    }

    private Instant mintedAt(long block) {
        return Instant.ofEpochMilli(
                blocks.record(blocks.firstFrom(block)).orElseThrow().timeMillis());
    }

    private static List<Boolean> signed(List<FinishedJob> jobs) {
        List<SignedReceipt> receipts = new ArrayList<>();
        for (FinishedJob job : jobs) {
            receipts.add(job.finished());
            // One in the other's place, so that every job has two.
            receipts.add(job.started().orElse(job.finished()));
        }
        List<Optional<Flaw>> flaws = ReceiptSignatures.flaws(receipts);
        List<Boolean> signed = new ArrayList<>();
        for (int i = 0; i < flaws.size(); i += 2) {
            signed.add(simulated(receipts.get(i))
                    || (flaws.get(i).isEmpty() && flaws.get(i + 1).isEmpty()));
        }
        return signed;
    }

    /** No such receipt can come from a miner or over HTTP: only a simulation or a recording of one brings it. */
    private static boolean simulated(SignedReceipt receipt) {
        return receipt.validatorSignature().equals(SimulatedLoad.UNSIGNED);
    }

    private void judge(FinishedJob job, boolean signed, boolean counts) {
        Receipt.Finished end = job.end();
        Draft draft = counts ? drafts.computeIfAbsent(end.validator(), key -> new Draft()) : new Draft();
        draft.jobs++;
        if (counts) {
            inRange.add(end.job());
        }
        if (!signed) {
            reject(draft, job, Reason.FORGED, null);
            return;
        }
        if (job.executorClass().isEmpty()) {
            reject(draft, job, Reason.NOT_STARTED, null);
            return;
        }
        Triplet triplet =
                new Triplet(end.validator(), end.miner(), job.executorClass().get());
        Map<Long, List<JobId>> blocksNamed = named.computeIfAbsent(triplet, key -> new HashMap<>());
        for (long block : new LinkedHashSet<>(end.blocks())) {
            blocksNamed.computeIfAbsent(block, key -> new ArrayList<>(1)).add(end.job());
        }
        try {
            OfferedBlocks sorted = books.judge(triplet, end.timeStarted(), end.blocks(), end.costSeconds());
            if (sorted.pays()) {
                draft.paid++;
                draft.seconds += end.costSeconds();
                draft.blocks += sorted.spendable().size();
            } else {
                reject(draft, job, Reason.CANNOT_SPEND, sorted);
            }
        } catch (InvalidArgument outsideKnownBlocks) {
            reject(draft, job, Reason.OUTSIDE_KNOWN_BLOCKS, null);
        }
    }

    private static void reject(Draft draft, FinishedJob job, Reason reason, @Nullable OfferedBlocks sorted) {
        Optional<ExecutorClass> executorClass = job.executorClass();
        draft.rejected.add(new Rejected(
                job.end().job(),
                job.end().miner(),
                executorClass,
                reason,
                Optional.ofNullable(sorted).map(OfferedBlocks::details)));
    }

    private void suspect(Triplet triplet, Map<Long, List<JobId>> jobsByBlock) {
        Map<List<JobId>, List<Long>> blocksByJobs = new HashMap<>();
        jobsByBlock.forEach((block, jobs) -> {
            if (jobs.size() > 1 && jobs.stream().anyMatch(inRange::contains)) {
                blocksByJobs.computeIfAbsent(jobs, key -> new ArrayList<>()).add(block);
            }
        });
        Draft draft = drafts.get(triplet.validator());
        if (draft != null) {
            blocksByJobs.forEach((jobs, blocksOfThem) -> draft.suspicious.add(new Suspicion(
                    triplet.miner(),
                    triplet.executorClass(),
                    blocksOfThem.stream().sorted().toList(),
                    jobs)));
        }
    }
}
