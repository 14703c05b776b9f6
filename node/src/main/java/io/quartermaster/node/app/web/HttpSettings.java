package io.quartermaster.node.app.web;

import io.quartermaster.api.InvalidArgument;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a replica serves HTTP.
 *
 * @param address the address to bind; beyond the loopback only with tokens
 * @param port the port; 0 for any free one
 * @param tokens the file of bearer tokens, read again when it changes; without one, whoever is on this machine may do everything
 * @param tls the certificate and key to serve HTTPS with, read again when they change; without one it is HTTP
 * @param limits how much of a request is read, and how many are let in
 */
public record HttpSettings(String address, int port, Optional<Path> tokens, Optional<Tls> tls, Limits limits) {
    /** The loopback. */
    public static final String LOOPBACK = "127.0.0.1";

    /**
     * A certificate with its key.
     *
     * @param certificate a PEM file with the certificate, and those that it rests on after it
     * @param key a PEM file with its private key
     */
    public record Tls(Path certificate, Path key) {
        /** Checks that both are there. */
        public Tls {
            readable("TLS certificate", certificate);
            readable("TLS key", key);
        }

        private static void readable(String what, Path file) {
            if (!Files.isReadable(file)) {
                throw new InvalidArgument(what, file.toString(), "a PEM file that can be read");
            }
        }
    }

    /**
     * How much is let in.
     *
     * @param bodyBytes how many bytes a body has at most, from 1,000 to 16,000,000
     * @param headerBytes how many bytes the address and the headers have at most, from 1,000 to 1,000,000
     * @param atWork how many requests are at work at most, from 1 to 10,000; the health checks are always let in
     */
    public record Limits(int bodyBytes, int headerBytes, int atWork) {
        /** Checks the ranges. */
        public Limits {
            within("HTTP body bytes", bodyBytes, 1_000, 16_000_000);
            within("HTTP header bytes", headerBytes, 1_000, 1_000_000);
            within("HTTP requests at work", atWork, 1, 10_000);
        }

        /**
         * 256 KiB a body, 16 KiB of headers, 128 requests at work.
         *
         * @return the limits
         */
        public static Limits defaults() {
            return new Limits(256 * 1024, 16 * 1024, 128);
        }

        private static void within(String what, int value, int least, int most) {
            if (value < least || value > most) {
                throw new InvalidArgument(what, value, "from " + least + " to " + most);
            }
        }
    }

    /** Refuses to be reached from elsewhere without tokens. */
    public HttpSettings {
        if (port < 0 || port > 65_535) {
            throw new InvalidArgument("HTTP port", port, "from 1 to 65535, or 0 for any");
        }
        if (!isLoopback(address) && tokens.isEmpty()) {
            throw new InvalidArgument(
                    "HTTP address",
                    address,
                    "the loopback, as there are no tokens: make one with 'qm token create' and name its file with"
                            + " --http-tokens");
        }
    }

    /**
     * On the loopback, for whoever is on this machine.
     *
     * @param port the port; 0 for any free one
     * @return the settings
     */
    public static HttpSettings onLoopback(int port) {
        return new HttpSettings(LOOPBACK, port, Optional.empty(), Optional.empty(), Limits.defaults());
    }

    /**
     * These settings with tokens.
     *
     * @param file the file that they are in
     * @return new settings
     */
    public HttpSettings withTokens(Path file) {
        return new HttpSettings(address, port, Optional.of(file), tls, limits);
    }

    /**
     * These settings with TLS.
     *
     * @param newTls the certificate and key
     * @return new settings
     */
    public HttpSettings withTls(Tls newTls) {
        return new HttpSettings(address, port, tokens, Optional.of(newTls), limits);
    }

    /**
     * These settings with other limits.
     *
     * @param newLimits the limits
     * @return new settings
     */
    public HttpSettings withLimits(Limits newLimits) {
        return new HttpSettings(address, port, tokens, tls, newLimits);
    }

    /** Whether everything is allowed to everybody who reaches it. */
    boolean open() {
        return tokens.isEmpty();
    }

    private static boolean isLoopback(String address) {
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new InvalidArgument("HTTP address", address, "an address of this machine");
        }
    }
}
