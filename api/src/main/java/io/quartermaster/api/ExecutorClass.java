package io.quartermaster.api;

/**
 * A kind of machine that miners offer, such as {@code always_on.gpu-24gb}. The set is open: which classes a replica knows is
 * a setting, and a call with one that it does not know fails with {@link InvalidArgument}.
 *
 * @param name 1 to 64 letters, digits or any of {@code . _ : + -}
 */
public record ExecutorClass(String name) implements Comparable<ExecutorClass> {
    /** Checks the name's form. */
    public ExecutorClass {
        Checks.name("executorClass", name, 64);
    }

    @Override
    public int compareTo(ExecutorClass other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
