package io.quartermaster.node.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.client.impl.clientside.HazelcastClientInstanceImpl;
import com.hazelcast.client.impl.clientside.HazelcastClientProxy;
import com.hazelcast.client.impl.management.ManagementCenterService;
import com.hazelcast.client.impl.protocol.ClientMessage;
import com.hazelcast.client.impl.protocol.codec.MCGetClusterMetadataCodec;
import com.hazelcast.client.impl.protocol.codec.MCGetMapConfigCodec;
import com.hazelcast.client.impl.protocol.codec.MCGetTimedMemberStateCodec;
import com.hazelcast.client.impl.protocol.codec.MCReadMetricsCodec;
import com.hazelcast.client.impl.spi.impl.ClientInvocation;
import com.hazelcast.cluster.Member;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.internal.metrics.MetricConsumer;
import com.hazelcast.internal.metrics.MetricDescriptor;
import com.hazelcast.internal.metrics.impl.MetricsCompressor;
import com.hazelcast.nio.serialization.genericrecord.GenericRecord;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.ledger.LedgerOutcome;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A member spoken to as Management Center speaks to it: by the messages of its protocol, without any class of ours. */
class ManagementCenterTest {
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static HazelcastInstance connect(String grid, int port, Duration patience) {
        ClientConfig config = new ClientConfig().setClusterName(grid);
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty(ManagementCenterService.MC_CLIENT_MODE_PROP.getName(), "true");
        config.getNetworkConfig().addAddress("127.0.0.1:" + port);
        config.getConnectionStrategyConfig()
                .getConnectionRetryConfig()
                .setClusterConnectTimeoutMillis(patience.toMillis());
        return HazelcastClient.newHazelcastClient(config);
    }

    private static ClientMessage ask(HazelcastInstance client, ClientMessage question) throws Exception {
        HazelcastClientInstanceImpl inside = ((HazelcastClientProxy) client).client;
        Member member = client.getCluster().getMembers().iterator().next();
        return new ClientInvocation(inside, question, null, member.getUuid())
                .invoke()
                .get(10, TimeUnit.SECONDS);
    }

    @Test
    void itReadsMembersSettingsStatisticsAndALedger() throws Exception {
        int port = freePort();
        try (TestGrids grids = new TestGrids(0)) {
            Grid grid = grids.start(GridSettings.alone().withManagementCenter(port));
            TestGrids.awaitServing(grid);
            grids.prepare(grid, 20);
            LedgerOutcome outcome = grids.submit(grid, grids.reserve(grid, "job-1", 30));
            grid.deadlines().set(TestGrids.MINER, ((LedgerOutcome.Reserved) outcome).booking());

            HazelcastInstance client = connect("quartermaster", port, Duration.ofSeconds(20));
            try {
                assertThat(client.getCluster().getMembers()).hasSize(1);
                var metadata = MCGetClusterMetadataCodec.decodeResponse(
                        ask(client, MCGetClusterMetadataCodec.encodeRequest()));
                assertThat(metadata.memberVersion).startsWith("5.");
                assertThat(MCGetTimedMemberStateCodec.decodeResponse(
                                ask(client, MCGetTimedMemberStateCodec.encodeRequest())))
                        .contains("\"clusterName\":\"quartermaster\"")
                        .contains("\"scriptingEnabled\":false", "\"consoleEnabled\":false");

                for (String map : MapNames.BOOKS) {
                    var config =
                            MCGetMapConfigCodec.decodeResponse(ask(client, MCGetMapConfigCodec.encodeRequest(map)));
                    assertThat(config.inMemoryFormat).as(map).isEqualTo(InMemoryFormat.OBJECT.getId());
                    assertThat(config.mergePolicy).as(map).isEqualTo(NewerBookMergePolicy.class.getName());
                }
                assertThat(mapsWithStatistics(client)).contains(MapNames.LEDGERS, MapNames.BLOCKS);
                readsEntries(client);
            } finally {
                client.shutdown();
            }
        }
    }

    private static void readsEntries(HazelcastInstance client) {
        GenericRecord ledger = Objects.requireNonNull(
                client.<String, GenericRecord>getMap(MapNames.LEDGERS).get(TestGrids.MINER.value()));
        assertThat(ledger.getString("miner")).isEqualTo("5Miner");
        assertThat(Objects.requireNonNull(ledger.getArrayOfGenericRecord("bookings")))
                .singleElement()
                .satisfies(booking -> assertThat(booking.getString("job")).isEqualTo("job-1"));

        var reservations = client.<Long, GenericRecord>getMap(MapNames.RESERVATIONS);
        await().until(() -> reservations.size() == 1);
        GenericRecord reservation = reservations.values().iterator().next();
        assertThat(reservation.getString("job")).isEqualTo("job-1");

        assertThat(client.getMap(MapNames.BLOCKS).values())
                .isNotEmpty()
                .allSatisfy(page -> assertThat(((GenericRecord) page).getArrayOfGenericRecord("records"))
                        .allSatisfy(
                                block -> assertThat(block.getInt64("number")).isBetween(100L, 120L)));
    }

    /** They are collected every five seconds. */
    private static Set<String> mapsWithStatistics(HazelcastInstance client) {
        Set<String> maps = Collections.synchronizedSet(new TreeSet<>());
        Member member = client.getCluster().getMembers().iterator().next();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            var read = MCReadMetricsCodec.decodeResponse(
                    ask(client, MCReadMetricsCodec.encodeRequest(member.getUuid(), 0)));
            read.elements.forEach(metrics -> MetricsCompressor.extractMetrics(metrics.getValue(), new MetricConsumer() {
                @Override
                public void consumeLong(MetricDescriptor descriptor, long value) {
                    if ("map".equals(descriptor.prefix()) && "setCount".equals(descriptor.metric())) {
                        maps.add(String.valueOf(descriptor.discriminatorValue()));
                    }
                }

                @Override
                public void consumeDouble(MetricDescriptor descriptor, double value) {}
            }));
            return maps.contains(MapNames.LEDGERS);
        });
        return maps;
    }

    @Test
    void itIsOnTheLoopbackAloneAndOnlyWhereItIsWanted() throws Exception {
        int port = freePort();
        try (TestGrids grids = new TestGrids(0)) {
            TestGrids.awaitServing(grids.start(GridSettings.alone().withManagementCenter(port)));
            for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                for (InetAddress address : Collections.list(network.getInetAddresses())) {
                    if (!address.isLoopbackAddress() && address.getAddress().length == 4) {
                        assertThatThrownBy(() -> new Socket(address, port).close())
                                .isInstanceOf(ConnectException.class);
                    }
                }
            }
        }
        try (TestGrids grids = new TestGrids(0)) {
            Grid grid = grids.start(GridSettings.alone());
            TestGrids.awaitServing(grid);
            int members = Integer.parseInt(grid.address().replaceFirst(".*:", ""));
            // The members' own port does not speak to clients.
            assertThatThrownBy(() -> connect("quartermaster", members, Duration.ofMillis(500)))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void itsPortIsAnotherOneThanTheGrids() {
        GridSettings settings = GridSettings.alone().withPort(5701);
        for (int wrong : new int[] {-1, 0, 5701, 70_000}) {
            assertThatThrownBy(() -> settings.withManagementCenter(wrong))
                    .isInstanceOf(InvalidArgument.class)
                    .hasMessageContaining("port for Management Center");
        }
    }
}
