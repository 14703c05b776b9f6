package io.quartermaster.node.chain;

/** The words of strangers, for logs and events: they may be long, and may be made to look like something else. */
public final class Printable {
    private static final int LONGEST_WORDS_SHOWN = 80;

    private Printable() {}

    /**
     * What can be shown of some words.
     *
     * @param words a stranger's
     * @return the first of them, with a question mark for each character that is not printable ASCII
     */
    public static String of(String words) {
        String head = words.substring(0, Math.min(words.length(), LONGEST_WORDS_SHOWN));
        return head.replaceAll("[^\\x20-\\x7e]", "?") + (head.length() < words.length() ? "..." : "");
    }
}
