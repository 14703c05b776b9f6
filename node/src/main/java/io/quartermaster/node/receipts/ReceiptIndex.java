package io.quartermaster.node.receipts;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.Receipt;
import io.quartermaster.api.Receipt.Accepted;
import io.quartermaster.api.Receipt.Started;
import io.quartermaster.api.SignedReceipt;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/**
 * Receipts by job, and from them the jobs that go on. One receipt is kept of each kind and job, and those of one job agree on
 * its miner and validator; the first one stands.
 *
 * <p>A job goes on at an instant if its started or its accepted receipt is valid then, and no finished receipt is of then or
 * earlier. A receipt is valid from its timestamp to its timestamp plus its ttl, both included. The class is that of the
 * started receipt: a job without one occupies no class.
 *
 * <p>Safe for use by several threads. Looks at signatures only to tell whether two receipts are the same.
 */
public final class ReceiptIndex implements OngoingJobs {
    private final ConcurrentMap<JobId, Job> jobs = new ConcurrentHashMap<>();

    /** The jobs of {@link #jobs} that have a started receipt. An entry changes only while its job's entry is locked. */
    private final ConcurrentMap<Place, ConcurrentMap<JobId, Job>> jobsByPlace = new ConcurrentHashMap<>();

    /** The jobs that have a finished receipt, by its timestamp. Changes as {@link #jobsByPlace} does. */
    private final ConcurrentNavigableMap<Finish, FinishedJob> finishes = new ConcurrentSkipListMap<>();

    /** How many receipts there are of each miner. Changes as {@link #jobsByPlace} does. */
    private final Map<Hotkey, Integer> counts = new ConcurrentHashMap<>();

    /** What became of a receipt. */
    public enum Added {
        /** It is new. */
        NEW,
        /** It was there already; nothing changed. */
        KNOWN,
        /** It contradicts one that is there, and was kept out. */
        CONTRADICTS
    }

    /**
     * Takes a receipt in.
     *
     * @param receipt the receipt; its signatures have been verified
     * @return what became of it
     */
    public Added add(SignedReceipt receipt) {
        Outcome outcome = new Outcome();
        jobs.compute(receipt.receipt().job(), (id, known) -> {
            Job before = known == null ? Job.UNKNOWN : known;
            outcome.added = before.judge(receipt);
            if (outcome.added != Added.NEW) {
                return known;
            }
            Job after = before.with(receipt);
            counts.merge(receipt.receipt().miner(), 1, Integer::sum);
            after.finish().ifPresent(finished -> finishes.put(Finish.of(finished), finished));
            after.place()
                    .ifPresent(place -> jobsByPlace.compute(place, (key, there) -> {
                        ConcurrentMap<JobId, Job> here = there == null ? new ConcurrentHashMap<>() : there;
                        here.put(id, after);
                        return here;
                    }));
            return after;
        });
        return outcome.added;
    }

    /**
     * What would become of a receipt.
     *
     * @param receipt the receipt
     * @return what {@link #add} would say now
     */
    public Added judge(SignedReceipt receipt) {
        return jobs.getOrDefault(receipt.receipt().job(), Job.UNKNOWN).judge(receipt);
    }

    /**
     * The jobs that have finished in a span of time.
     *
     * @param from the beginning of it
     * @param before its end, not included
     * @return by the timestamp of the finished receipt, then by job
     */
    public List<FinishedJob> finished(Instant from, Instant before) {
        return List.copyOf(
                finishes.subMap(Finish.firstAt(from), Finish.firstAt(before)).values());
    }

    /**
     * Removes all receipts of a job.
     *
     * @param job the job
     */
    public void forget(JobId job) {
        jobs.computeIfPresent(job, (id, known) -> {
            remove(id, known);
            return null;
        });
    }

    /**
     * Removes the jobs whose receipts have all run out; no answer for that instant or a later one changes, also if the
     * receipts come in once more.
     *
     * @param before nobody asks about instants before this one any more
     * @return how many jobs were removed
     */
    public int prune(Instant before) {
        int removed = 0;
        for (JobId id : jobs.keySet()) {
            Outcome outcome = new Outcome();
            jobs.computeIfPresent(id, (same, job) -> {
                if (!job.endsBefore(before)) {
                    return job;
                }
                remove(same, job);
                outcome.added = Added.NEW;
                return null;
            });
            removed += outcome.added == Added.NEW ? 1 : 0;
        }
        return removed;
    }

    @Override
    public Set<JobId> ongoing(Hotkey miner, ExecutorClass executorClass, Instant at) {
        Map<JobId, Job> here = jobsByPlace.get(new Place(miner, executorClass));
        if (here == null) {
            return Set.of();
        }
        Set<JobId> ongoing = new HashSet<>();
        here.forEach((id, job) -> {
            if (job.ongoing(at)) {
                ongoing.add(id);
            }
        });
        return ongoing;
    }

