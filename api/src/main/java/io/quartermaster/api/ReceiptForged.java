package io.quartermaster.api;

import java.io.Serial;

/** A receipt does not carry the signatures that it must: whoever is named in it did not state what it says. */
public final class ReceiptForged extends Refused {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Makes the answer.
     *
     * @param receipt the receipt
     * @param signer whose signature is not good
     */
    public ReceiptForged(Receipt receipt, Hotkey signer) {
        super("The " + receipt.getClass().getSimpleName() + " receipt of job " + receipt.job() + " is not signed by "
                + signer);
    }
}
