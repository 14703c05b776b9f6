package io.quartermaster.node.chain;

import io.quartermaster.api.Hotkey;
import java.util.Map;

/**
 * Which subnet a chain shows, and for whom.
 *
 * @param netuid the subnet's number
 * @param validator the hotkey whose allowance is booked
 * @param finalityLag how many blocks the current block stays behind the head, at least 0
 * @param params dynamic parameters to start with, by name; checked by whoever reads them
 */
public record ChainInfo(int netuid, Hotkey validator, int finalityLag, Map<String, String> params) {
    public ChainInfo {
        params = Map.copyOf(params);
    }
}
