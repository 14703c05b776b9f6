package io.quartermaster.node.ledger;

import io.quartermaster.api.Hotkey;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The validators of a block and their stakes. Immutable. */
public final class ValidatorStakes {
    /** No validators. */
    public static final ValidatorStakes NONE = new ValidatorStakes(new Members(List.of()), new double[0]);

    private final Members members;
    private final double[] stakes;
    private final double sum;

    private ValidatorStakes(Members members, double[] stakes) {
        this.members = members;
        this.stakes = stakes;
        this.sum = Arrays.stream(stakes).sum();
    }

    /**
     * Makes the list.
     *
     * @param validators their hotkeys, each once
     * @param stakes their stakes in TAO, in the same order, finite and at least 0
     * @return the list
     */
    public static ValidatorStakes of(List<Hotkey> validators, double... stakes) {
        return of(NONE, validators, stakes);
    }

    /**
     * Makes the list; if its validators are those of an earlier one, the two share them, since blocks are many and their
     * validators mostly the same.
     *
     * @param like the earlier list
     * @param validators their hotkeys, each once
     * @param stakes their stakes in TAO, in the same order, finite and at least 0
     * @return the list
     */
    public static ValidatorStakes of(ValidatorStakes like, List<Hotkey> validators, double... stakes) {
        if (validators.size() != stakes.length) {
            throw new IllegalArgumentException(validators.size() + " validators, " + stakes.length + " stakes");
        }
        Members members = like.members.hotkeys.equals(validators) ? like.members : new Members(validators);
        return new ValidatorStakes(members, stakes.clone());
    }

    /**
     * The validators.
     *
     * @return their hotkeys
     */
    public List<Hotkey> validators() {
        return members.hotkeys;
    }

    /**
     * The stakes, in the order of the validators.
     *
     * @return a new array, in TAO
     */
    public double[] stakes() {
        return stakes.clone();
    }

    /**
     * A validator's stake.
     *
     * @param validator its hotkey
     * @return in TAO; 0 if it is not among the validators
     */
    public double stake(Hotkey validator) {
        Integer index = members.index.get(validator);
        return index == null ? 0 : stakes[index];
    }

    /**
     * A validator's part of all stake.
     *
     * @param validator its hotkey
     * @return from 0 to 1; 0 if it is not among the validators or nobody has any stake
     */
    public double share(Hotkey validator) {
        return sum == 0 ? 0 : stake(validator) / sum;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ValidatorStakes that
                && members.hotkeys.equals(that.members.hotkeys)
                && Arrays.equals(stakes, that.stakes);
    }

    @Override
    public int hashCode() {
        return 31 * members.hotkeys.hashCode() + Arrays.hashCode(stakes);
    }

    @Override
    public String toString() {
        return members.hotkeys + " " + Arrays.toString(stakes);
    }

    /** Shared between the blocks of a stretch in which the validators stay the same. */
    private static final class Members {
        private final List<Hotkey> hotkeys;
        private final Map<Hotkey, Integer> index = new HashMap<>();

        private Members(List<Hotkey> hotkeys) {
            this.hotkeys = List.copyOf(hotkeys);
            for (int i = 0; i < hotkeys.size(); i++) {
                if (index.put(hotkeys.get(i), i) != null) {
                    throw new IllegalArgumentException("Validator " + hotkeys.get(i) + " is listed twice");
                }
            }
        }
    }
}
