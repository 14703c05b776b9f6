package io.quartermaster.node.chain.shields;

import io.quartermaster.api.Miner;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a miner's shield manifest may be.
 *
 * @see <a href="https://github.com/bactensor/bt-ddos-shield">bt-ddos-shield</a>, {@code extract_commitment_url} of version 0.3 and
 *     {@code build_manifest_url} of version 0.4
 */
final class ManifestUrls {
    private static final String PREFIX = "<D:";
    private static final String SUFFIX = ">";
    private static final String AXON_PATH = "/shield_manifest.json";

    private ManifestUrls() {}

    /**
     * All URLs, the one to try first first.
     *
     * @param miner the miner
     * @param commitment what it has committed to; empty if nothing
     */
    static Stream<URI> of(Miner miner, String commitment) {
        return Stream.concat(inCommitment(commitment).flatMap(ManifestUrls::url).stream(), atAxon(miner).stream());
    }

    private static Optional<String> inCommitment(String words) {
        int begin = words.indexOf(PREFIX);
        int end = begin < 0 ? -1 : words.indexOf(SUFFIX, begin + PREFIX.length());
        if (end >= 0) {
            return Optional.of(words.substring(begin + PREFIX.length(), end));
        }
        if (words.startsWith("http://") || words.startsWith("https://")) {
            int more = words.indexOf('<');
            return Optional.of(more < 0 ? words : words.substring(0, more));
        }
        return Optional.empty();
    }

    private static Optional<URI> atAxon(Miner miner) {
        if (!miner.serving()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new URI("http", null, miner.address(), miner.port(), AXON_PATH, null, null));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** A URL that may be asked: of HTTP or HTTPS, with a host. */
    static Optional<URI> url(String text) {
        try {
            URI url = new URI(text.strip());
            boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            return http && url.getHost() != null ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
