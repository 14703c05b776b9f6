package io.quartermaster.node.chain;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.CollateralSeen;
import io.quartermaster.node.chain.Observation.ManifestsSeen;
import io.quartermaster.node.chain.Observation.Validator;
import io.quartermaster.node.keys.Hashes;
import io.quartermaster.node.keys.Ss58;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who is in a simulated subnet, and what they have, at any block. A pure function of the settings and the block. */
final class SimulatedPopulation {
    static final int MANIFEST_INTERVAL_BLOCKS = 25;

    private static final int AWAY_BLOCKS = 100;
    private static final int STAKE_STEP_BLOCKS = 10;
    private static final int STAKE_KNOT_BLOCKS = 360;
    private static final double STAKE_SWING = 0.15;
    private static final int LONGEST_DROP_SYNCS = 4;
    private static final int MOST_EXECUTORS = 8;
    private static final double OFFERED = 0.7;
    private static final double POOR = 0.15;
    private static final double RICHEST = 5;
    private static final BigInteger MINIMUM_WEI = new BigInteger("10000000000000000");
    private static final double WEI_STEPS = 1000;

    private final SimulationSettings settings;
    private final Seeded seeded;
    private final List<Neuron> miners = new ArrayList<>();
    private final List<Neuron> validators = new ArrayList<>();

    SimulatedPopulation(SimulationSettings settings) {
        this.settings = settings;
        this.seeded = new Seeded(settings.seed()).about("population");
        for (int i = 0; i < settings.miners(); i++) {
            miners.add(miner(i));
        }
        for (int i = 0; i < settings.validators(); i++) {
            Hotkey hotkey = hotkey("validator", i);
            validators.add(new Neuron(
                    settings.miners() + i,
                    hotkey("cold validator", i),
                    new Miner(hotkey, "0.0.0.0", 0, 4, Optional.empty())));
        }
    }

    private Neuron miner(int i) {
        boolean six = i % 10 == 9;
        Optional<String> shield = i % 8 == 7 ? Optional.of("m" + i + ".shield.example") : Optional.empty();
        String address = six ? "2001:db8::" + Integer.toHexString(i + 1) : "10.12." + i / 250 + "." + (i % 250 + 1);
        return new Neuron(
                i, hotkey("cold miner", i), new Miner(hotkey("miner", i), address, 8000 + i, six ? 6 : 4, shield));
    }

    /** A real address, of a key that nobody has. */
    private Hotkey hotkey(String kind, int i) {
        String name = "simulated " + settings.seed() + " " + kind + " " + i;
        return new Hotkey(Ss58.address(Hashes.blake2b(Ss58.KEY_BYTES, name.getBytes(StandardCharsets.UTF_8))));
    }

    Hotkey validator() {
        return validators.get(0).hotkey();
    }

    /** All neurons at a block, by uid. */
    List<Neuron> neurons(long block) {
        List<Neuron> present = new ArrayList<>(miners.size() + validators.size());
        for (Neuron miner : miners) {
            if (registered(miner, block)) {
                present.add(miner);
            }
        }
        present.addAll(validators);
        return Collections.unmodifiableList(present);
    }

    /** Each miner has periods of its own, so that they do not all come and go at one block. */
    private boolean registered(Neuron miner, long block) {
        Seeded draw = seeded.about("away").at(miner.uid());
        long period = (block + draw.between(0, AWAY_BLOCKS - 1)) / AWAY_BLOCKS;
        return !draw.at(period).chance(settings.misbehaviour().deregistration());
    }

    /** Stakes move on straight lines between knots, in steps, so that most blocks have the list of the block before. */
    List<Validator> validators(long block) {
        long step = block - block % STAKE_STEP_BLOCKS;
        long knot = step / STAKE_KNOT_BLOCKS;
        double way = (double) (step % STAKE_KNOT_BLOCKS) / STAKE_KNOT_BLOCKS;
        List<Validator> stakes = new ArrayList<>(validators.size());
        for (Neuron validator : validators) {
            Seeded draw = seeded.about("stake").at(validator.uid());
            double usual = 5_000 * Math.exp(draw.between(0.0, 2.5));
            double from = draw.at(knot).between(-STAKE_SWING, STAKE_SWING);
            double to = draw.at(knot + 1).between(-STAKE_SWING, STAKE_SWING);
            double stake = usual * (1 + from + (to - from) * way);
            stakes.add(new Validator(validator.hotkey(), validator.uid(), Math.round(stake * 1e6) / 1e6));
        }
        return Collections.unmodifiableList(stakes);
    }

    /** The manifests that the miners give at a block. */
    ManifestsSeen manifests(long block) {
        Map<Hotkey, Map<ExecutorClass, Integer>> counts = new LinkedHashMap<>();
        Map<Hotkey, String> failed = new LinkedHashMap<>();
        long sync = block / MANIFEST_INTERVAL_BLOCKS;
        for (Neuron miner : miners) {
            if (!registered(miner, block)) {
                continue;
            }
            Seeded draw = seeded.about("manifest").at(miner.uid());
            Seeded answer = draw.at(sync);
            if (answer.chance(settings.misbehaviour().manifestFailure())) {
                failed.put(miner.hotkey(), answer.at(0).chance(0.7) ? "timeout" : "malformed");
            } else {
                counts.put(miner.hotkey(), executors(draw, sync));
            }
        }
        return new ManifestsSeen(block, Collections.unmodifiableMap(counts), Collections.unmodifiableMap(failed));
    }

    private Map<ExecutorClass, Integer> executors(Seeded miner, long sync) {
        Map<ExecutorClass, Integer> executors = new LinkedHashMap<>();
        for (ExecutorClass executorClass : settings.executorClasses()) {
            Seeded draw = miner.about(executorClass.name());
            if (!draw.chance(OFFERED)) {
                continue;
            }
            int usual = draw.at(0).between(1, MOST_EXECUTORS);
            executors.put(executorClass, dropped(draw, sync) ? draw.at(sync).between(0, usual - 1) : usual);
        }
        return Collections.unmodifiableMap(executors);
    }

    private boolean dropped(Seeded draw, long sync) {
        for (int ago = 0; ago < LONGEST_DROP_SYNCS; ago++) {
            Seeded begun = draw.about("drop").at(sync - ago);
            if (begun.chance(settings.misbehaviour().manifestDrop())
                    && begun.at(0).between(1, LONGEST_DROP_SYNCS) > ago) {
                return true;
            }
        }
        return false;
    }

    /** The collateral of the miners at a block. It is topped up now and then. */
    CollateralSeen collateral(long block) {
        Map<Hotkey, BigInteger> wei = new LinkedHashMap<>();
        for (Neuron miner : miners) {
            if (!registered(miner, block)) {
                continue;
            }
            Seeded draw = seeded.about("collateral").at(miner.uid());
            boolean poor = draw.chance(POOR);
            double minimums = poor
                    ? draw.at(0).between(0.0, 0.99)
                    : draw.at(0).between(1.0, RICHEST) + draw.at(block).between(0.0, 0.1);
            BigInteger amount = MINIMUM_WEI
                    .multiply(BigInteger.valueOf((long) (minimums * WEI_STEPS)))
                    .divide(BigInteger.valueOf((long) WEI_STEPS));
            wei.put(miner.hotkey(), poor && draw.at(1).chance(0.3) ? BigInteger.ZERO : amount);
        }
        return new CollateralSeen(block, Collections.unmodifiableMap(wei));
    }
}
