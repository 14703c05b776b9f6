package io.quartermaster.node.collateral.evm;

import java.io.Serial;
import java.util.Optional;

/** Collateral was not slashed; with {@link SlashTrouble#NOT_MINED}, not that anybody knows. */
public final class SlashFailed extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final SlashTrouble trouble;
    private final transient Optional<String> transaction;

    SlashFailed(SlashTrouble trouble, String detail) {
        this(trouble, detail, Optional.empty());
    }

    SlashFailed(SlashTrouble trouble, String detail, Optional<String> transaction) {
        super(trouble.advice() + " (" + detail + ")");
        this.trouble = trouble;
        this.transaction = transaction;
    }

    /**
     * What kind of trouble.
     *
     * @return the kind
     */
    public SlashTrouble trouble() {
        return trouble;
    }

    /**
     * The transaction that was sent.
     *
     * @return its hash; empty if none was
     */
    public Optional<String> transaction() {
        return transaction;
    }
}
