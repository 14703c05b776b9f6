package io.quartermaster.api;

import java.util.Optional;

/**
 * A miner, and where to reach it.
 *
 * @param hotkey the miner's address on the chain
 * @param address the host or IP address that it serves at; {@code 0.0.0.0} if it is not serving
 * @param port from 0 (not serving) to 65535
 * @param ipVersion 4 or 6
 * @param shieldAddress the host that stands before the miner for this validator alone, if the miner is shielded; use it
 *     instead of the address
 */
public record Miner(Hotkey hotkey, String address, int port, int ipVersion, Optional<String> shieldAddress) {
    /** Checks port and version. */
    public Miner {
        if (address.isBlank() || address.length() > 255) {
            throw new InvalidArgument("address", address, "1 to 255 characters");
        }
        if (port < 0 || port > 65_535) {
            throw new InvalidArgument("port", port, "from 0 to 65535");
        }
        if (ipVersion != 4 && ipVersion != 6) {
            throw new InvalidArgument("ipVersion", ipVersion, "4 or 6");
        }
    }

    /**
     * Whether the miner has said where it can be reached: on the chain, or to its shield, for this validator alone.
     *
     * @return false if it has no shield, and the address or the port is the chain's way of saying "nowhere"
     */
    public boolean serving() {
        return port != 0 && (shieldAddress.isPresent() || !address.equals("0.0.0.0"));
    }
}
