package io.quartermaster.ops;

import java.io.PrintWriter;
import java.util.function.LongConsumer;

/** Tells how far long work is. */
final class Progress {
    private Progress() {}

    /** A line whenever so many more entries are done. */
    static LongConsumer every(long entries, PrintWriter out) {
        return count -> {
            if (count % entries == 0) {
                out.println(count + " entries");
                out.flush();
            }
        };
    }
}
