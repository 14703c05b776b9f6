package io.quartermaster.node.collateral.evm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.CollateralSource.Readings;
import io.quartermaster.node.chain.EvmDirectory;
import io.quartermaster.node.chain.Observation.BlockSeen;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Collateral read through a node that misbehaves. The one that behaves is a real one, elsewhere. */
@SuppressWarnings("NullAway.Init") // set before each test
class ContractCollateralTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Hotkey VALIDATOR = new Hotkey("5Validator");
    private static final String CONTRACT = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

    /** 5 TAO. */
    private static final String AMOUNT = "0x0000000000000000000000000000000000000000000000004563918244f40000";

    private HttpServer server;
    private final List<JsonNode> questions = Collections.synchronizedList(new ArrayList<>());
    private volatile Function<JsonNode, @Nullable Object> answer = this::rightAnswer;
    private volatile UnaryOperator<String> body = UnaryOperator.identity();
    private volatile Optional<String> published = Optional.of("{\"contract\":{\"address\":\"" + CONTRACT + "\"}}");

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            List<Object> answers = new ArrayList<>();
            for (JsonNode question : JSON.readTree(exchange.getRequestBody().readAllBytes())) {
                questions.add(question);
                Object one = answer.apply(question);
                if (one != null) {
                    answers.add(one);
                }
            }
            // In any order.
            Collections.reverse(answers);
            byte[] bytes = body.apply(JSON.writeValueAsString(answers)).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Object rightAnswer(JsonNode question) {
        return switch (question.path("method").asString("")) {
            case "eth_chainId" -> result(question, "0x3c4");
            case "eth_getCode" -> result(question, "0x6080");
            default -> result(question, AMOUNT);
        };
    }

    private static Object result(JsonNode question, String result) {
        return Map.of("jsonrpc", "2.0", "id", question.path("id"), "result", result);
    }

    private static boolean asks(JsonNode question, int uid) {
        return question.path("params")
                .path(0)
                .path("data")
                .asString("")
                .endsWith(address(uid).substring(2));
    }

    private static String address(int uid) {
        return String.format("0x%040x", 0xa000 + uid);
    }

    private static Hotkey miner(int uid) {
        return new Hotkey("5Miner" + uid);
    }

    private static BlockSeen block(int miners) {
        List<Neuron> neurons = IntStream.range(0, miners)
                .mapToObj(uid -> new Neuron(
                        uid, new Hotkey("5Owner"), new Miner(miner(uid), "10.0.0.1", 8000, 4, Optional.empty())))
                .toList();
        return new BlockSeen(4_711, 1_000, Optional.of("0x01"), neurons, List.of());
    }

    /** All but the third miner have an address. */
    private ContractCollateral source(Optional<EvmAddress> configured) {
        EvmDirectory directory = new EvmDirectory() {
            @Override
            public CompletableFuture<Map<Hotkey, String>> addresses(BlockSeen block) {
                Map<Hotkey, String> addresses = new java.util.TreeMap<>();
                block.neurons().stream()
                        .filter(neuron -> neuron.uid() != 2)
                        .forEach(neuron -> addresses.put(neuron.hotkey(), address(neuron.uid())));
                return CompletableFuture.completedFuture(addresses);
            }

            @Override
            public CompletableFuture<Optional<String>> published(BlockSeen block, Hotkey neuron) {
                assertThat(neuron).isEqualTo(VALIDATOR);
                return CompletableFuture.completedFuture(published);
            }
        };
        URI uri = URI.create("ws://127.0.0.1:" + server.getAddress().getPort());
        return new ContractCollateral(EvmNode.at(uri, Duration.ofSeconds(2)), directory, VALIDATOR, configured);
    }

    private Readings read(int miners) {
        return source(Optional.empty()).read(block(miners)).join();
    }

    @Test
    void allAreReadAsOfOneBlockInAsFewRequestsAsNeedBe() {
        Readings readings = read(150);
        assertThat(readings.failed()).isEmpty();
        assertThat(readings.seen().block()).isEqualTo(4_711);
        assertThat(readings.seen().wei()).hasSize(150).containsEntry(miner(2), BigInteger.ZERO);
        assertThat(readings.seen().wei().get(miner(0))).isEqualTo("5000000000000000000");
        assertThat(questions)
                .filteredOn(question -> question.path("method").asString("").equals("eth_call"))
                .hasSize(149)
                .allSatisfy(call -> {
                    assertThat(call.path("params").path(1).asString()).isEqualTo("0x1267");
                    assertThat(call.path("params").path(0).path("to").asString())
                            .isEqualTo(CONTRACT);
                    assertThat(call.path("params").path(0).path("data").asString())
                            .startsWith("0xeeb97d3b000000000000000000000000");
                });
    }

    @Test
    void whoseAmountIsMissingRefusedOrNonsenseKeepsItsLast() {
        answer = question -> {
            if (asks(question, 0)) {
                return null;
            }
            if (asks(question, 1)) {
                return Map.of(
                        "id", question.path("id"), "error", Map.of("code", 3, "message", "no", "data", "0x5aa309bb"));
            }
            if (asks(question, 3)) {
                return result(question, "0x45");
            }
            return asks(question, 4) ? result(question, AMOUNT + "00") : rightAnswer(question);
        };
        Readings readings = read(6);
        assertThat(readings.seen().wei()).containsOnlyKeys(miner(2), miner(5));
        assertThat(readings.failed()).containsOnlyKeys(miner(0), miner(1), miner(3), miner(4));
        assertThat(readings.failed().get(miner(1))).isEqualTo("the contract says NotTrustee");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>",
                "{\"error\":{\"message\":\"no batches here\"}}",
                "42",
                "[]",
                "[{\"id\":0,\"result\":\"0x1\"}]"
            })
    void nonsenseIsNoAmountForAnybody(String nonsense) {
        body = right -> nonsense;
        assertThatThrownBy(() -> read(3)).hasCauseInstanceOf(EvmUnavailable.class);
    }

    @Test
    void anAnswerWithoutEndIsNotRead() {
        body = right -> " ".repeat(2 << 20) + right;
        assertThatThrownBy(() -> read(3))
                .hasCauseInstanceOf(EvmUnavailable.class)
                .hasMessageContaining("bytes");
    }

    @Test
    void theContractIsTheOneThatIsConfiguredElseTheOneThatWasPublishedLast() {
        EvmAddress other = new EvmAddress("0x" + "11".repeat(20));
        assertThat(source(Optional.of(other)).contract(block(1)).join()).isEqualTo(other);

        ContractCollateral source = source(Optional.empty());
        published = Optional.of("<M:A3>");
        assertThatThrownBy(() -> source.contract(block(1)).join())
                .hasCauseInstanceOf(EvmUnavailable.class)
                .hasMessageContaining("--collateral-contract");
        published = Optional.of("{\"contract\":{\"address\":\"0x5FbDB2315678afecb367f032d93F642f64180aa3\"}}");
        assertThat(source.contract(block(1)).join()).isEqualTo(new EvmAddress(CONTRACT));
        for (String elsewise :
                List.of("", "{", "{\"contract\":5}", "{\"contract\":{\"address\":\"0x12\"}}", "<M:A3>")) {
            published = Optional.of(elsewise);
            assertThat(source.contract(block(1)).join()).isEqualTo(new EvmAddress(CONTRACT));
        }
    }

    @Test
    void anAddressIsWrittenRightOrRefused() {
        assertThat(new EvmAddress(CONTRACT)).hasToString("0x5FbDB2315678afecb367f032d93F642f64180aa3");
        for (String wrong : List.of(
                "", "0x", CONTRACT.substring(2), CONTRACT + "0", "0x5FBDB2315678afecb367f032d93F642f64180aa3")) {
            assertThatThrownBy(() -> new EvmAddress(wrong)).isInstanceOf(InvalidArgument.class);
        }
    }

    /** The words of geth, of Frontier, which is subtensor's EVM, and of anvil. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nonce too low                                                     | NONCE_TOO_LOW
            nonce too low: next nonce 5, tx nonce 3                           | NONCE_TOO_LOW
            nonce too high                                                    | NONCE_TOO_HIGH
            replacement transaction underpriced                               | REPLACEMENT_UNDERPRICED
            already known                                                     | ALREADY_SENT
            transaction already imported                                      | ALREADY_SENT
            insufficient funds for gas * price + value                        | INSUFFICIENT_FUNDS
            Insufficient funds for gas * price + value                        | INSUFFICIENT_FUNDS
            intrinsic gas too low                                             | GAS_TOO_LOW
            out of gas: gas required exceeds allowance: 200                   | GAS_TOO_LOW
            exceeds block gas limit                                           | GAS_TOO_HIGH
            max fee per gas less than block base fee                          | GAS_PRICE_TOO_LOW
            gas price less than block base fee                                | GAS_PRICE_TOO_LOW
            transaction underpriced                                           | GAS_PRICE_TOO_LOW
            VM Exception while processing transaction: revert                 | REVERTED
            execution reverted: custom error 0x5aa309bb                       | REVERTED
            the moon is full                                                  | REFUSED
            """)
    void aNodesWordsAreUnderstood(String words, SlashTrouble trouble) {
        assertThat(SlashTrouble.of(words)).isEqualTo(trouble);
    }

    @Test
    void whatIsCalledIsWhatTheContractHas() {
        EvmAddress miner = new EvmAddress("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
        assertThat(CollateralAbi.collaterals(miner))
                .isEqualTo("0xeeb97d3b00000000000000000000000070997970c51812dc3a010c7d01b50e0d17dc79c8");
        assertThat(CollateralAbi.trustee()).isEqualTo("0x881cf23b");
        assertThat(CollateralAbi.slashCollateral(miner, BigInteger.TEN, "https://x/y", new byte[16]))
                .startsWith("0x3d5899ab");
        assertThat(ContractErrors.named("0x5945ea56")).contains("InsufficientAmount");
        assertThat(ContractErrors.named("0xe39815fd")).contains("ReclaimAmountTooSmall");
        assertThat(ContractErrors.named(
                        "0x08c379a0" + "00".repeat(31) + "20" + "00".repeat(31) + "02" + "6e6f" + "00".repeat(30)))
                .contains("\"no\"");
        for (String none : List.of("0x", "0x5aa3", "0x12345678", "0x08c379a0ff")) {
            assertThat(ContractErrors.named(none)).isEmpty();
        }
    }
}
