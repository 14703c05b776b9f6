package io.quartermaster.node.routing;

import java.util.random.RandomGenerator;

/** An order in which to try candidates, who are known by their indices. Immutable. */
final class Ranking {
    private static final double LEAST_WEIGHT = 1e-6;

    private final int[] order;
    private final double[] probabilities;

    private Ranking(int[] order, double[] probabilities) {
        this.order = order;
        this.probabilities = probabilities;
    }

    /** Highest score first; those of equal score in the order of their indices. */
    static Ranking byScore(double[] scores) {
        return new Ranking(descending(scores), new double[0]);
    }

    /**
     * A random order in which higher scores come first more often: drawn without replacement, with weights that a sigmoid
     * gives to the scores.
     *
     * @param softCutoff a score at which a weight is small, below 0; half way between it and 0 a weight is 1/2
     * @param separation how steep the sigmoid is, at least 0
     */
    static Ranking weighted(double[] scores, double softCutoff, double separation, RandomGenerator random) {
        double centre = softCutoff / 2;
        double steepness = -separation / centre;
        double[] weights = new double[scores.length];
        double[] keys = new double[scores.length];
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            weights[i] = weight(scores[i], centre, steepness);
            sum += weights[i];
            // Efraimidis and Spirakis 2006: the order of exponential keys is that of draws without replacement.
            keys[i] = Math.log(1 - random.nextDouble()) / weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return new Ranking(descending(keys), weights);
    }

    int size() {
        return order.length;
    }

    /** The index of the candidate at a rank, from 0. */
    int at(int rank) {
        return order[rank];
    }

    boolean isWeighted() {
        return probabilities.length > 0;
    }

    /** The normalised weight of a candidate by its index, where the ranking is weighted. */
    double probability(int index) {
        return probabilities[index];
    }

    static double weight(double score, double centre, double steepness) {
        double sigmoid = 1 / (1 + Math.exp(-steepness * (score - centre)));
        // 0 * infinity: as steep as can be, but right at the centre.
        double weight = Double.isNaN(sigmoid) ? 0.5 : sigmoid;
        return Math.max(LEAST_WEIGHT, Math.min(1 - LEAST_WEIGHT, weight));
    }

    /** The indices in order of descending keys, stable; in linear time if they are in order already. */
    private static int[] descending(double[] keys) {
        int[] order = new int[keys.length];
        boolean inOrder = true;
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
            inOrder &= i == 0 || keys[i - 1] >= keys[i];
        }
        return inOrder ? order : mergeSorted(order, keys);
    }

    /** A merge sort of our own: the JDK sorts indices by a key only as objects. */
    private static int[] mergeSorted(int[] order, double[] keys) {
        int[] from = order;
        int[] to = new int[order.length];
        for (int width = 1; width < order.length; width *= 2) {
            for (int start = 0; start < order.length; start += 2 * width) {
                merge(from, to, start, width, keys);
            }
            int[] merged = to;
            to = from;
            from = merged;
        }
        return from;
    }

    private static void merge(int[] from, int[] to, int start, int width, double[] keys) {
        int left = start;
        int leftEnd = Math.min(start + width, from.length);
        int right = leftEnd;
        int rightEnd = Math.min(start + 2 * width, from.length);
        for (int out = start; out < rightEnd; out++) {
            boolean takeLeft = right == rightEnd || (left < leftEnd && keys[from[left]] >= keys[from[right]]);
            to[out] = takeLeft ? from[left++] : from[right++];
        }
    }
}
