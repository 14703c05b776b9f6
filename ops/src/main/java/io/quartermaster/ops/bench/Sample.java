package io.quartermaster.ops.bench;

import java.util.Arrays;
import java.util.Collection;

/** Figures of one kind, such as durations of repeated calls, in whatever unit they were given in. */
public final class Sample {
    private final double[] sorted;

    private Sample(double[] sorted) {
        this.sorted = sorted;
    }

    /** Runs something often, and times each run, in microseconds. */
    static Sample of(int warmUps, int runs, Runnable action) {
        for (int i = 0; i < warmUps; i++) {
            action.run();
        }
        double[] micros = new double[runs];
        for (int i = 0; i < runs; i++) {
            long begin = System.nanoTime();
            action.run();
            micros[i] = (System.nanoTime() - begin) / 1000.0;
        }
        return of(micros);
    }

    static Sample of(double... figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return new Sample(sorted);
    }

    /**
     * Takes figures as they come.
     *
     * @param figures in any order
     * @return the sample
     */
    public static Sample of(Collection<Long> figures) {
        return of(figures.stream().mapToDouble(Long::doubleValue).toArray());
    }

    /**
     * How many there are.
     *
     * @return 0 for none; every other figure of an empty sample is 0, too
     */
    public int size() {
        return sorted.length;
    }

    /**
     * The median.
     *
     * @return the upper one of two
     */
    public double median() {
        return percentile(0.5);
    }

    /**
     * The greatest figure.
     *
     * @return it
     */
    public double worst() {
        return percentile(1);
    }

    /**
     * The figure below which a part of all is.
     *
     * @param part from 0 to 1
     * @return one of the figures
     */
    public double percentile(double part) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
    }
}
