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
import com.hazelcast.config.SplitBrainProtectionConfig;
import com.hazelcast.splitbrainprotection.SplitBrainProtectionOn;
import io.quartermaster.node.views.Participant;

/** Says everything about the engine's set-up that matters explicitly; nothing leans on a default. */
final class GridConfig {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int FIRST_PORT = 5701;
    private static final int PORTS_TRIED = 1000;

    private GridConfig() {}

    static Config of(GridSettings settings, Card card) {
        Config config = new Config();
        config.setClusterName(settings.name());
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        // Otherwise it listens on all interfaces, and only says that it is where it was told to be.
        config.setProperty("hazelcast.socket.bind.any", "false");
        // Otherwise a member that leaves turns pending writes into successes that no other member holds.
        config.setProperty("hazelcast.operation.fail.on.indeterminate.state", "true");
        config.setProperty("hazelcast.operation.backup.timeout.millis", "2000");
        config.setProperty("hazelcast.operation.call.timeout.millis", "10000");
        config.setProperty("hazelcast.heartbeat.interval.seconds", "1");
        config.setProperty(
                "hazelcast.max.no.heartbeat.seconds",
                Long.toString(settings.silence().toSeconds()));
        config.setProperty("hazelcast.partial.member.disconnection.resolution.heartbeat.count", "5");
        // A side that comes back is taken in at once, not after minutes.
        config.setProperty("hazelcast.merge.first.run.delay.seconds", "2");
        config.setProperty("hazelcast.merge.next.run.delay.seconds", "2");
        // A partition that moves is closed meanwhile. What is said about it may get lost, and must not be waited for
        // long.
        config.setProperty("hazelcast.partition.migration.timeout", "5");
        config.setProperty("hazelcast.graceful.shutdown.max.wait", "15");
        config.setProperty("hazelcast.member.list.publish.interval.seconds", "5");
        config.getMemberAttributeConfig().setAttribute(Card.ATTRIBUTE, card.text());
        // Whoever joins has no part in the books until those who were there before know it.
        config.setLiteMember(settings.replicas() > 1);
        network(config.getAdvancedNetworkConfig(), settings);
        managementCenter(config, settings);
        serialization(config.getSerializationConfig());
        SqlMappings.configure(config, settings.managementSql());
        int others = settings.replicas() - 1;
        boolean plain = settings.experiment() == Experiment.PLAIN_HAZELCAST;
        for (String map : MapNames.BOOKS) {
            // The replicas themselves count who holds a decision, so the engine need not wait for anybody.
            MapConfig books = replicated(map, plain ? others : 0).setAsyncBackupCount(plain ? 0 : others);
            books.getMergePolicyConfig().setPolicy(NewerBookMergePolicy.class.getName());
            config.addMapConfig(books);
        }
        // Alarms need not outlive anything: the ledger has the deadline.
        config.addMapConfig(replicated(MapNames.RESERVATIONS, 0).setAsyncBackupCount(others));
        config.addMapConfig(replicated(MapNames.PRELIMINARY, 0).setAsyncBackupCount(others));
        if (plain) {
            SplitBrainProtectionConfig protection =
                    SplitBrainProtectionConfig.newRecentlyActiveSplitBrainProtectionConfigBuilder(
                                    "majority", Participant.majority(settings.replicas()), 3000)
                            .build();
            protection.setProtectOn(SplitBrainProtectionOn.READ_WRITE).setEnabled(true);
            config.addSplitBrainProtectionConfig(protection);
            MapNames.BOOKS.forEach(map -> config.getMapConfig(map).setSplitBrainProtectionName("majority"));
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
        settings.kubernetesService()
                .ifPresent(
                        service -> join.getKubernetesConfig().setEnabled(true).setProperty("service-dns", service));
        join.getTcpIpConfig().setEnabled(!settings.members().isEmpty());
        join.getTcpIpConfig().setConnectionTimeoutSeconds(2);
        settings.members().forEach(join.getTcpIpConfig()::addMember);
    }

    /** Not on by itself: a client may do to the maps whatever it likes, past the books. */
    private static void managementCenter(Config config, GridSettings settings) {
        boolean open = settings.managementCenter().isPresent();
        config.getManagementCenterConfig()
                .setDataAccessEnabled(open)
                .setConsoleEnabled(false)
                .setScriptingEnabled(false)
                .addTrustedInterface(LOOPBACK);
        config.getMetricsConfig().getManagementCenterConfig().setEnabled(open);
        settings.managementCenter().ifPresent(port -> {
            ServerSocketEndpointConfig endpoint = new ServerSocketEndpointConfig();
            endpoint.setName("management-center");
            endpoint.setPort(port);
            endpoint.setPortAutoIncrement(false);
            endpoint.getInterfaces().setEnabled(true).addInterface(LOOPBACK);
            config.getAdvancedNetworkConfig().setClientEndpointConfig(endpoint);
        });
    }

    private static void serialization(SerializationConfig serialization) {
        serialization.addDataSerializableFactory(WireFactory.ID, new WireFactory());
        serialization.addSerializerConfig(
                new SerializerConfig().setTypeClass(Reply.class).setImplementation(new ReplySerializer()));
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
