package io.quartermaster.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.node.app.Replica;
import io.quartermaster.node.app.ReplicaSettings;
import io.quartermaster.node.app.web.Json;
import io.quartermaster.node.app.web.ReplicaHttp;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.RecordedChain;
import io.quartermaster.node.chain.SimulatedSubnet;
import io.quartermaster.node.chain.SimulationSettings;
import io.quartermaster.node.collateral.evm.EvmChain;
import io.quartermaster.ops.evm.Anvil;
import io.quartermaster.ops.standin.StandinFaults;
import io.quartermaster.ops.standin.StandinNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Collateral as an operator asks for it and takes it, on a real EVM node. */
@SuppressWarnings("NullAway.Init") // set before all tests
class CollateralCommandsTest {
    private static final String MINER = Anvil.MINERS.get(0);
    private static final String DEPOSIT = "20000000000000000";

    private static Anvil anvil;
    private static String contract;
    private static Replica replica;
    private static ReplicaHttp http;

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() {
        anvil = Anvil.start(EvmChain.LOCALNET.id());
        contract = anvil.deploy(12);
        anvil.deposit(contract, MINER, new BigInteger(DEPOSIT));
        Path recording = Path.of("src", "test", "resources", "recorded", "subnet-small.jsonl.gz");
        replica = Replica.replay(
                RecordedChain.open(recording, Double.POSITIVE_INFINITY),
                ReplicaSettings.defaults().withParams(Map.of("DYNAMIC_COLLATERAL_SLASH_AMOUNT_WEI", "3")));
        http = ReplicaHttp.start(replica, 0);
    }

    @AfterAll
    static void stop() {
        if (anvil != null) {
            http.close();
            replica.close();
            anvil.close();
        }
    }

