package io.quartermaster.node.chain.subtensor;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.chain.pylon.PylonSettings;
import io.quartermaster.node.keys.KeyPair;
import io.quartermaster.node.keys.ShieldCertificate;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Which subnet of which chain to follow, and through which nodes.
 *
 * @param netuid the subnet's number, from 0 to 65535
 * @param validator the hotkey whose allowance is booked
 * @param lite nodes that have the newest state, at least one; the first that answers is asked
 * @param archive nodes that have all state; may be none, then only blocks that a lite node still has can be taken in
 * @param patience how long to wait for an answer
 * @param lookEvery how long to wait from one look for new blocks to the next
 * @param wallet the validator's hotkey; without it miners can't be asked, since they answer only who signs
 * @param certificate the key for which miners encrypt their shielded addresses; without it none are looked for
 * @param pylon the Pylon that says who is registered, and what they have published; without it the nodes do
 */
public record SubtensorSettings(
        int netuid,
        Hotkey validator,
        List<URI> lite,
        List<URI> archive,
        Duration patience,
        Duration lookEvery,
        Optional<KeyPair> wallet,
        Optional<ShieldCertificate> certificate,
        Optional<PylonSettings> pylon) {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    /** Copies the lists, and checks what is in them. */
    public SubtensorSettings {
        lite = List.copyOf(lite);
        archive = List.copyOf(archive);
        if (lite.isEmpty()) {
            throw new InvalidArgument("lite", "none", "at least one node, such as ws://127.0.0.1:9944");
        }
        lite.forEach(uri -> requireWebSocket("lite", uri));
        archive.forEach(uri -> requireWebSocket("archive", uri));
        if (wallet.isPresent() && !wallet.get().hotkey().equals(validator)) {
            throw new InvalidArgument(
                    "hotkey", validator, "the wallet's, " + wallet.get().hotkey());
        }
    }

    /**
     * Settings with the usual patience, 20 s, looking every 2 s.
     *
     * @param netuid the subnet's number
     * @param validator the hotkey whose allowance is booked
     * @param lite nodes that have the newest state
     * @param archive nodes that have all state
     * @return the settings
     */
    public static SubtensorSettings of(int netuid, Hotkey validator, List<URI> lite, List<URI> archive) {
        return new SubtensorSettings(
                netuid,
                validator,
                lite,
                archive,
                PATIENCE,
                LOOK_EVERY,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * The same with other times.
     *
     * @param newPatience how long to wait for an answer
     * @param newLookEvery how long to wait from one look to the next
     * @return new settings
     */
    public SubtensorSettings withTimes(Duration newPatience, Duration newLookEvery) {
        return new SubtensorSettings(
                netuid, validator, lite, archive, newPatience, newLookEvery, wallet, certificate, pylon);
    }

    /**
     * The same with a key to sign with.
     *
     * @param newWallet the validator's hotkey
     * @return new settings
     */
    public SubtensorSettings withWallet(KeyPair newWallet) {
        return new SubtensorSettings(
                netuid, validator, lite, archive, patience, lookEvery, Optional.of(newWallet), certificate, pylon);
    }

    /**
     * The same with shields.
     *
     * @param newCertificate the key for which miners encrypt
     * @return new settings
     */
    public SubtensorSettings withCertificate(ShieldCertificate newCertificate) {
        return new SubtensorSettings(
                netuid, validator, lite, archive, patience, lookEvery, wallet, Optional.of(newCertificate), pylon);
    }

    /**
     * The same with Pylon in place of the nodes where it can be.
     *
     * @param newPylon whom to ask, and as whom
     * @return new settings
     */
    public SubtensorSettings withPylon(PylonSettings newPylon) {
        return new SubtensorSettings(
                netuid, validator, lite, archive, patience, lookEvery, wallet, certificate, Optional.of(newPylon));
    }

    private static void requireWebSocket(String field, URI uri) {
        boolean socket = "ws".equals(uri.getScheme()) || "wss".equals(uri.getScheme());
        if (!socket || uri.getHost() == null) {
            throw new InvalidArgument(field, uri, "the address of a WebSocket, such as ws://127.0.0.1:9944");
        }
    }
}
