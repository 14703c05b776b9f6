package io.quartermaster.api;

import java.io.Serial;

/** The blocks that were offered do not pay for the job; says what is wrong with each. */
public final class CannotSpend extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient SpendDetails details;

    /**
     * Makes the answer.
     *
     * @param details the offered blocks, sorted by what is wrong with them
     */
    public CannotSpend(SpendDetails details) {
        super("Cannot spend " + details.requiredSeconds() + " s: the spendable blocks offered hold "
                + details.spendableSeconds() + " s");
        this.details = details;
    }

    /**
     * The offered blocks, sorted by what is wrong with them.
     *
     * @return the details
     */
    public SpendDetails details() {
        return details;
    }
}
