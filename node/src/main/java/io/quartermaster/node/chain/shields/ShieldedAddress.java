package io.quartermaster.node.chain.shields;

import io.quartermaster.api.InvalidArgument;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a shielded miner can be reached by this validator alone.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without brackets; of a stranger's choice, as what it leads to
 * @param port from 1 to 65535
 */
public record ShieldedAddress(String host, int port) {
    private static final int LONGEST_NAME = 253;
    private static final int HIGHEST_PORT = 65_535;
    private static final String LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";

    /** Its last part begins with a letter: what does not may be read as a number, as {@code 127.1} is by some. */
    private static final Pattern NAME = Pattern.compile("(?:" + LABEL + "\\.)*(?=[A-Za-z])" + LABEL);

    private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");
    private static final Pattern MAYBE_IPV6 = Pattern.compile("[0-9A-Fa-f:][0-9A-Fa-f:.]{1,44}");
    private static final Pattern PORT = Pattern.compile("\\d{1,5}");

    /** Checks host and port. */
    public ShieldedAddress {
        if (!valid(host)) {
            throw new InvalidArgument("host", host, "a host's name or IP address");
        }
        if (port < 1 || port > HIGHEST_PORT) {
            throw new InvalidArgument("port", port, "from 1 to " + HIGHEST_PORT);
        }
    }

    /**
     * Reads {@code host:port}. An IPv6 address may be in brackets. If there are more colons than one, the port is after the last, as
     * for the clients of version 0.4; if that can't be, it is after the first, as for those of version 0.3.
     *
     * @param text what a miner encrypted
     * @return the address; empty if it is none
     */
    static Optional<ShieldedAddress> parse(String text) {
        String all = text.strip();
        int last = all.lastIndexOf(':');
        if (last < 0) {
            return Optional.empty();
        }
        return of(all.substring(0, last), all.substring(last + 1)).or(() -> {
            String[] parts = all.split(":", -1);
            return of(parts[0], parts[1]);
        });
    }

    private static Optional<ShieldedAddress> of(String host, String port) {
        if (!PORT.matcher(port).matches()) {
            return Optional.empty();
        }
        boolean brackets = host.startsWith("[") && host.endsWith("]");
        String bare = brackets ? host.substring(1, host.length() - 1) : host;
        int number = Integer.parseInt(port);
        if (!valid(bare) || (brackets && !bare.contains(":")) || number < 1 || number > HIGHEST_PORT) {
            return Optional.empty();
        }
        return Optional.of(new ShieldedAddress(bare, number));
    }

    private static boolean valid(String host) {
        if (host.length() > LONGEST_NAME) {
            return false;
        }
        return literal(host) || NAME.matcher(host).matches();
    }

    /** Whether a host is an IP address, so that no name needs to be looked up. */
    static boolean literal(String host) {
        return host.contains(":") ? ipv6(host) : IPV4.matcher(host).matches();
    }

    private static boolean ipv6(String host) {
        if (!MAYBE_IPV6.matcher(host).matches()) {
            return false;
        }
        try {
            // Of what has colons and no other letters, only the form is looked at: nobody is asked.
            var unused = InetAddress.getByName(host);
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
