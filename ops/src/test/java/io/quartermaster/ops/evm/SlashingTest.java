package io.quartermaster.ops.evm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.quartermaster.node.collateral.evm.EvmAddress;
import io.quartermaster.node.collateral.evm.EvmChain;
import io.quartermaster.node.collateral.evm.EvmNode;
import io.quartermaster.node.collateral.evm.EvmUnavailable;
import io.quartermaster.node.collateral.evm.SlashFailed;
import io.quartermaster.node.collateral.evm.SlashOrder;
import io.quartermaster.node.collateral.evm.SlashTrouble;
import io.quartermaster.node.collateral.evm.Slashing;
import io.quartermaster.node.collateral.evm.Slashing.Plan;
import io.quartermaster.node.collateral.evm.Slashing.Slashed;
import io.quartermaster.node.keys.EvmKey;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Collateral taken from a miner, and all that can be wrong with that, on a real EVM node. */
@SuppressWarnings("NullAway.Init") // set before all tests
class SlashingTest {
    private static final BigInteger DEPOSIT = new BigInteger("20000000000000000");
    private static final BigInteger SLASH = new BigInteger("5000000000000000");
    private static final Duration LOOK = Duration.ofMillis(50);

    private static Anvil anvil;

    @TempDir
    private static Path directory;

    private String contract;
    private String snapshot;

    @BeforeAll
    static void start() {
        anvil = Anvil.start(EvmChain.TESTNET.id());
    }

    @AfterAll
    static void stop() {
        if (anvil != null) {
            anvil.close();
        }
    }

    @BeforeEach
    void begin() {
        snapshot = anvil.ask("evm_snapshot").asString();
        contract = anvil.deploy(12);
        anvil.deposit(contract, Anvil.MINERS.get(0), DEPOSIT);
    }

    @AfterEach
    void rollBack() {
        anvil.ask("evm_setAutomine", true);
        anvil.ask("evm_revert", snapshot);
    }

