package io.quartermaster.api;

/**
 * The SS58 address by which a miner or a validator is known on the chain. Real ones have 48 characters; recordings and
 * simulations may use shorter names.
 *
 * @param value 1 to 64 letters, digits or any of {@code . _ : + -}
 */
public record Hotkey(String value) implements Comparable<Hotkey> {
    /** Checks the address's form; whether it is registered on the chain is not looked at. */
    public Hotkey {
        Checks.name("hotkey", value, 64);
    }

    @Override
    public int compareTo(Hotkey other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
