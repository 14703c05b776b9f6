package io.quartermaster.ops;

/** What the exit code of {@code qm} means. The same for every command; {@code qm --help} lists them. */
final class ExitCodes {
    static final int OK = 0;
    static final int REFUSED = 1;
    static final int BAD_INPUT = 2;
    static final int UNREACHABLE = 3;
    static final int UNAVAILABLE = 4;
    static final int INTERNAL = 70;

    /** For the help text. */
    static final String HELP = "%nExit codes:%n"
            + "  0   done%n"
            + "  1   refused: the books say no, or there is no such thing%n"
            + "  2   bad input: an option, a file or a value is wrong%n"
            + "  3   no replica answers at that address%n"
            + "  4   not done, or outcome unknown: try again%n"
            + "  70  a fault of qm or of the replica itself%n";

    private ExitCodes() {}
}
