package io.quartermaster.node.ledger;

/**
 * What one validator has booked of one miner's executors of one class. All else follows from the factors.
 *
 * @param reserved the blocks that active reservations hold
 * @param spent the blocks that jobs have used up
 */
public record Account(BlockSet reserved, BlockSet spent) {
    /** Nothing is booked. */
    public static final Account EMPTY = new Account(BlockSet.EMPTY, BlockSet.EMPTY);

    /**
     * Whether a block is in a booking.
     *
     * @param block the block's number
     * @return true if it is reserved or spent
     */
    public boolean booked(long block) {
        return reserved.contains(block) || spent.contains(block);
    }

    Account reserve(BlockSet blocks) {
        return new Account(reserved.with(blocks.toArray()), spent);
    }

    Account release(BlockSet blocks) {
        return new Account(reserved.without(blocks.toArray()), spent);
    }

    Account spend(BlockSet blocks) {
        long[] numbers = blocks.toArray();
        return new Account(reserved.without(numbers), spent.with(numbers));
    }

    Account evict(long last) {
        return new Account(reserved.withoutUpTo(last), spent.withoutUpTo(last));
    }

    boolean isEmpty() {
        return reserved.isEmpty() && spent.isEmpty();
    }
}
