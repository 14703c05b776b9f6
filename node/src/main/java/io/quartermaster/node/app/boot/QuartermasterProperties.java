package io.quartermaster.node.app.boot;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.RecordedChain;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import io.quartermaster.node.grid.GridSettings;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.keys.Wallet;
import io.quartermaster.node.routing.RoutingSettings;
import io.quartermaster.node.store.Durability;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of a Spring Boot program's replica, under {@code quartermaster}. The chain is one of {@code simulated},
 * {@code recorded} and {@code lite}, or a bean of the program's own. A key that is not there is refused.
 *
 * @param simulated follow a simulated subnet
 * @param recorded follow a recording: this file
 * @param speed how fast time goes on a simulated or recorded chain, 1 is as in life
 * @param lite follow a real chain through these nodes, such as {@code ws://127.0.0.1:9944}
 * @param archive nodes for blocks whose state the lite ones no longer have
 * @param netuid which subnet of a real chain
 * @param hotkey the validator whose allowance is booked, where there is no wallet
 * @param wallet the validator's hotkey as a file that nobody else may read
 * @param grid the grid's name
 * @param replica this replica's id, from 1 to the number of members
 * @param members the addresses of all replicas, "host:port", this one's included; none for a replica alone
 * @param secretFile a file with what all replicas of the grid know and nobody else
 * @param data the directory where this replica keeps its books; without one they are gone with the process
 * @param durability when a change counts as done
 * @param router by what jobs are routed
 * @param params dynamic parameters to begin with, by name
 * @param readyWithin how long the program's start waits for the replica to be able to route; 0 does not wait
 */
@ConfigurationProperties(prefix = "quartermaster", ignoreUnknownFields = false)
public record QuartermasterProperties(
        boolean simulated,
        @Nullable Path recorded,
        @DefaultValue("1") double speed,
        @DefaultValue List<URI> lite,
        @DefaultValue List<URI> archive,
        @Nullable Integer netuid,
        @Nullable String hotkey,
        @Nullable Path wallet,
        @DefaultValue("quartermaster") String grid,
        @DefaultValue("1") int replica,
        @DefaultValue List<String> members,
        @Nullable Path secretFile,
        @Nullable Path data,
        @DefaultValue("FSYNC") Durability durability,
        @DefaultValue("ALLOWANCE") RoutingSettings.By router,
        @DefaultValue Map<String, String> params,
        @DefaultValue("1m") Duration readyWithin) {
    public QuartermasterProperties {
        lite = List.copyOf(lite);
        archive = List.copyOf(archive);
        members = List.copyOf(members);
        params = Map.copyOf(params);
    }

    /** Begins to follow the chain that is named. */
    Chain chain() {
        int named = (simulated ? 1 : 0) + (recorded == null ? 0 : 1) + (lite.isEmpty() ? 0 : 1);
        if (named != 1) {
            throw new InvalidArgument(
                    "quartermaster",
                    "quartermaster names " + named + " chains: one of quartermaster.simulated, .recorded and .lite must"
                            + " be set, or the program must have a bean of type Chain");
        }
        if (recorded != null) {
            return RecordedChain.open(recorded, speed);
        }
        return simulated
                ? new SimulatedSubnet(SimulationSettings.defaults().withSpeed(speed))
                : SubtensorChain.follow(nodes());
    }

    private SubtensorSettings nodes() {
        if (netuid == null) {
            throw new InvalidArgument("quartermaster.netuid", "none", "the subnet's number");
        }
        Optional<KeyPair> key = Optional.ofNullable(wallet).map(Wallet::read);
        if (hotkey == null && key.isEmpty()) {
            throw new InvalidArgument(
                    "quartermaster.hotkey", "none", "the validator's address, or quartermaster.wallet its file");
        }
        Hotkey validator = hotkey == null ? key.get().hotkey() : new Hotkey(hotkey);
        SubtensorSettings settings = SubtensorSettings.of(netuid, validator, lite, archive);
        return key.isPresent() ? settings.withWallet(key.get()) : settings;
    }

    /** How the replica is set up. */
    ReplicaSettings settings() {
        return ReplicaSettings.defaults()
                .withGrid(gridSettings())
                .withRouting(RoutingSettings.defaults().withRouter(router))
                .withParams(params);
    }

    private GridSettings gridSettings() {
        GridSettings settings = members.isEmpty() ? GridSettings.alone() : several();
        if (secretFile != null) {
            settings = settings.withSecret(secret(secretFile));
        }
        return data == null ? settings : settings.withDirectory(data, durability);
    }

    private GridSettings several() {
        if (replica < 1 || replica > members.size()) {
            throw new InvalidArgument(
                    "quartermaster.replica", replica, "from 1 to " + members.size() + ", the number of members");
        }
        String own = members.get(replica - 1);
        int colon = own.lastIndexOf(':');
        try {
            int port = Integer.parseInt(own.substring(colon + 1));
            return GridSettings.of(grid, replica, own.substring(0, Math.max(0, colon)), port, members);
        } catch (NumberFormatException e) {
            throw new InvalidArgument("quartermaster.members", own, "host:port");
        }
    }

    private static String secret(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new InvalidArgument("quartermaster.secret-file", file, "a file that can be read: " + e.getMessage());
        }
    }
}
