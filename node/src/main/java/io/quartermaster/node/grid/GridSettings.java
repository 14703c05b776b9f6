package io.quartermaster.node.grid;

import io.quartermaster.api.InvalidArgument;
import java.util.List;

/**
 * How a replica's member of the grid is set up.
 *
 * @param name the grid's name; replicas with another name are strangers
 * @param address the address to bind, by default the loopback
 * @param port the port to bind; 0 for any free one from 5701 on
 * @param members the addresses of all replicas, "host:port"; empty for a replica that stays alone
 * @param replicas how many replicas the grid has when all are there, from 1 to 7
 */
public record GridSettings(String name, String address, int port, List<String> members, int replicas) {
    /** A backup count of 6 is the most that the engine knows. */
    private static final int MOST_REPLICAS = 7;

    public GridSettings {
        members = List.copyOf(members);
        if (name.isBlank()) {
            throw new InvalidArgument("grid name", name, "a name that the deployment's replicas share and no others");
        }
        if (port < 0 || port > 65_535) {
            throw new InvalidArgument("grid port", port, "from 1 to 65535, or 0 for any");
        }
        if (replicas < 1 || replicas > MOST_REPLICAS) {
            throw new InvalidArgument("replicas", replicas, "from 1 to " + MOST_REPLICAS);
        }
    }

    /**
     * One replica alone, on the loopback: what an embedding program gets without saying more.
     *
     * @return the settings
     */
    public static GridSettings alone() {
        return new GridSettings("quartermaster", "127.0.0.1", 0, List.of(), 1);
    }

    /**
     * These settings with another port.
     *
     * @param newPort the port to bind; 0 for any free one
     * @return new settings
     */
    public GridSettings withPort(int newPort) {
        return new GridSettings(name, address, newPort, members, replicas);
    }
}
