package io.quartermaster.node.chain.pylon;

import io.quartermaster.api.InvalidArgument;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which Pylon to ask, as whom, and about which subnet. The token is never shown.
 *
 * @param address where it is, such as {@code http://pylon:8000}; what stands before {@code /api}
 * @param identity the name that Pylon has for this client's wallet; empty for open access
 * @param token the identity's token, or that of the open access, which older services do not ask for
 * @param netuid the subnet's number, from 0 to 65535
 * @param patience how long to wait for a connection, and for an answer: more than 0, at most 10 minutes
 */
public record PylonSettings(
        URI address, Optional<String> identity, Optional<String> token, int netuid, Duration patience) {
    /** An archive node behind Pylon takes some seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration MOST_PATIENCE = Duration.ofMinutes(10);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /** Pylon splits the header at white space. */
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{1,1024}");

    /** Checks everything, and takes slashes off the end of the address. */
    public PylonSettings {
        requireAddress(address);
        address = URI.create(address.toString().replaceAll("/+$", ""));
        if (identity.isPresent() && !NAME.matcher(identity.get()).matches()) {
            throw new InvalidArgument("identity", identity.get(), "1 to 64 letters, digits, _ or -");
        }
        if (identity.isPresent() && token.isEmpty()) {
            throw new InvalidArgument("token", "token is missing: the identity " + identity.get() + " needs its own");
        }
        if (token.isPresent() && !TOKEN.matcher(token.get()).matches()) {
            throw new InvalidArgument(
                    "token",
                    "token, which is not shown, has " + token.get().length()
                            + " characters: must be 1 to 1024 printable ASCII characters without white space");
        }
        if (netuid < 0 || netuid > 65_535) {
            throw new InvalidArgument("netuid", netuid, "from 0 to 65535");
        }
        if (patience.isNegative() || patience.isZero() || patience.compareTo(MOST_PATIENCE) > 0) {
            throw new InvalidArgument("patience", patience, "more than 0 and at most 10 minutes");
        }
    }

    /**
     * Settings of an identity, with the usual patience of 30 s.
     *
     * @param address where Pylon is
     * @param identity the name that Pylon has for this client's wallet
     * @param token the identity's token
     * @param netuid the subnet's number
     * @return the settings
     */
    public static PylonSettings ofIdentity(URI address, String identity, String token, int netuid) {
        return new PylonSettings(address, Optional.of(identity), Optional.of(token), netuid, PATIENCE);
    }

    /**
     * Settings for open access, with the usual patience of 30 s.
     *
     * @param address where Pylon is
     * @param token the token of the open access; empty for an older service, which asks for none
     * @param netuid the subnet's number
     * @return the settings
     */
    public static PylonSettings ofOpenAccess(URI address, Optional<String> token, int netuid) {
        return new PylonSettings(address, Optional.empty(), token, netuid, PATIENCE);
    }

    private static void requireAddress(URI address) {
        // The address is shown in messages: a password in it would be, too.
        if (address.getRawUserInfo() != null) {
            throw new InvalidArgument("address", "address holds a user or password: give a token instead");
        }
        boolean web = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
        if (!web || address.getHost() == null || address.getRawQuery() != null || address.getRawFragment() != null) {
            throw new InvalidArgument("address", address, "an address such as http://pylon:8000");
        }
    }

    @Override
    public String toString() {
        return "PylonSettings[address=" + address + ", identity=" + identity.orElse("open access") + ", token="
                + (token.isPresent() ? "not shown" : "none") + ", netuid=" + netuid + ", patience=" + patience + "]";
    }
}
