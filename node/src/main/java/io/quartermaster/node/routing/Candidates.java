package io.quartermaster.node.routing;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.MinerAllowance;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * The miners that a job could go to.
 *
 * @param miners in find's order
 * @param wei what each of them has put down; empty if that was not looked at
 */
record Candidates(List<MinerAllowance> miners, List<BigInteger> wei) {
    int size() {
        return miners.size();
    }

    Hotkey miner(int index) {
        return miners.get(index).miner();
    }

    double availableSeconds(int index) {
        return miners.get(index).availableSeconds();
    }

    Optional<BigInteger> collateralWei(int index) {
        return wei.isEmpty() ? Optional.empty() : Optional.of(wei.get(index));
    }
}
