package io.quartermaster.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.web.ReplicaHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HttpLoadTest {
    private static final int BLOCKS = 30;

    @Test
    void everyPairEndsAndWhatFailsIsCountedByItsKind() throws Exception {
        // One executor and one validator: a block is worth 12 s, more than a job, and the newest is worth nothing yet.
        int payable = BLOCKS - 1;
        BenchChain chain = new BenchChain(1, 1, Bench.CLASSES.subList(0, 1), 1, BLOCKS);
        try (Replica replica = Replica.replay(chain, ReplicaSettings.defaults());
                ReplicaHttp http = ReplicaHttp.start(replica, 0)) {
            // Of each five jobs one is of the class that there is; one connection, as there is one executor.
            HttpLoad load = new HttpLoad(URI.create(http.url()), 1, "test");
            HttpLoad.Outcome outcome = load.run(5 * (payable + 6), 1);
            assertThat(outcome.pair().size()).isEqualTo(payable);
            assertThat(outcome.failures())
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of("route: 409 NotEnoughAllowance", outcome.due() - payable));
        }
    }

    @Test
    void aPairThatWaitsForTheOneBeforeIsCountedFromWhenItWasDue() throws Exception {
        long heldMillis = 400;
        try (Standin standin = new Standin(heldMillis)) {
            HttpLoad.Outcome outcome = new HttpLoad(standin.url(), 1, "test").run(100, 1);
            assertThat(outcome.failed()).isZero();
            // Of those that were due while the first one was held, half waited for more than half as long.
            long waited = heldMillis * 1_000_000 / 2;
            assertThat(outcome.route().percentile(1 - heldMillis / 2000.0)).isGreaterThanOrEqualTo(waited * 0.9);
        }
    }

    @Test
    void aReplicaThatIsGoneFailsEveryPair() throws Exception {
        URI gone;
        try (Standin standin = new Standin(0)) {
            gone = standin.url();
        }
        HttpLoad.Outcome outcome = new HttpLoad(gone, 2, "test").run(10, 1);
        assertThat(outcome.failed()).isEqualTo(10);
        assertThat(outcome.failures())
                .hasSize(1)
                .allSatisfy((kind, count) -> assertThat(kind).startsWith("ConnectException"));
    }

    /** Answers as a replica does, in chunks where the body is long, but holds its first answer. */
    private static final class Standin implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final CountDownLatch never = new CountDownLatch(1);
        private final long heldMillis;

        Standin(long heldMillis) throws IOException {
            this.heldMillis = heldMillis;
            Thread thread = new Thread(this::serve, "standin");
            thread.setDaemon(true);
            thread.start();
        }

        URI url() {
            return URI.create("http://127.0.0.1:" + server.getLocalPort());
        }

        private void serve() {
            try (Socket socket = server.accept();
                    BufferedReader in = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
                boolean held = never.await(heldMillis, TimeUnit.MILLISECONDS);
                assertThat(held).isFalse();
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    // The line before it, which a body is, has no end of its own.
                    if (line.contains("POST /v1/routes ")) {
                        answer(
                                socket,
                                "201 ",
                                "Transfer-Encoding: chunked",
                                "",
                                "6",
                                "{\"rese",
                                "11",
                                "rvation\":1234567}",
                                "0",
                                "",
                                "");
                    } else if (line.contains("POST /v1/reservations/1234567/spend ")) {
                        answer(socket, "204 ", "", "");
                    }
                }
            } catch (IOException | InterruptedException over) {
                Thread.currentThread().interrupt();
            }
        }

        private static void answer(Socket socket, String... lines) throws IOException {
            socket.getOutputStream()
                    .write(("HTTP/1.1 " + String.join("\r\n", lines)).getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
