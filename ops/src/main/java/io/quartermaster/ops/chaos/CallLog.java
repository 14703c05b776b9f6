package io.quartermaster.ops.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a caller did and what it was told, one line each, written before and after each attempt. A line that was written
 * outlives the process. Times are of the machine's monotonic clock, which all processes on it share. Safe for use by several
 * threads.
 *
 * <pre>
 * S attempt millis bookMillis op kind target [class seconds]
 * E attempt millis bookMillis outcome [reservation miner class deadlineMillis blocks]
 * </pre>
 */
final class CallLog implements AutoCloseable {
    private final FileChannel channel;

    CallLog(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            this.channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("The log of calls can't be written", e);
        }
    }

    /** What an attempt ended in. */
    enum Outcome {
        OK,
        /** Not done, for sure. */
        UNAVAILABLE,
        /** Perhaps done. */
        UNKNOWN,
        /** The books say no: there is no such reservation. */
        NOT_FOUND,
        /** The books say no: it was spent by another call. */
        ALREADY_SPENT,
        /** The books say no for another reason. */
        REFUSED,
        /** Something that must never happen. */
        FAULT
    }

    /** What is asked for. */
    enum Kind {
        ROUTE,
        RESERVE,
        UNDO,
        SPEND,
        /** By cycle: the receipts that a job was started and accepted. */
        START,
        /** By cycle: the receipt that a job is over. */
        FINISH
    }

    /** A reservation, as the caller was told of it. By cycle its number is the caller's own, and there are no blocks. */
    record Booked(long reservation, String miner, String executorClass, long deadlineMillis, List<Long> blocks) {
        String words() {
            return reservation + " " + miner + " " + executorClass + " " + deadlineMillis + " "
                    + blocks.stream().map(String::valueOf).collect(Collectors.joining(","));
        }

        static Booked parse(String[] words, int from) {
            return new Booked(
                    Long.parseLong(words[from]),
                    words[from + 1],
                    words[from + 2],
                    Long.parseLong(words[from + 3]),
                    Arrays.stream(words[from + 4].split(",", -1))
                            .filter(block -> !block.isEmpty())
                            .map(Long::parseLong)
                            .toList());
        }
    }

    static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }

    void began(long attempt, long bookMillis, String op, Kind kind, String target) {
        line("S " + attempt + " " + nowMillis() + " " + bookMillis + " " + op + " " + kind + " " + target);
    }

    void ended(long attempt, long bookMillis, Outcome outcome, String details) {
        line("E " + attempt + " " + nowMillis() + " " + bookMillis + " " + outcome
                + (details.isEmpty() ? "" : " " + details));
    }

    private void line(String text) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
            synchronized (channel) {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The log of calls can't be written", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("The log of calls can't be closed", e);
        }
    }

    /** An attempt, as read back. */
    record Attempt(
            String log,
            long number,
            String op,
            Kind kind,
            String target,
            long beganMillis,
            long beganBookMillis,
            long endedMillis,
            long endedBookMillis,
            List<Outcome> outcome,
            List<Booked> booked,
            String details) {
        /** Whether an answer came; a process may be killed before. */
        boolean answered() {
            return !outcome.isEmpty();
        }

        boolean was(Outcome wanted) {
            return outcome.contains(wanted);
        }
    }

    /** Reads a log; the last line may be cut short. */
    static List<Attempt> read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException("The log " + file + " can't be read", e);
        }
        List<Attempt> attempts = new ArrayList<>();
        Map<Long, Integer> places = new HashMap<>();
        for (String text : lines) {
            String[] words = text.split(" ", -1);
            if (words.length >= 7 && words[0].equals("S")) {
                places.put(Long.parseLong(words[1]), attempts.size());
                attempts.add(new Attempt(
                        file.getFileName().toString(),
                        Long.parseLong(words[1]),
                        words[4],
                        Kind.valueOf(words[5]),
                        words[6],
                        Long.parseLong(words[2]),
                        Long.parseLong(words[3]),
                        Long.MAX_VALUE,
                        Long.MAX_VALUE,
                        List.of(),
                        List.of(),
                        ""));
            } else if (words.length >= 5 && words[0].equals("E")) {
                int place = places.getOrDefault(Long.parseLong(words[1]), -1);
                if (place < 0) {
                    continue;
                }
                Attempt begun = attempts.get(place);
                Outcome outcome = Outcome.valueOf(words[4]);
                boolean booking = outcome == Outcome.OK && words.length >= 10;
                attempts.set(
                        place,
                        new Attempt(
                                begun.log(),
                                begun.number(),
                                begun.op(),
                                begun.kind(),
                                begun.target(),
                                begun.beganMillis(),
                                begun.beganBookMillis(),
                                Long.parseLong(words[2]),
                                Long.parseLong(words[3]),
                                List.of(outcome),
                                booking ? List.of(Booked.parse(words, 5)) : List.of(),
                                booking || words.length < 6
                                        ? ""
                                        : String.join(" ", Arrays.copyOfRange(words, 5, words.length))));
            }
        }
        return attempts;
    }
}
