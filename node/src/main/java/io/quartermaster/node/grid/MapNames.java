package io.quartermaster.node.grid;

import java.util.List;

/** The maps of the grid, by the names under which operators see them. */
final class MapNames {
    /** Miner's hotkey to its ledger. */
    static final String LEDGERS = "ledgers";

    /** A lock's name to who holds it. */
    static final String LOCKS = "locks";

    /** What is known of blocks. */
    static final String BLOCKS = "blocks";

    /** Lists of neurons by digest: blocks name their list by it, since lists seldom change. */
    static final String NEURONS = "neurons";

    /** Miners' newest manifests. */
    static final String MANIFESTS = "manifests";

    /** Reservation id to what it is for; entries live as long as the reservation. */
    static final String RESERVATIONS = "reservations";

    /** Incidents. */
    static final String INCIDENTS = "incidents";

    /** Receipts. */
    static final String RECEIPTS = "receipts";

    /** Miners' collateral. */
    static final String COLLATERAL = "collateral";

    /** What happened, in batches. */
    static final String EVENTS = "events";

    /** The dynamic parameters. */
    static final String PARAMETERS = "parameters";

    /** How far miners' pages of receipts were read. */
    static final String CHECKPOINTS = "checkpoints";

    /** What was said of foreign receipts. */
    static final String VERDICTS = "verdicts";

    /** Miner's hotkey to its preliminary reservations, and what is used of its cycle's allowance. */
    static final String SLOTS = "slots";

    /** Preliminary reservations by job; entries live as long as the executor is kept. */
    static final String PRELIMINARY = "preliminary-reservations";

    /** Miners that get no jobs, and why. */
    static final String BLACKLIST = "blacklist";

    /** What validators may use in each cycle. */
    static final String CYCLES = "cycles";

    /** The maps whose entries follow the books that the replicas agree on; those of records have a page in each entry. */
    static final List<String> BOOKS = List.of(
            LEDGERS,
            LOCKS,
            SLOTS,
            BLOCKS,
            NEURONS,
            MANIFESTS,
            INCIDENTS,
            RECEIPTS,
            COLLATERAL,
            EVENTS,
            PARAMETERS,
            CHECKPOINTS,
            VERDICTS,
            BLACKLIST,
            CYCLES);

    private MapNames() {}
}
