package io.quartermaster.node.chain;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import java.util.Map;

/**
 * Which subnet a chain shows, and for whom.
 *
 * @param netuid the subnet's number, from 0 to 65535
 * @param validator the hotkey whose allowance is booked
 * @param finalityLag how many blocks the current block stays behind the head, at least 0
 * @param params dynamic parameters to start with, by name; checked by whoever reads them
 */
public record ChainInfo(int netuid, Hotkey validator, int finalityLag, Map<String, String> params) {
    /** Checks the numbers and copies the parameters. */
    public ChainInfo {
        if (netuid < 0 || netuid > 65_535) {
            throw new InvalidArgument("netuid", netuid, "from 0 to 65535");
        }
        if (finalityLag < 0) {
            throw new InvalidArgument("finalityLag", finalityLag, "at least 0");
        }
        params = Map.copyOf(params);
    }

    /**
     * The same subnet, as seen when nothing is shown before it is final.
     *
     * @return with a finality lag of 0
     */
    public ChainInfo finalised() {
        return new ChainInfo(netuid, validator, 0, params);
    }
}
