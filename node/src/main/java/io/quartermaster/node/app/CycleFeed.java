package io.quartermaster.node.app;

import io.quartermaster.api.Hotkey;
import io.quartermaster.node.collateral.CollateralReadings;
import io.quartermaster.node.routing.BlacklistBook;
import java.math.BigInteger;
import java.util.Map;
import java.util.function.Consumer;

/** What arrives at this replica's copies and is of use to routing by cycle. Safe for use by several threads. */
final class CycleFeed {
    private final CollateralReadings collateral;
    private final BlacklistBook blacklist = new BlacklistBook();
    private volatile Consumer<Hotkey> onCollateral = miner -> {};

    CycleFeed(CollateralReadings collateral) {
        this.collateral = collateral;
    }

    void collateral(Hotkey miner, BigInteger wei) {
        collateral.take(Map.of(miner, wei));
        onCollateral.accept(miner);
    }

    CollateralReadings collateral() {
        return collateral;
    }

    BlacklistBook blacklist() {
        return blacklist;
    }

    /** Who wants to know of collateral from now on. */
    void onCollateral(Consumer<Hotkey> listener) {
        onCollateral = listener;
    }
}
