package io.quartermaster.node.receipts;

import io.quartermaster.api.InvalidArgument;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How far a miner's pages have been read. Whatever is before a mark has been taken in.
 *
 * @param marks one for each page that was read, by number
 */
public record TransferCheckpoint(List<Mark> marks) {
    /** Nothing has been read yet. */
    public static final TransferCheckpoint NONE = new TransferCheckpoint(List.of());

    /** Sorts the marks. */
    public TransferCheckpoint {
        marks = marks.stream().sorted(Comparator.comparing(Mark::page)).toList();
    }

    /**
     * How far a page has been read.
     *
     * @param page the page's number
     * @param bytes how many bytes of it, as they are when it is not compressed
     * @param done whether nothing more will come
     */
    public record Mark(long page, long bytes, boolean done) {
        public Mark {
            if (page < 0 || bytes < 0) {
                throw new InvalidArgument(
                        "mark", page + ":" + bytes, "of a page and a number of bytes that are at least 0");
            }
        }
    }

    /**
     * How far a page has been read.
     *
     * @param page the page's number
     * @return its mark; one at its beginning if nothing has been read of it
     */
    public Mark at(long page) {
        Optional<Mark> known =
                marks.stream().filter(mark -> mark.page() == page).findFirst();
        return known.orElseGet(() -> new Mark(page, 0, false));
    }

    /**
     * These with another mark.
     *
     * @param mark the mark; it replaces that of the same page
     * @param oldest older pages are left out
     * @return new marks
     */
    public TransferCheckpoint with(Mark mark, long oldest) {
        return new TransferCheckpoint(Stream.concat(
                        marks.stream().filter(known -> known.page() != mark.page()), Stream.of(mark))
                .filter(known -> known.page() >= oldest)
                .toList());
    }
}
