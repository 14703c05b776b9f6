package io.quartermaster.ops.evm;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A real EVM node, with the contract of these tests. Where it can't be installed, whoever starts it is skipped, with the reason.
 * Its ten accounts are those that anvil has always: they can be used without their keys, which are known to everybody anyway.
 */
public final class Anvil implements AutoCloseable {
    /** The first account: it deploys the contract and is its trustee. */
    static final String TRUSTEE = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

    /** Known to everybody. */
    public static final String TRUSTEE_KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    /** Other accounts. */
    public static final List<String> MINERS = List.of(
            "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
            "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
            "0x90f79bf6eb2c4f870365e785982e1f101e93b906");

    private static final Path TOOLS = Path.of("..", ".test-tools");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final URI uri;
    private final HttpClient http = HttpClient.newHttpClient();

    private Anvil(Process process, int port) {
        this.process = process;
        this.uri = URI.create("http://127.0.0.1:" + port);
    }

    /**
     * Starts a node.
     *
     * @param chainId its chain's number
     * @param options more options of anvil
     * @return the node, which answers
     */
    public static Anvil start(long chainId, String... options) {
        requireTools();
        List<String> command = new ArrayList<>(List.of(
                binary().toString(), "--host", "127.0.0.1", "--port", "0", "--chain-id", Long.toString(chainId)));
        command.addAll(Arrays.asList(options));
        try {
            Path log = Files.createTempFile("anvil", ".log");
            log.toFile().deleteOnExit();
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            String where = await().pollInterval(Duration.ofMillis(20))
                    .until(() -> listening(log), line -> !line.isEmpty() || !process.isAlive());
            if (where.isEmpty()) {
                throw new IllegalStateException("anvil ended: " + Files.readString(log));
            }
            return new Anvil(process, Integer.parseInt(where.replaceFirst(".*:", "")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String listening(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.startsWith("Listening on "))
                    .findFirst()
                    .orElse("");
        }
    }

    private static Path binary() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        String processor = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        return TOOLS.resolve(
                Path.of("node_modules", "@foundry-rs", "anvil-" + system + "-" + processor, "bin", "anvil"));
    }

    private static synchronized void requireTools() {
        try {
            Process install =
                    new ProcessBuilder("bin/install-test-tools").inheritIO().start();
            if (install.waitFor() != 0) {
                throw new IllegalStateException("ops/bin/install-test-tools failed");
            }
            Path missing = TOOLS.resolve("missing");
            if (Files.exists(missing)) {
                Assumptions.abort("SKIPPED, since there is no EVM node: "
                        + Files.readString(missing).strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted");
        }
    }

    /**
     * Where it answers.
     *
     * @return of HTTP
     */
    public URI uri() {
        return uri;
    }

    /** Asks for something; a refusal fails the test. */
    JsonNode ask(String method, Object... params) {
        try {
            String body = JSON.writeValueAsString(
                    Map.of("jsonrpc", "2.0", "id", 1, "method", method, "params", Arrays.asList(params)));
            JsonNode answer = JSON.readTree(http.send(
                            HttpRequest.newBuilder(uri)
                                    .header("Content-Type", "application/json")
                                    .POST(BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofString())
                    .body());
            if (answer.has("error")) {
                throw new IllegalStateException(method + ": " + answer.get("error"));
            }
            return answer.path("result");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted");
        }
    }

    long head() {
        return number(ask("eth_blockNumber").asString());
    }

    /** Makes blocks until the newest has a number. */
    void mineUpTo(long block) {
        long missing = block - head();
        if (missing > 0) {
            ask("anvil_mine", "0x" + Long.toHexString(missing));
        }
    }

    /** Deploys the contract for a subnet; returns its address. */
    public String deploy(int netuid) {
        try {
            String code = Files.readString(TOOLS.resolve("Collateral.bin")).strip();
            String parameters = word(BigInteger.valueOf(netuid))
                    + word(new BigInteger(TRUSTEE.substring(2), 16))
                    + word(BigInteger.ONE)
                    + word(BigInteger.valueOf(60));
            return transact(Map.of("from", TRUSTEE, "data", "0x" + code + parameters))
                    .path("contractAddress")
                    .asString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts collateral down; returns the block from which on it is there. */
    public long deposit(String contract, String miner, BigInteger wei) {
        JsonNode receipt =
                transact(Map.of("from", miner, "to", contract, "value", "0x" + wei.toString(16), "data", "0xd0e30db0"));
        return number(receipt.path("blockNumber").asString());
    }

    private JsonNode transact(Map<String, String> transaction) {
        String hash = ask("eth_sendTransaction", transaction).asString();
        return await().pollInterval(Duration.ofMillis(20))
                .until(
                        () -> ask("eth_getTransactionReceipt", hash),
                        receipt -> receipt.isObject()
                                && number(receipt.path("status").asString()) == 1);
    }

    private static String word(BigInteger value) {
        return String.format("%064x", value);
    }

    static long number(String hex) {
        return Long.parseLong(hex.substring(2), 16);
    }

    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        kill();
    }
}
