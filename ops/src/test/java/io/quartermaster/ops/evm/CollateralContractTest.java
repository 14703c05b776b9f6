package io.quartermaster.ops.evm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quartermaster.node.collateral.evm.CollateralContract;
import io.quartermaster.node.collateral.evm.CollateralContract.Amounts;
import io.quartermaster.node.collateral.evm.EvmAddress;
import io.quartermaster.node.collateral.evm.EvmChain;
import io.quartermaster.node.collateral.evm.EvmNode;
import io.quartermaster.node.collateral.evm.EvmUnavailable;
import java.math.BigInteger;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Collateral read from a contract on a real EVM node. */
@SuppressWarnings("NullAway.Init") // set before all tests
class CollateralContractTest {
    /** More than a long holds, and no round number. */
    private static final BigInteger MUCH = new BigInteger("1234567890123456789013");

    private static final BigInteger LITTLE = BigInteger.TWO;

    private static Anvil anvil;
    private static String address;
    private static long rich;

    @BeforeAll
    static void start() {
        anvil = Anvil.start(EvmChain.MAINNET.id());
        address = anvil.deploy(12);
        anvil.deposit(address, Anvil.MINERS.get(0), LITTLE);
        rich = anvil.deposit(address, Anvil.MINERS.get(1), MUCH);
    }

    @AfterAll
    static void stop() {
        if (anvil != null) {
            anvil.close();
        }
    }

    @Test
    void amountsAreExactAndAllAsOfOneBlock() {
        List<EvmAddress> miners = miners();
        Amounts now = read(OptionalLong.empty());
        assertThat(now.chain()).isEqualTo(EvmChain.MAINNET);
        assertThat(now.failed()).isEmpty();
        assertThat(now.wei().values()).hasSize(miners.size());
        assertThat(now.wei())
                .containsEntry(new EvmAddress(Anvil.MINERS.get(0)), LITTLE)
                .containsEntry(new EvmAddress(Anvil.MINERS.get(1)), MUCH)
                .containsEntry(new EvmAddress(Anvil.MINERS.get(2)), BigInteger.ZERO);

        Amounts before = read(OptionalLong.of(rich - 1));
        assertThat(before.wei())
                .containsEntry(new EvmAddress(Anvil.MINERS.get(0)), LITTLE)
                .containsEntry(new EvmAddress(Anvil.MINERS.get(1)), BigInteger.ZERO);
    }

    /** Several requests' worth of them. */
    private static List<EvmAddress> miners() {
        List<EvmAddress> miners = new ArrayList<>();
        Anvil.MINERS.forEach(miner -> miners.add(new EvmAddress(miner)));
        for (int i = 1; i <= 200; i++) {
            miners.add(new EvmAddress(String.format("0x%040x", i)));
        }
        return miners;
    }

    private static Amounts read(OptionalLong block) {
        return contract(anvil.uri(), address).read(miners(), block).join();
    }

    private static CollateralContract contract(URI node, String address) {
        return new CollateralContract(EvmNode.at(node), new EvmAddress(address));
    }

    @Test
    void aBlockThatIsNotThereYetIsNoAmountOfZero() {
        assertThatThrownBy(() -> read(OptionalLong.of(anvil.head() + 1_000))).hasCauseInstanceOf(EvmUnavailable.class);
    }

    @Test
    void anAddressWithoutAContractIsNoAmountOfZero() {
        assertThatThrownBy(() -> contract(anvil.uri(), "0x" + "12".repeat(20))
                        .read(miners(), OptionalLong.empty())
                        .join())
                .hasCauseInstanceOf(EvmUnavailable.class)
                .hasMessageContaining("There is no contract at 0x1212");
        // It was not deployed yet.
        assertThatThrownBy(() -> read(OptionalLong.of(0)))
                .hasCauseInstanceOf(EvmUnavailable.class)
                .hasMessageContaining("as of block 0");
    }

    @Test
    void anotherContractIsNoAmountOfZeroForAnybody() {
        // One that stops at once, whatever it is called with.
        String other = "0x" + "34".repeat(20);
        anvil.ask("anvil_setCode", other, "0x00");
        Amounts amounts = contract(anvil.uri(), other)
                .read(miners(), OptionalLong.empty())
                .join();
        assertThat(amounts.wei()).isEmpty();
        assertThat(amounts.failed())
                .hasSize(miners().size())
                .allSatisfy((miner, why) -> assertThat(why).contains("is this a collateral contract?"));
    }

    @Test
    void aNodeOfAnotherChainIsRefused() {
        try (Anvil ethereum = Anvil.start(1)) {
            String there = ethereum.deploy(12);
            assertThatThrownBy(() -> contract(ethereum.uri(), there)
                            .read(miners(), OptionalLong.empty())
                            .join())
                    .hasCauseInstanceOf(EvmUnavailable.class)
                    .hasMessageContaining("is of chain 1, ")
                    .hasMessageContaining("964 (mainnet), 945 (testnet), 42 (localnet)");
        }
    }
}