    static Path keyFile(Path directory, String secret) {
        try {
            Path file = Files.createTempFile(
                    directory,
                    "key",
                    "",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, "{\"address\": \"\", \"private_key\": \"0x" + secret + "\"}");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Slashing slashing(String secret, Duration patience) {
        return new Slashing(EvmNode.at(anvil.uri()), EvmKey.read(keyFile(directory, secret)), patience, LOOK);
    }

    private static Slashing slashing() {
        return slashing(Anvil.TRUSTEE_KEY, Duration.ofSeconds(20));
    }

    private SlashOrder order(BigInteger wei) {
        return order(wei, SlashOrder.GAS_LIMIT, Optional.empty(), Optional.empty());
    }

    private SlashOrder order(BigInteger wei, long gasLimit, Optional<BigInteger> gasPrice, Optional<BigInteger> nonce) {
        return new SlashOrder(
                new EvmAddress(contract),
                new EvmAddress(Anvil.MINERS.get(0)),
                wei,
                "https://example.org/why",
                "0123456789abcdef".repeat(2),
                gasLimit,
                gasPrice,
                nonce);
    }

    private static SlashFailed failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(SlashFailed.class, call);
    }

    private static SlashTrouble trouble(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return failure(call).trouble();
    }

    @Test
    void whatIsTakenIsGoneAndTheContractSaysWhy() throws InterruptedException {
        Plan plan = slashing().plan(order(SLASH));
        assertThat(plan.chain()).isEqualTo(EvmChain.TESTNET);
        assertThat(plan.sender().hex()).isEqualTo(Anvil.TRUSTEE);
        assertThat(plan.collateralWei()).isEqualTo(DEPOSIT);
        assertThat(plan.mostFeeWei()).isEqualTo(plan.gasPriceWei().multiply(BigInteger.valueOf(200_000)));
        long before = anvil.head();

        Slashed slashed = slashing().send(plan);
        assertThat(slashed.collateralWei()).contains(DEPOSIT.subtract(SLASH));
        assertThat(slashed.block()).isEqualTo(before + 1);
        JsonNode log = anvil.ask("eth_getTransactionReceipt", slashed.transaction())
                .path("logs")
                .path(0);
        assertThat(log.path("topics").path(0).asString())
                .isEqualTo("0x13e34a2b471e94d4eaadfef8e57e8773fdb4657d2d5cdbd264e2efbd41196ab5");
        assertThat(log.path("topics").path(1).asString())
                .endsWith(Anvil.MINERS.get(0).substring(2));
        assertThat(log.path("data").asString()).contains("0123456789abcdef0123456789abcdef");
    }

    @Test
    void aPlanChangesNothing() {
        for (int i = 0; i < 3; i++) {
            assertThat(slashing().plan(order(SLASH)).collateralWei()).isEqualTo(DEPOSIT);
        }
    }

    @Test
    void onlyTheTrusteeMay() {
        // The second account's.
        String miner = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
        SlashFailed failed =
                failure(() -> slashing(miner, Duration.ofSeconds(1)).plan(order(SLASH)));
        assertThat(failed.trouble()).isEqualTo(SlashTrouble.REVERTED);
        assertThat(failed).hasMessageContaining("only its trustee 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    }

    @Test
    void aMinerLosesNoMoreThanItHas() {
        SlashFailed failed = failure(() -> slashing().plan(order(DEPOSIT.add(BigInteger.ONE))));
        assertThat(failed.trouble()).isEqualTo(SlashTrouble.REVERTED);
        assertThat(failed).hasMessageContaining("the contract says InsufficientAmount");
    }

    /** Two operators plan the same; the one who comes second is told by the contract itself. */
    @Test
    void whatTheContractRefusesLaterIsAFailureWithItsTransaction() throws InterruptedException {
        Plan first = slashing().plan(order(DEPOSIT));
        var unused = slashing().send(first);
        BigInteger next = first.nonce().add(BigInteger.ONE);
        Plan second = new Plan(
                order(DEPOSIT, SlashOrder.GAS_LIMIT, Optional.empty(), Optional.of(next)),
                first.chain(),
                first.sender(),
                first.collateralWei(),
                first.balanceWei(),
                next,
                first.gasPriceWei(),
                first.mostFeeWei());
        SlashFailed failed = failure(() -> slashing().send(second));
        assertThat(failed.trouble()).isEqualTo(SlashTrouble.REVERTED);
        assertThat(failed.transaction()).isPresent();
    }

    @Test
    void aNumberThatIsTakenIsRefused() throws InterruptedException {
        Plan plan = slashing().plan(order(SLASH));
        var unused = slashing().send(plan);
        assertThat(trouble(() -> slashing().send(plan))).isEqualTo(SlashTrouble.NONCE_TOO_LOW);
    }

    @Test
    void whatWaitsIsReplacedForMoreOnlyAndCanNotSlashTwice() throws InterruptedException {
        anvil.ask("evm_setAutomine", false);
        Slashing impatient = slashing(Anvil.TRUSTEE_KEY, Duration.ofMillis(300));
        Plan plan = impatient.plan(order(SLASH));
        SlashFailed waiting = failure(() -> impatient.send(plan));
        assertThat(waiting.trouble()).isEqualTo(SlashTrouble.NOT_MINED);
        assertThat(waiting.transaction()).isPresent();
        assertThat(waiting).hasMessageContaining("its --nonce " + plan.nonce());

        assertThat(trouble(() -> impatient.send(plan))).isEqualTo(SlashTrouble.ALREADY_SENT);
        SlashOrder other =
                order(SLASH.add(BigInteger.ONE), SlashOrder.GAS_LIMIT, Optional.empty(), Optional.of(plan.nonce()));
        assertThat(trouble(() -> impatient.send(impatient.plan(other))))
                .isEqualTo(SlashTrouble.REPLACEMENT_UNDERPRICED);

        SlashOrder dearer = order(
                SLASH,
                SlashOrder.GAS_LIMIT,
                Optional.of(plan.gasPriceWei().multiply(BigInteger.TWO)),
                Optional.of(plan.nonce()));
        Plan replacement = impatient.plan(dearer);
        assertThat(trouble(() -> impatient.send(replacement))).isEqualTo(SlashTrouble.NOT_MINED);
        anvil.ask("evm_mine");
        assertThat(slashing().plan(order(SLASH)).collateralWei()).isEqualTo(DEPOSIT.subtract(SLASH));
        assertThat(trouble(() -> slashing().send(replacement))).isEqualTo(SlashTrouble.NONCE_TOO_LOW);
    }

    @Test
    void aKeyThatCanNotPayIsToldBefore() {
        anvil.ask("anvil_setBalance", Anvil.TRUSTEE, "0x1");
        assertThat(trouble(() -> slashing().plan(order(SLASH)))).isEqualTo(SlashTrouble.INSUFFICIENT_FUNDS);
    }

    @Test
    void aKeyThatHasBecomePoorIsToldByTheNode() {
        Plan plan = slashing().plan(order(SLASH));
        anvil.ask("anvil_setBalance", Anvil.TRUSTEE, "0x1");
        assertThat(trouble(() -> slashing().send(plan))).isEqualTo(SlashTrouble.INSUFFICIENT_FUNDS);
    }

    @Test
    void tooLittleGasIsToldBefore() {
        for (long gas : new long[] {1, 21_000, 30_000}) {
            assertThat(trouble(() -> slashing().plan(order(SLASH, gas, Optional.empty(), Optional.empty()))))
                    .as("%d gas", gas)
                    .isEqualTo(SlashTrouble.GAS_TOO_LOW);
        }
    }

    @Test
    void gasForNothingIsTakenByNobody() {
        SlashOrder free = order(SLASH, SlashOrder.GAS_LIMIT, Optional.of(BigInteger.ONE), Optional.empty());
        anvil.ask("anvil_setNextBlockBaseFeePerGas", "0x77359400");
        assertThat(trouble(() -> slashing().send(slashing().plan(free)))).isEqualTo(SlashTrouble.GAS_PRICE_TOO_LOW);
    }

    @Test
    void aNodeThatIsNotThereIsNoRefusal() {
        Slashing nowhere = new Slashing(
                EvmNode.at(URI.create("http://127.0.0.1:9")), EvmKey.read(keyFile(directory, Anvil.TRUSTEE_KEY)));
        assertThatThrownBy(() -> nowhere.plan(order(SLASH))).isInstanceOf(EvmUnavailable.class);
    }
}
