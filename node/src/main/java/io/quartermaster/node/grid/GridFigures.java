package io.quartermaster.node.grid;

import io.quartermaster.node.store.StoreFigures;
import java.util.Map;
import java.util.Optional;

/**
 * How a replica's member of the grid does, in figures.
 *
 * @param open whether changes can be made here
 * @param view the number of the view that it is in; 0 if it was in none yet
 * @param replicasPresent how many replicas are there
 * @param replicasConfigured how many there should be
 * @param partitionsSafe whether the engine has all the copies of its partitions that it should have
 * @param maps the engine's maps, by name
 * @param store the disk; empty if the replica keeps its books in memory only
 */
public record GridFigures(
        boolean open,
        long view,
        int replicasPresent,
        int replicasConfigured,
        boolean partitionsSafe,
        Map<String, MapFigures> maps,
        Optional<StoreFigures> store) {
    /** Copies the map. */
    public GridFigures {
        maps = Map.copyOf(maps);
    }

    /**
     * A map of the engine, as this member holds it.
     *
     * @param ownedEntries entries that are this member's to decide about
     * @param backupEntries entries that it holds for others
     * @param operations how many operations it has carried out on entries of its own
     */
    public record MapFigures(long ownedEntries, long backupEntries, long operations) {}
}