    /**
     * How many receipts there are of a miner.
     *
     * @param miner the miner
     * @return at least 0
     */
    public int size(Hotkey miner) {
        return counts.getOrDefault(miner, 0);
    }

    /**
     * How many jobs there are receipts of.
     *
     * @return at least 0
     */
    public int size() {
        return jobs.size();
    }

    private void remove(JobId id, Job job) {
        job.receipts()
                .forEach(receipt ->
                        counts.computeIfPresent(receipt.miner(), (miner, count) -> count > 1 ? count - 1 : null));
        job.finish().ifPresent(finished -> finishes.remove(Finish.of(finished)));
        job.place()
                .ifPresent(place -> jobsByPlace.computeIfPresent(place, (key, here) -> {
                    here.remove(id);
                    return here.isEmpty() ? null : here;
                }));
    }

    private static final class Outcome {
        private Added added = Added.KNOWN;
    }

    private record Place(Hotkey miner, ExecutorClass executorClass) {}

    private record Finish(Instant at, String job) implements Comparable<Finish> {
        private static Finish of(FinishedJob job) {
            return new Finish(
                    job.finished().receipt().timestamp(),
                    job.finished().receipt().job().value());
        }

        private static Finish firstAt(Instant instant) {
            return new Finish(instant, "");
        }

        @Override
        public int compareTo(Finish other) {
            int byTime = at.compareTo(other.at);
            return byTime != 0 ? byTime : job.compareTo(other.job);
        }
    }

    /** What is known of one job. Immutable. */
    private record Job(
            Optional<SignedReceipt> started, Optional<SignedReceipt> accepted, Optional<SignedReceipt> finished) {
        private static final Job UNKNOWN = new Job(Optional.empty(), Optional.empty(), Optional.empty());

        private Added judge(SignedReceipt signed) {
            Optional<SignedReceipt> sameKind = receiptOfKind(signed.receipt());
            if (sameKind.isPresent()) {
                // The signature scheme is randomised: one receipt signed twice is still one receipt.
                return sameKind.get().receipt().equals(signed.receipt()) ? Added.KNOWN : Added.CONTRADICTS;
            }
            boolean agrees = receipts()
                    .allMatch(other -> other.miner().equals(signed.receipt().miner())
                            && other.validator().equals(signed.receipt().validator()));
            return agrees ? Added.NEW : Added.CONTRADICTS;
        }

        private Optional<SignedReceipt> receiptOfKind(Receipt receipt) {
            if (receipt instanceof Started) {
                return started;
            }
            return receipt instanceof Accepted ? accepted : finished;
        }

        private Job with(SignedReceipt signed) {
            if (signed.receipt() instanceof Started) {
                return new Job(Optional.of(signed), accepted, finished);
            }
            return signed.receipt() instanceof Accepted
                    ? new Job(started, Optional.of(signed), finished)
                    : new Job(started, accepted, Optional.of(signed));
        }

        private Optional<Place> place() {
            return started.map(signed -> (Started) signed.receipt())
                    .map(receipt -> new Place(receipt.miner(), receipt.executorClass()));
        }

        private Optional<FinishedJob> finish() {
            return finished.map(receipt -> new FinishedJob(receipt, started));
        }

        private boolean ongoing(Instant at) {
            if (finished.isPresent() && !finished.get().receipt().timestamp().isAfter(at)) {
                return false;
            }
            return (started.isPresent() && validAt(started.get().receipt(), at))
                    || (accepted.isPresent() && validAt(accepted.get().receipt(), at));
        }

        private boolean endsBefore(Instant instant) {
            return receipts().allMatch(receipt -> lastInstant(receipt).isBefore(instant));
        }

        private Stream<Receipt> receipts() {
            return Stream.of(started, accepted, finished)
                    .flatMap(Optional::stream)
                    .map(SignedReceipt::receipt);
        }

        private static boolean validAt(Receipt receipt, Instant at) {
            return !receipt.timestamp().isAfter(at) && !lastInstant(receipt).isBefore(at);
        }

        private static Instant lastInstant(Receipt receipt) {
            if (receipt instanceof Started started) {
                return plus(started.timestamp(), started.ttl());
            }
            return receipt instanceof Accepted accepted
                    ? plus(accepted.timestamp(), accepted.ttl())
                    : receipt.timestamp();
        }

        private static Instant plus(Instant instant, Duration ttl) {
            try {
                return instant.plus(ttl);
            } catch (DateTimeException | ArithmeticException beyondTime) {
                return ttl.isNegative() ? Instant.MIN : Instant.MAX;
            }
        }
    }
}
