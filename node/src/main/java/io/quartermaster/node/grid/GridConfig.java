package io.quartermaster.node.grid;

import com.hazelcast.config.AdvancedNetworkConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.SerializationConfig;
import com.hazelcast.config.SerializerConfig;
import com.hazelcast.config.ServerSocketEndpointConfig;
import io.quartermaster.node.ledger.LedgerOutcome;

/** Says everything about the engine's set-up that matters explicitly; nothing leans on a default. */
final class GridConfig {
    private static final int FIRST_PORT = 5701;
    private static final int PORTS_TRIED = 1000;

    private GridConfig() {}

    static Config of(GridSettings settings) {
        Config config = new Config();
        config.setClusterName(settings.name());
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        // Otherwise a member that leaves turns pending writes into successes that no other member holds.
        config.setProperty("hazelcast.operation.fail.on.indeterminate.state", "true");
        config.setProperty("hazelcast.heartbeat.interval.seconds", "1");
        config.setProperty("hazelcast.max.no.heartbeat.seconds", "10");
        config.getJetConfig().setEnabled(false);
        network(config.getAdvancedNetworkConfig(), settings);
        serialization(config.getSerializationConfig());
        int backups = settings.replicas() - 1;
        for (String map : MapNames.ALL) {
            config.addMapConfig(replicated(map, backups));
        }
        return config;
    }

    /** A member endpoint only: without a client endpoint nobody can connect who is not a member. */
    private static void network(AdvancedNetworkConfig network, GridSettings settings) {
        network.setEnabled(true);
        ServerSocketEndpointConfig endpoint = new ServerSocketEndpointConfig();
        endpoint.setName("members");
        endpoint.setPort(settings.port() == 0 ? FIRST_PORT : settings.port());
        endpoint.setPortAutoIncrement(settings.port() == 0);
        endpoint.setPortCount(PORTS_TRIED);
        endpoint.getInterfaces().setEnabled(true).addInterface(settings.address());
        network.setMemberEndpointConfig(endpoint);
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(!settings.members().isEmpty());
        settings.members().forEach(join.getTcpIpConfig()::addMember);
    }

    private static void serialization(SerializationConfig serialization) {
        serialization.addDataSerializableFactory(WireFactory.ID, new WireFactory());
        serialization.addSerializerConfig(
                new SerializerConfig().setTypeClass(LedgerOutcome.class).setImplementation(new OutcomeSerializer()));
        CompactSerializers.all().forEach(serialization.getCompactSerializationConfig()::addSerializer);
        // Nothing of ours uses Java serialization; the engine's own classes may.
        JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig();
        filter.getWhitelist().addPrefixes("java.", "com.hazelcast.", "[");
        serialization.setJavaSerializationFilterConfig(filter);
    }

    /**
     * On every replica, as objects: an entry processor then works on the value itself, which is immutable. No TTL, no
     * eviction and no index (an index would copy the value at every change).
     */
    private static MapConfig replicated(String name, int backups) {
        return new MapConfig(name)
                .setInMemoryFormat(InMemoryFormat.OBJECT)
                .setBackupCount(backups)
                .setAsyncBackupCount(0)
                .setReadBackupData(false)
                .setStatisticsEnabled(true)
                .setPerEntryStatsEnabled(false);
    }
}
