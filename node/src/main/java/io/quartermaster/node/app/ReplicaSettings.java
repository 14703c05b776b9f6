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
 */
public record ReplicaSettings(
        GridSettings grid,
        RoutingSettings routing,
        ExecutorClasses classes,
        Map<String, String> params,
        Optional<Path> record) {
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
                Optional.empty());
    }

    /**
     * These settings with another member of the grid.
     *
     * @param newGrid the member's settings
     * @return new settings
     */
    public ReplicaSettings withGrid(GridSettings newGrid) {
        return new ReplicaSettings(newGrid, routing, classes, params, record);
    }

    /**
     * These settings with other routing.
     *
     * @param newRouting how to route
     * @return new settings
     */
    public ReplicaSettings withRouting(RoutingSettings newRouting) {
        return new ReplicaSettings(grid, newRouting, classes, params, record);
    }

    /**
     * These settings with dynamic parameters.
     *
     * @param newParams parameters by name
     * @return new settings
     */
    public ReplicaSettings withParams(Map<String, String> newParams) {
        return new ReplicaSettings(grid, routing, classes, newParams, record);
    }

    /**
     * These settings with a recording.
     *
     * @param file the file to record in
     * @return new settings
     */
    public ReplicaSettings withRecording(Path file) {
        return new ReplicaSettings(grid, routing, classes, params, Optional.of(file));
    }
}
