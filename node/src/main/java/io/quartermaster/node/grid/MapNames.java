package io.quartermaster.node.grid;

import java.util.List;

/** The maps of the grid, by the names under which operators see them. */
final class MapNames {
    /** Miner's hotkey to its ledger. */
    static final String LEDGERS = "ledgers";

    /** A lock's name to who holds it. */
    static final String LOCKS = "locks";

    /** Block number to what is known of the block. */
    static final String BLOCKS = "blocks";

    /** Digest of a list of neurons to the list: blocks name their list by it, since lists seldom change. */
    static final String NEURONS = "neurons";

    /** Miner's hotkey to its newest manifests. */
    static final String MANIFESTS = "manifests";

    /** Reservation id to what it is for; entries live as long as the reservation. */
    static final String RESERVATIONS = "reservations";

    /** "miner/job" to the incident. */
    static final String INCIDENTS = "incidents";

    /** "job/kind" to the receipt. */
    static final String RECEIPTS = "receipts";

    /** Miner's hotkey to its collateral in wei. */
    static final String COLLATERAL = "collateral";

    /** The maps whose entries follow the books that the replicas agree on. */
    static final List<String> BOOKS = List.of(LEDGERS, LOCKS);

    /** The maps that the engine alone keeps. */
    static final List<String> PLAIN =
            List.of(BLOCKS, NEURONS, MANIFESTS, RESERVATIONS, INCIDENTS, RECEIPTS, COLLATERAL);

    private MapNames() {}
}
