package io.quartermaster.node.app;

import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.manifest.ExecutorClasses;
import io.quartermaster.node.routing.RoutingSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How a replica is set up.
 *
 * @param grid its member of the grid
 * @param routing how it routes
 * @param classes the executor classes that it knows
 * @param params dynamic parameters by name; they go before those that a recording names
 * @param record the file to record what is seen in, if any; it must not exist
 * @param follows whether it may follow the chain and take others' place in it; an arbiter only keeps the books
 */
public record ReplicaSettings(
        GridSettings grid,
        RoutingSettings routing,
        ExecutorClasses classes,
        Map<String, String> params,
        Optional<Path> record,
        boolean follows) {
    public ReplicaSettings {
        params = Map.copyOf(params);
    }

    /**
     * One replica alone on the loopback, with the defaults of everything.
     *
     * @return the settings
     */
    public static ReplicaSettings defaults() {
        return new ReplicaSettings(
                GridSettings.alone(),
                RoutingSettings.defaults(),
                ExecutorClasses.defaults(),
                Map.of(),
                Optional.empty(),
                true);
    }

    /**
     * These settings with another member of the grid.
     *
     * @param newGrid the member's settings
     * @return new settings
     */
    public ReplicaSettings withGrid(GridSettings newGrid) {
        return new ReplicaSettings(newGrid, routing, classes, params, record, follows);
    }

    /**
     * These settings with other routing.
     *
     * @param newRouting how to route
     * @return new settings
     */
    public ReplicaSettings withRouting(RoutingSettings newRouting) {
        return new ReplicaSettings(grid, newRouting, classes, params, record, follows);
    }

    /**
     * These settings with dynamic parameters.
     *
     * @param newParams parameters by name
     * @return new settings
     */
    public ReplicaSettings withParams(Map<String, String> newParams) {
        return new ReplicaSettings(grid, routing, classes, newParams, record, follows);
    }

    /**
     * These settings with a recording.
     *
     * @param file the file to record in
     * @return new settings
     */
    public ReplicaSettings withRecording(Path file) {
        return new ReplicaSettings(grid, routing, classes, params, Optional.of(file), follows);
    }

    /**
     * These settings for a replica that only keeps the books: it counts in majorities and decides about its share of the
     * miners, so that two others and this one outlive any one of them, and needs no access to the chain.
     *
     * @return new settings
     */
    public ReplicaSettings asArbiter() {
        return new ReplicaSettings(grid, routing, classes, params, record, false);
    }
}
