package io.quartermaster.node.chain.shields;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.keys.ShieldCertificate;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.ObjectMapper;

/**
 * Finds out where shielded miners can be reached, as bt-ddos-shield does. A miner publishes a manifest, in which the address for
 * each validator is encrypted for that validator: in versions 0.3 at the URL in its commitment on the chain, {@code <D:URL>}; in
 * versions 0.4 at {@code http://AXON/shield_manifest.json}, mostly as a redirect to a bucket. The commitment's URL is asked first,
 * and the axon if that gives no address: a miner that has gone over to 0.4 may have left its commitment as it was.
 *
 * <p>A miner that gives no address, for whatever reason, counts as not shielded: its axon stays what it was. None has a part in
 * another's answer: each has so much time and so many bytes, and no thread waits for any of them but while its name is looked up.
 *
 * <p>The URLs are of strangers, who so can make this host send a GET request, without secrets in it, to where they like; they never
 * learn the answer. {@code mayBeAsked} decides which addresses may be asked, before each request and each redirect:
 * {@link #onTheInternet}, unless the whole chain is on this host or in this network. The shielded addresses are of strangers too,
 * as all axons are, and are looked at by nobody yet: who connects to one is where it leads.
 *
 * <p>Safe for use by several threads. It needs no closing: its threads end when they have nothing to do.
 *
 * @see <a href="https://github.com/bittensor-church/bt-ddos-shield">bt-ddos-shield</a>
 */
public final class ShieldedAddresses {
    /** How long bt-ddos-shield waits for a manifest. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(ShieldedAddresses.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Hotkey validator;
    private final ShieldCertificate certificate;
    private final Duration patience;
    private final ManifestClient client;

    /**
     * For one validator.
     *
     * @param validator under whose hotkey miners list its address
     * @param certificate for which they encrypt it
     * @param patience how long each miner has, for all of its URLs together; mostly {@link #PATIENCE}
     * @param mayBeAsked which addresses may be asked; mostly {@link #onTheInternet}
     * @throws InvalidArgument if the patience is not positive
     */
    public ShieldedAddresses(
            Hotkey validator, ShieldCertificate certificate, Duration patience, Predicate<InetAddress> mayBeAsked) {
        if (patience.isNegative() || patience.isZero()) {
            throw new InvalidArgument("patience", patience, "more than nothing, such as PT10S");
        }
        this.validator = validator;
        this.certificate = certificate;
        this.patience = patience;
        this.client = new ManifestClient(patience, mayBeAsked);
    }

    /**
     * Asks all miners at once.
     *
     * @param neurons those of a block
     * @param commitments the words of those that have committed to something
     * @return completes, always with a result and soon after the patience at the latest, with the addresses of those miners that
     *     are shielded
     */
    public CompletableFuture<Map<Hotkey, ShieldedAddress>> find(
            Collection<Neuron> neurons, Map<Hotkey, String> commitments) {
        Map<Hotkey, ShieldedAddress> found = new ConcurrentHashMap<>();
        CompletableFuture<?>[] searches = neurons.stream()
                .map(Neuron::miner)
                .map(miner -> search(miner, commitments.getOrDefault(miner.hotkey(), ""))
                        .thenAccept(one -> one.ifPresent(address -> found.put(miner.hotkey(), address))))
                .toArray(CompletableFuture[]::new);
        // Not in the thread that keeps the time for all, whatever is done with it next.
        return CompletableFuture.allOf(searches).thenApplyAsync(nothing -> Map.copyOf(found));
    }

    /**
     * The neurons with the shields before them: a shielded miner has its shield's host beside its address, and its shield's port in
     * the place of its port, as ComputeHorde has it.
     *
     * @param neurons those of a block
     * @param shields as {@link #find} found them
     * @return the same neurons in the same order
     */
    public static List<Neuron> shielded(List<Neuron> neurons, Map<Hotkey, ShieldedAddress> shields) {
        return neurons.stream()
                .map(neuron -> Optional.ofNullable(shields.get(neuron.hotkey()))
                        .map(shield -> new Neuron(neuron.uid(), neuron.coldkey(), behind(shield, neuron.miner())))
                        .orElse(neuron))
                .toList();
    }

    private static Miner behind(ShieldedAddress shield, Miner miner) {
        return new Miner(miner.hotkey(), miner.address(), shield.port(), miner.ipVersion(), Optional.of(shield.host()));
    }

    /**
     * Whether an address is one that everybody may ask: none of this host, of its network, or of many.
     *
     * @param address the address
     * @return false also for those that the internet does not know
     */
    public static boolean onTheInternet(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = Byte.toUnsignedInt(bytes[0]);
        int second = Byte.toUnsignedInt(bytes[1]);
        boolean unroutable = bytes.length == 4
                // RFC 1122, "this network"; RFC 6598, behind a provider's NAT; RFC 1112, reserved.
                ? first == 0 || (first == 100 && (second & 0xc0) == 64) || first >= 240
                // RFC 4193, unique local.
                : (first & 0xfe) == 0xfc;
        return !unroutable
                && !address.isAnyLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isLinkLocalAddress()
                && !address.isSiteLocalAddress()
                && !address.isMulticastAddress();
    }

    private CompletableFuture<Optional<ShieldedAddress>> search(Miner miner, String commitment) {
        CompletableFuture<Optional<ShieldedAddress>> search = new CompletableFuture<>();
        var unused = ask(miner, ManifestUrls.of(miner, commitment).iterator(), search)
                .whenComplete((address, failure) -> search.complete(failure == null ? address : Optional.empty()));
        return search.completeOnTimeout(Optional.empty(), patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private CompletableFuture<Optional<ShieldedAddress>> ask(
            Miner miner, Iterator<URI> urls, CompletableFuture<?> search) {
        if (search.isDone() || !urls.hasNext()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return client.get(urls.next(), search)
                .thenApply(this::address)
                .exceptionally(failure -> {
                    LOG.debug("{} gives no shielded address: {}", miner.hotkey(), failure.toString());
                    return Optional.empty();
                })
                .thenCompose(address ->
                        address.isPresent() ? CompletableFuture.completedFuture(address) : ask(miner, urls, search));
    }

    private Optional<ShieldedAddress> address(byte[] manifest) {
        String encrypted = JSON.readTree(manifest)
                .path("ddos_shield_manifest")
                .path("encrypted_url_mapping")
                .path(validator.value())
                .asString("");
        // As Python's: what is not Base64 in it is passed over.
        byte[] payload = Base64.getMimeDecoder().decode(encrypted);
        return certificate
                .decrypt(payload)
                .flatMap(plain -> ShieldedAddress.parse(new String(plain, StandardCharsets.UTF_8)));
    }
}
