package io.quartermaster.node.chain;

/** Random numbers that depend on nothing but a seed and on what they are for: no order of asking, no state. */
record Seeded(long seed) {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    /** The random numbers for something of its own. */
    Seeded about(String what) {
        long hash = seed;
        for (int i = 0; i < what.length(); i++) {
            hash = mix(hash ^ what.charAt(i));
        }
        return new Seeded(hash);
    }

    Seeded at(long index) {
        return new Seeded(mix(seed + GOLDEN * (index + 1)));
    }

    long bits() {
        return mix(seed);
    }

    /** From 0 to below 1. */
    double fraction() {
        return (bits() >>> 11) * 0x1.0p-53;
    }

    /** From least to most, both included. */
    int between(int least, int most) {
        return least + (int) (fraction() * (most - least + 1L));
    }

    double between(double least, double most) {
        return least + fraction() * (most - least);
    }

    boolean chance(double probability) {
        return fraction() < probability;
    }

    String text(String alphabet, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(at(i).between(0, alphabet.length() - 1)));
        }
        return text.toString();
    }

    /** Stafford's variant 13 of the finaliser of MurmurHash3, as in SplittableRandom. */
    private static long mix(long value) {
        long z = value + GOLDEN;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
