package io.quartermaster.node.chain;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;

/**
 * Users' jobs, one after another without end. Most are short: half are below a minute, one in ten is above four minutes. Not
 * safe for use by several threads, apart from {@link #job}.
 */
public final class SimulatedJobs implements Iterator<SimulatedJobs.Job> {
    private static final int SHORTEST_SECONDS = 5;
    private static final int LONGEST_SECONDS = 600;
    private static final double MEDIAN_SECONDS = 55;
    private static final double SPREAD = 1.15;

    private final Seeded seeded;
    private final List<ExecutorClass> executorClasses;
    private final double jobsPerMinute;
    private long upcoming;

    /**
     * A job, and when it comes.
     *
     * @param id a UUID
     * @param executorClass the class of executors that it needs
     * @param seconds executor-seconds, a whole number from 5 to 600
     * @param gap how long after the job before it, by the simulation's clock
     */
    public record Job(JobId id, ExecutorClass executorClass, int seconds, Duration gap) {}

    /**
     * Jobs that come at random.
     *
     * @param seed what all else is drawn from
     * @param executorClasses the classes to choose from, at least one
     * @param jobsPerMinute how many come in a minute of the simulation's clock, on average; above 0, at most 1,000,000
     */
    public SimulatedJobs(long seed, List<ExecutorClass> executorClasses, double jobsPerMinute) {
        if (executorClasses.isEmpty()) {
            throw new InvalidArgument("executorClasses", executorClasses, "at least one class");
        }
        if (!(jobsPerMinute > 0 && jobsPerMinute <= 1e6)) {
            throw new InvalidArgument("jobsPerMinute", jobsPerMinute, "above 0 and at most 1000000");
        }
        this.seeded = new Seeded(seed).about("jobs");
        this.executorClasses = List.copyOf(executorClasses);
        this.jobsPerMinute = jobsPerMinute;
    }

    /**
     * A job by its place.
     *
     * @param index from 0
     * @return always the same for the same seed, classes, rate and index
     */
    public Job job(long index) {
        Seeded draw = seeded.at(index);
        // The version and variant bits of a random UUID.
        long high = (draw.at(0).bits() & ~0xf000L) | 0x4000L;
        long low = (draw.at(1).bits() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        ExecutorClass executorClass = executorClasses.get(draw.at(2).between(0, executorClasses.size() - 1));
        // Log-normal, by the Box-Muller method.
        double normal = Math.sqrt(-2 * Math.log1p(-draw.at(3).fraction()))
                * Math.cos(2 * Math.PI * draw.at(4).fraction());
        long seconds = Math.round(MEDIAN_SECONDS * Math.exp(SPREAD * normal));
        double gapMinutes = -Math.log1p(-draw.at(5).fraction()) / jobsPerMinute;
        return new Job(
                new JobId(new UUID(high, low).toString()),
                executorClass,
                (int) Math.max(SHORTEST_SECONDS, Math.min(LONGEST_SECONDS, seconds)),
                Duration.ofNanos(Math.round(gapMinutes * 60e9)));
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    // There is always another job.
    @SuppressWarnings("IteratorNextMethodCannotThrowNoSuchElement")
    @Override
    public Job next() {
        return job(upcoming++);
    }
}