    private int qm(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Qm.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private JsonNode json(int code, String... args) {
        assertThat(qm(args)).as("%s%s", out, err).isEqualTo(code);
        return Json.MAPPER.readTree(out.toString());
    }

    private String keyFile(String permissions) throws IOException {
        Path file = Files.createFile(
                directory.resolve("key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
        return Files.writeString(file, "0x" + Anvil.TRUSTEE_KEY + "\n").toString();
    }

    private static String replicaUrl() {
        return "http://127.0.0.1:" + http.port();
    }

    @Test
    void listShowsWhatTheGridCountsWith() {
        JsonNode report = json(ExitCodes.OK, "collateral", "list", "--json", "--replica", replicaUrl());
        assertThat(report.path("minimumWei").asString()).isEqualTo("10000000000000000");
        assertThat(report.path("miners"))
                .isNotEmpty()
                .allSatisfy(miner -> assertThat(new BigInteger(miner.path("wei").asString())
                                        .compareTo(new BigInteger("10000000000000000"))
                                >= 0)
                        .isEqualTo(miner.path("enough").asBoolean()));

        assertThat(qm("collateral", "list", "--replica", replicaUrl())).isZero();
        assertThat(out.toString())
                .startsWith("miner ")
                .contains("5Miner0009")
                .endsWith("The minimum is 10000000000000000 wei (0.01 TAO).\n");
    }

    @Test
    void readAsksTheContract() {
        String[] read = {
            "collateral", "read", "--evm", anvil.uri().toString(), "--collateral-contract", contract, MINER, "--json"
        };
        JsonNode now = json(ExitCodes.OK, read);
        assertThat(now.path("chain").asString()).isEqualTo("42 (localnet)");
        assertThat(now.path("miners").path(0).path("address").asString()).isEqualToIgnoringCase(MINER);
        assertThat(new BigInteger(now.path("miners").path(0).path("wei").asString()))
                .isPositive();
    }

    @Test
    void minersAreNamedByTheirHotkeysWhereANodeKnowsThem() {
        try (Chain truth = new SimulatedSubnet(SimulationSettings.defaults());
                StandinNode node = StandinNode.start(
                        truth,
                        0,
                        StandinFaults.NONE,
                        () -> Map.of(truth.info().validator(), "{\"contract\":{\"address\":\"" + contract + "\"}}"),
                        () -> Map.of(0, MINER))) {
            String[] all = {
                "collateral",
                "read",
                "--json",
                "--evm",
                anvil.uri().toString(),
                "--lite",
                node.uri().toString(),
                "--hotkey",
                truth.info().validator().value()
            };
            JsonNode found = json(ExitCodes.OK, all).path("miners");
            String first = truth.block(truth.head())
                    .orElseThrow()
                    .neurons()
                    .get(0)
                    .hotkey()
                    .value();
            assertThat(found).hasSize(1);
            assertThat(found.path(0).path("miner").asString()).isEqualTo(first);

            String other = truth.block(truth.head())
                    .orElseThrow()
                    .neurons()
                    .get(1)
                    .hotkey()
                    .value();
            assertThat(qm(
                            "collateral",
                            "read",
                            "--evm",
                            anvil.uri().toString(),
                            "--collateral-contract",
                            contract,
                            "--lite",
                            node.uri().toString(),
                            other))
                    .isEqualTo(ExitCodes.BAD_INPUT);
            assertThat(err.toString()).contains("has no collateral").hasLineCount(1);
        }
    }

    @Test
    void slashIsTriedAndThenDoneForTheAmountOfTheGrid() throws IOException {
        String key = keyFile("rw-------");
        String[] dry = {
            "collateral",
            "slash",
            MINER,
            "--evm",
            anvil.uri().toString(),
            "--collateral-contract",
            contract,
            "--key-file",
            key,
            "--replica",
            replicaUrl(),
            "--json",
            "--dry-run"
        };
        JsonNode would = json(ExitCodes.OK, dry);
        assertThat(would.path("outcome").asString()).isEqualTo("WOULD_SLASH");
        assertThat(would.path("amountWei").asString()).isEqualTo("3");
        BigInteger before = new BigInteger(would.path("collateralBeforeWei").asString());

        String[] slash = dry.clone();
        slash[slash.length - 1] = "--yes";
        JsonNode done = json(ExitCodes.OK, slash);
        assertThat(done.path("outcome").asString()).isEqualTo("SLASHED");
        assertThat(done.path("collateralBeforeWei").asString()).isEqualTo(before.toString());
        assertThat(done.path("collateralAfterWei").asString())
                .isEqualTo(before.subtract(BigInteger.valueOf(3)).toString());
        assertThat(out.toString() + err).doesNotContainIgnoringCase(Anvil.TRUSTEE_KEY);
    }

    @Test
    void whatTheContractRefusesIsRefused() throws IOException {
        JsonNode refused = json(
                ExitCodes.REFUSED,
                "collateral",
                "slash",
                MINER,
                "--evm",
                anvil.uri().toString(),
                "--collateral-contract",
                contract,
                "--key-file",
                keyFile("rw-------"),
                "--amount-wei",
                "9".repeat(30),
                "--json",
                "--yes");
        assertThat(refused.path("outcome").asString()).isEqualTo("REVERTED");
        assertThat(refused.path("detail").asString()).contains("InsufficientAmount");
    }

    @Test
    void nothingIsSentForAKeyThatOthersMayReadOrThatIsNone() throws IOException {
        String key = keyFile("rw-r--r--");
        String[] slash = {
            "collateral",
            "slash",
            MINER,
            "--evm",
            anvil.uri().toString(),
            "--collateral-contract",
            contract,
            "--key-file",
            key,
            "--amount-wei",
            "1",
            "--yes"
        };
        assertThat(qm(slash)).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains("chmod 600 " + key).doesNotContain(Anvil.TRUSTEE_KEY);

        Files.setPosixFilePermissions(Path.of(key), PosixFilePermissions.fromString("rw-------"));
        Files.writeString(Path.of(key), "{\"private_key\": \"" + Anvil.TRUSTEE_KEY.substring(1) + "\"}");
        assertThat(qm(slash)).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains("64 hexadecimal digits").doesNotContain(Anvil.TRUSTEE_KEY.substring(1));
    }

    @Test
    void badInputSaysWhatIsRight() {
        assertThat(qm("collateral")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains("list, read or slash");
        assertThat(qm("collateral", "read", "--evm", "ftp://here", "--collateral-contract", contract, MINER))
                .isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains("ftp://here").contains("http://127.0.0.1:9944");
        assertThat(qm("collateral", "read", "--evm", anvil.uri().toString(), "--collateral-contract", "0x12", MINER))
                .isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString()).contains("0x12").contains("40 hexadecimal digits");
        assertThat(qm("collateral", "read", "--evm", "http://127.0.0.1:9", "--collateral-contract", contract, MINER))
                .isEqualTo(ExitCodes.UNREACHABLE);
        assertThat(err.toString()).contains("http://127.0.0.1:9 can't be asked").hasLineCount(1);
    }
}
