package io.quartermaster.node.keys;

import cafe.cryptography.curve25519.RistrettoElement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Multiplies many points and adds the products up, by Pippenger's method: for each few bits of the factors the points are
 * sorted into buckets by what these bits are. Takes as long as the factors are, so it is not for secret ones.
 */
final class ManyPoints {
    private static final int FEW = 32;
    private static final int MANY = 400;

    private ManyPoints() {}

    /** The sum of the points, each times its factor, which is a number in little-endian bytes. All factors have one length. */
    static RistrettoElement sum(List<RistrettoElement> points, List<byte[]> factors) {
        if (points.isEmpty()) {
            return RistrettoElement.IDENTITY;
        }
        int width = points.size() < FEW ? 4 : points.size() < MANY ? 6 : 8;
        int bits = 8 * factors.get(0).length;
        RistrettoElement total = RistrettoElement.IDENTITY;
        for (int window = (bits - 1) / width; window >= 0; window--) {
            for (int i = 0; i < width; i++) {
                total = total.dbl();
            }
            total = total.add(windowSum(points, factors, window * width, width));
        }
        return total;
    }

    private static RistrettoElement windowSum(
            List<RistrettoElement> points, List<byte[]> factors, int from, int width) {
        @Nullable RistrettoElement[] buckets = new RistrettoElement[1 << width];
        for (int i = 0; i < points.size(); i++) {
            int digit = digit(factors.get(i), from, width);
            RistrettoElement there = buckets[digit];
            if (digit != 0) {
                buckets[digit] = there == null ? points.get(i) : there.add(points.get(i));
            }
        }
        // Bucket d counts d times: it is in each of the running sums from d down to 1.
        RistrettoElement running = RistrettoElement.IDENTITY;
        RistrettoElement sum = RistrettoElement.IDENTITY;
        for (int digit = buckets.length - 1; digit > 0; digit--) {
            RistrettoElement bucket = buckets[digit];
            running = bucket == null ? running : running.add(bucket);
            sum = sum.add(running);
        }
        return sum;
    }

    private static int digit(byte[] factor, int from, int width) {
        int value = 0;
        for (int i = 0; i < 3; i++) {
            int index = from / 8 + i;
            value |= index < factor.length ? Byte.toUnsignedInt(factor[index]) << (8 * i) : 0;
        }
        return (value >>> (from % 8)) & ((1 << width) - 1);
    }
}
