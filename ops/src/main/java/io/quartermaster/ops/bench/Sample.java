package io.quartermaster.ops.bench;

import java.util.Arrays;

/** Durations of repeated calls, in microseconds. */
final class Sample {
    private final double[] sortedMicros;

    private Sample(double[] sortedMicros) {
        this.sortedMicros = sortedMicros;
    }

    /** Runs something often, and times each run. */
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

    static Sample of(double... micros) {
        double[] sorted = micros.clone();
        Arrays.sort(sorted);
        return new Sample(sorted);
    }

    double median() {
        return percentile(0.5);
    }

    double percentile(double part) {
        return sortedMicros[(int) Math.min(sortedMicros.length - 1, Math.floor(part * sortedMicros.length))];
    }
}
