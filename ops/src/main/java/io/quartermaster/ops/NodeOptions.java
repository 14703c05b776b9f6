package io.quartermaster.ops;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.Chain;
import io.quartermaster.node.chain.pylon.PylonSettings;
import io.quartermaster.node.chain.subtensor.SubtensorChain;
import io.quartermaster.node.chain.subtensor.SubtensorSettings;
import io.quartermaster.node.collateral.evm.CollateralisedChain;
import io.quartermaster.node.collateral.evm.EvmAddress;
import io.quartermaster.node.collateral.evm.EvmNode;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.keys.ShieldCertificate;
import io.quartermaster.node.keys.Ss58;
import io.quartermaster.node.keys.Wallet;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which real chain to follow, through which nodes, and as whom. */
final class NodeOptions {
    @Option(
            names = "--lite",
            required = true,
            split = ",",
            paramLabel = "URI",
            description = {
                "Follow a real chain through lite nodes, such as ws://127.0.0.1:9944; separated by commas, the first",
                "that answers is asked."
            })
    private List<URI> lite = List.of();

    @Option(
            names = "--archive",
            split = ",",
            paramLabel = "URI",
            description = "Archive nodes, for blocks whose state the lite ones no longer have.")
    private List<URI> archive = List.of();

    @Option(names = "--netuid", required = true, paramLabel = "NUMBER", description = "Which subnet.")
    private int netuid;

    @Option(
            names = "--wallet",
            paramLabel = "FILE",
            description = {
                "The validator's hotkey: a file of a bittensor wallet, or one with a mnemonic, that nobody else may read.",
                "Without it miners can't be asked for their manifests, only the chain can."
            })
    private @Nullable Path wallet;

    @Option(
            names = "--hotkey",
            paramLabel = "ADDRESS",
            description = "The validator whose allowance is booked, where there is no wallet.")
    private @Nullable String hotkey;

    @Option(
            names = "--shield-certificate",
            paramLabel = "FILE",
            description = {
                "The key for which miners encrypt their shielded addresses; it is made if it is not there. Without it no",
                "shielded address is looked for."
            })
    private @Nullable Path certificate;

    @Option(
            names = "--pylon",
            paramLabel = "URL",
            description = {
                "Ask Pylon who is registered and what they have published, such as http://pylon:8000. Its token is read",
                "from the environment: PYLON_TOKEN."
            })
    private @Nullable URI pylon;

    @Option(
            names = "--pylon-identity",
            paramLabel = "NAME",
            description = "The identity that Pylon has for this validator (default: open access).")
    private @Nullable String pylonIdentity;

    @Option(
            names = "--evm",
            paramLabel = "URI",
            description = {
                "Read miners' collateral through this node of the chain's EVM, such as http://127.0.0.1:9944: a subtensor",
                "node answers for it on the port of its WebSocket. Without it collateral is not read, and counts as 0."
            })
    private @Nullable URI evm;

    @Option(
            names = "--collateral-contract",
            paramLabel = "ADDRESS",
            description = "The contract that holds the collateral (default: the one that the validator has published).")
    private @Nullable String contract;

    private PylonSettings pylon(URI address) {
        Optional<String> token = Optional.ofNullable(System.getenv("PYLON_TOKEN"));
        return pylonIdentity == null
                ? PylonSettings.ofOpenAccess(address, token, netuid)
                : PylonSettings.ofIdentity(address, pylonIdentity, token.orElse(""), netuid);
    }

    /** Begins to follow it. */
    Chain chain() {
        Optional<KeyPair> key = Optional.ofNullable(wallet).map(Wallet::read);
        if (hotkey == null && key.isEmpty()) {
            throw new InvalidArgument("hotkey", "none", "the validator's --hotkey, or its --wallet");
        }
        Hotkey validator = hotkey == null ? key.get().hotkey() : new Hotkey(hotkey);
        Ss58.publicKey(validator.value());
        SubtensorSettings settings = SubtensorSettings.of(netuid, validator, lite, archive);
        if (key.isPresent()) {
            settings = settings.withWallet(key.get());
        }
        if (certificate != null) {
            settings = settings.withCertificate(ShieldCertificate.readOrCreate(certificate));
        }
        if (pylon != null) {
            settings = settings.withPylon(pylon(pylon));
        }
        Optional<EvmNode> node = Optional.ofNullable(evm).map(EvmNode::at);
        Optional<EvmAddress> where = Optional.ofNullable(contract).map(EvmAddress::new);
        if (node.isEmpty() && where.isPresent()) {
            throw new InvalidArgument("evm", "none", "the node that reads --collateral-contract");
        }
        Chain chain = SubtensorChain.follow(settings);
        return node.isPresent() ? new CollateralisedChain(chain, node.get(), where) : chain;
    }
}
