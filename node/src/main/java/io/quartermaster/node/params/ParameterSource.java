package io.quartermaster.node.params;

/** Where the parameters in force are read. Safe for use by several threads. */
@FunctionalInterface
public interface ParameterSource {
    /**
     * The parameters in force now. Whoever decides something reads them once and decides by that set.
     *
     * @return one consistent set; never waits
     */
    DynamicParameters current();
}
