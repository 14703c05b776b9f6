package io.quartermaster.api;

/**
 * Names one reservation, in the whole grid and for ever: an id is never used again.
 *
 * <p>The upper bits are the number under which the grid keeps the miner, the lower 40 a count of that miner's reservations, so
 * that an id leads straight to the ledger that holds it. Callers treat it as opaque. Ids of the first 8,191 miners are below
 * 2<sup>53</sup> and so survive JSON readers that know only doubles.
 *
 * @param value a positive number
 */
public record ReservationId(long value) implements Comparable<ReservationId> {
    private static final int COUNT_BITS = 40;

    /** The largest miner number that an id can carry. */
    public static final int LARGEST_MINER_NUMBER = (1 << 23) - 1;

    /** The largest count of reservations of one miner that an id can carry. */
    public static final long LARGEST_COUNT = (1L << COUNT_BITS) - 1;

    /** Checks that the id is positive. */
    public ReservationId {
        Checks.atLeast("reservation", value, 1);
    }

    /**
     * Composes an id.
     *
     * @param minerNumber the grid's number of the miner, from 1
     * @param count the how-manieth reservation of that miner, from 1
     * @return the id
     */
    public static ReservationId of(int minerNumber, long count) {
        if (minerNumber < 1 || minerNumber > LARGEST_MINER_NUMBER) {
            throw new InvalidArgument("minerNumber", minerNumber, "from 1 to " + LARGEST_MINER_NUMBER);
        }
        if (count < 1 || count > LARGEST_COUNT) {
            throw new InvalidArgument("count", count, "from 1 to " + LARGEST_COUNT);
        }
        return new ReservationId(((long) minerNumber << COUNT_BITS) | count);
    }

    /**
     * The grid's number of the miner whose ledger holds this reservation.
     *
     * @return the number; 0 for an id that no grid has given out
     */
    public int minerNumber() {
        return (int) (value >>> COUNT_BITS);
    }

    @Override
    public int compareTo(ReservationId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
