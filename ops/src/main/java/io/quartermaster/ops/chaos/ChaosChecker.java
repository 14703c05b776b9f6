package io.quartermaster.ops.chaos;

import io.quartermaster.ops.chaos.CallLog.Attempt;
import io.quartermaster.ops.chaos.CallLog.Booked;
import io.quartermaster.ops.chaos.CallLog.Kind;
import io.quartermaster.ops.chaos.CallLog.Outcome;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Classes;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Dump;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Held;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Miner;
import io.quartermaster.ops.chaos.ChaosReplicaCommand.Slots;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Proves from what callers were told, and from what the replicas hold in the end, that the books were kept. It relies on
 * nothing but the guarantee: an answer of success is final, {@code GridUnavailable} means not done, and anything else may have
 * been done once or not at all.
 *
 * <p>A reservation is held at least from its answer until it is first asked to be undone, or its deadline is near; one whose
 * spending was answered is held for ever.
 */
final class ChaosChecker {
    private static final int MOST_SHOWN = 20;
    private static final long DUE_MILLIS = 1000;

    private final double speed;
    private final long marginBookMillis;
    private final Map<String, List<String>> violations = new TreeMap<>();

    /**
     * A checker.
     *
     * @param speed how fast the books' clock goes
     * @param marginBookMillis by how much the books' clocks may have been apart
     */
    ChaosChecker(double speed, long marginBookMillis) {
        this.speed = speed;
        this.marginBookMillis = marginBookMillis;
    }

    /** What was found, by rule. */
    record Findings(Map<String, List<String>> violations, int calls, int answered, int succeeded, int reservations) {
        int count() {
            return violations.values().stream().mapToInt(List::size).sum();
        }
    }

    /** One reservation's life, as callers know it. */
    private static final class Life {
        private final Booked booked;
        private final Kind kind;
        private final long answeredMillis;
        private final long askedMillis;
        private final long expiresMillis;
        private long undoAskedMillis = Long.MAX_VALUE;
        private long spendAskedMillis = Long.MAX_VALUE;
        private boolean undone;
        private boolean spent;
        private long settledMillis = Long.MAX_VALUE;

        private Life(Booked booked, Attempt made, long askedMillis, long expiresMillis) {
            this.booked = booked;
            this.kind = made.kind();
            this.askedMillis = askedMillis;
            this.answeredMillis = made.endedMillis();
            this.expiresMillis = expiresMillis;
        }

        /** Until then nobody but its owner can have had its blocks. */
        private long heldUntilMillis() {
            return spent ? Long.MAX_VALUE : Math.min(undoAskedMillis, expiresMillis);
        }

        /** Until then it takes an executor. */
        private long atWorkUntilMillis() {
            return Math.min(Math.min(undoAskedMillis, spendAskedMillis), expiresMillis);
        }
    }

    Findings check(List<Attempt> attempts, List<Dump> dumps) {
        Map<Long, Life> lives = lives(attempts);
        attempts.stream()
                .filter(attempt -> attempt.was(Outcome.FAULT))
                .forEach(attempt -> violation("fault", attempt.op() + " ended in " + attempt.details()));
        settle(attempts, lives);
        noBlockTwice(lives.values());
        noSlotOverfilled(lives.values(), dumps);
        for (Dump dump : dumps) {
            inTheEnd(dump, lives);
            conserved(dump);
        }
        acceptedOnAll(attempts, lives, dumps);
        notDoneMeansNotDone(attempts, dumps);
        agree(dumps);
        return new Findings(
                violations,
                attempts.size(),
                (int) attempts.stream().filter(Attempt::answered).count(),
                (int) attempts.stream()
                        .filter(attempt -> attempt.was(Outcome.OK))
                        .count(),
                lives.size());
    }

    private void violation(String rule, String text) {
        violations.computeIfAbsent(rule, key -> new ArrayList<>()).add(text);
    }

    /** Reservations by id, from the first answer that named them. */
    private Map<Long, Life> lives(List<Attempt> attempts) {
        Map<Long, Life> lives = new HashMap<>();
        Map<String, Long> firstAsked = new HashMap<>();
        Map<String, Long> firstAskedMillis = new HashMap<>();
        attempts.forEach(attempt -> {
            firstAsked.merge(attempt.op(), attempt.beganBookMillis(), Math::min);
            firstAskedMillis.merge(attempt.op(), attempt.beganMillis(), Math::min);
        });
        attempts.stream()
                .filter(attempt -> !attempt.booked().isEmpty())
                .sorted(Comparator.comparingLong(Attempt::endedMillis))
                .forEach(attempt -> {
                    Booked booked = attempt.booked().get(0);
                    // A route does not say its deadline. It is 100 s of book time after it was first asked for, at
                    // least:
                    // what a repeated call is told of may have been made by the first one.
                    long deadline = booked.deadlineMillis() > 0
                            ? booked.deadlineMillis()
                            : firstAsked.getOrDefault(attempt.op(), attempt.beganBookMillis()) + 100_000;
                    double left = deadline - marginBookMillis - attempt.endedBookMillis();
                    long expires = attempt.endedMillis() + (long) (left / speed);
                    long asked = firstAskedMillis.getOrDefault(attempt.op(), attempt.beganMillis());
                    Life known = lives.putIfAbsent(booked.reservation(), new Life(booked, attempt, asked, expires));
                    if (known != null && !sameBooking(known.booked, booked)) {
                        violation(
                                "one reservation, one booking",
                                "reservation " + booked.reservation() + " was answered as " + known.booked.words()
                                        + " and as " + booked.words());
                    }
                });
        return lives;
    }

    private static boolean sameBooking(Booked one, Booked other) {
        return one.miner().equals(other.miner())
                && one.executorClass().equals(other.executorClass())
                && one.blocks().equals(other.blocks());
    }

    private void settle(List<Attempt> attempts, Map<Long, Life> lives) {
        List<Attempt> settling = attempts.stream()
                .filter(attempt ->
                        attempt.kind() == Kind.UNDO || attempt.kind() == Kind.FINISH || attempt.kind() == Kind.SPEND)
                .toList();
        for (Attempt attempt : settling) {
            Life life = lives.get(Long.parseLong(attempt.target()));
            if (life == null) {
                continue;
            }
            boolean undo = attempt.kind() != Kind.SPEND;
            if (undo) {
                life.undoAskedMillis = Math.min(life.undoAskedMillis, attempt.beganMillis());
            } else {
                life.spendAskedMillis = Math.min(life.spendAskedMillis, attempt.beganMillis());
            }
            if (attempt.was(Outcome.OK)) {
                life.undone |= undo;
                life.spent |= !undo;
                life.settledMillis = Math.min(life.settledMillis, attempt.endedMillis());
            }
        }
        for (Attempt attempt : settling) {
            Life life = lives.get(Long.parseLong(attempt.target()));
            if (life != null) {
                refusals(attempt, life);
            }
        }
        for (Life life : lives.values()) {
            if (life.undone && life.spent) {
                violation("settled once", "reservation " + life.booked.reservation() + " was undone and spent");
            }
        }
    }

    /** Each reservation has one caller who settles it, with one id: the books have no reason to refuse that. */
    private void refusals(Attempt attempt, Life life) {
        boolean inTime = attempt.endedMillis() < life.expiresMillis;
        if (attempt.was(Outcome.ALREADY_SPENT)) {
            violation(
                    "the same id gets the same answer",
                    attempt.op() + " was told that reservation " + attempt.target() + " was spent by another call");
        } else if (attempt.was(Outcome.NOT_FOUND) && inTime) {
            violation(
                    "an acknowledged reservation is there until its deadline",
                    attempt.op() + " was told that there is no reservation " + attempt.target() + ", "
                            + (life.expiresMillis - attempt.endedMillis()) + " ms before its deadline");
        }
    }

    private void noBlockTwice(Iterable<Life> lives) {
        Map<String, List<Life>> byBlock = new HashMap<>();
        for (Life life : lives) {
            for (long block : life.booked.blocks()) {
                String name = life.booked.miner() + " " + life.booked.executorClass() + " block " + block;
                byBlock.computeIfAbsent(name, key -> new ArrayList<>()).add(life);
            }
        }
        byBlock.forEach((block, holders) -> {
            holders.sort(Comparator.comparingLong(life -> life.answeredMillis));
            for (int i = 0; i < holders.size(); i++) {
                for (int j = i + 1; j < holders.size(); j++) {
                    Life first = holders.get(i);
                    Life second = holders.get(j);
                    boolean bothSpent = first.spent && second.spent;
                    boolean bothHeld =
                            second.answeredMillis < Math.min(first.heldUntilMillis(), second.heldUntilMillis());
                    if (bothSpent || bothHeld) {
                        violation(
                                "no block booked twice",
                                block + " is in reservations " + first.booked.reservation() + " and "
                                        + second.booked.reservation() + (bothSpent ? ", both spent" : " at once"));
                    }
                }
            }
        });
    }

    private void noSlotOverfilled(Iterable<Life> lives, List<Dump> dumps) {
        Map<String, Integer> executors = new HashMap<>();
        for (Dump dump : dumps) {
            for (Miner miner : dump.miners()) {
                for (Classes book : miner.classes()) {
                    executors.merge(miner.miner() + " " + book.executorClass(), book.mostExecutors(), Math::max);
                }
            }
        }
        Map<String, List<Life>> byClass = new HashMap<>();
        for (Life life : lives) {
            byClass.computeIfAbsent(life.booked.miner() + " " + life.booked.executorClass(), key -> new ArrayList<>())
                    .add(life);
        }
        byClass.forEach((name, all) -> {
            int there = executors.getOrDefault(name, Integer.MAX_VALUE);
            all.stream().filter(life -> life.kind == Kind.ROUTE).forEach(routed -> {
                long others = all.stream()
                        .filter(life -> life != routed
                                && life.answeredMillis < routed.askedMillis
                                && life.atWorkUntilMillis() > routed.answeredMillis)
                        .count();
                if (others >= there) {
                    violation(
                            "no executor slot overfilled",
                            name + " has " + there + " executors and " + others + " jobs, and got reservation "
                                    + routed.booked.reservation());
                }
            });
        });
    }

    private void inTheEnd(Dump dump, Map<Long, Life> lives) {
        String where = "on replica " + dump.replica();
        Map<Long, Held> held = new HashMap<>();
        dump.miners().forEach(miner -> miner.bookings().forEach(booking -> held.put(booking.id(), booking)));
        for (Life life : lives.values()) {
            Held booking = held.get(life.booked.reservation());
            boolean active = booking != null && !booking.spent();
            boolean spent = booking != null && booking.spent();
            String name = "reservation " + life.booked.reservation() + " ";
            if (life.spent && !spent) {
                violation("every acknowledged spend is spent", name + "is " + (active ? "active " : "gone ") + where);
            }
            if (life.undone && booking != null) {
                violation("what was undone is free", name + "is " + (spent ? "spent " : "active ") + where);
            }
            if (spent && life.spendAskedMillis == Long.MAX_VALUE) {
                violation("nobody spends but its caller", name + "is spent " + where + ", and nobody asked for that");
            }
        }
        for (Held booking : held.values()) {
            long overdueMillis = (long) ((dump.bookMillis() - marginBookMillis - booking.deadlineMillis()) / speed);
            if (!booking.spent() && overdueMillis > 2000) {
                violation(
                        "what is overdue is released within 2 s",
                        "reservation " + booking.id() + " is active " + where + ", " + overdueMillis
                                + " ms after its deadline");
            }
        }
        if (dump.blocksMissing() > 0) {
            violation("no block is lost", dump.blocksMissing() + " blocks are missing " + where);
        }
    }

    private void conserved(Dump dump) {
        for (Miner miner : dump.miners()) {
            for (Classes book : miner.classes()) {
                String name = miner.miner() + " " + book.executorClass() + " on replica " + dump.replica();
                if (book.mintedNanos() != book.partsNanos()) {
                    violation(
                            "conservation",
                            name + ": the parts are " + book.partsNanos() + " ns of " + book.mintedNanos() + " ns");
                }
                Set<Long> reserved = new TreeSet<>();
                Set<Long> spent = new TreeSet<>();
                for (Held booking : miner.bookings()) {
                    if (booking.executorClass().equals(book.executorClass())) {
                        for (long block : booking.blocks()) {
                            boolean first = (booking.spent() ? spent : reserved).add(block);
                            if (!first || (reserved.contains(block) && spent.contains(block))) {
                                violation("conservation", name + ": block " + block + " is in two bookings");
                            }
                        }
                    }
                }
                if (!reserved.equals(Set.copyOf(book.reserved()))
                        || !Set.copyOf(book.spent()).equals(spent)) {
                    violation("conservation", name + ": the booked blocks are not those of the bookings");
                }
            }
        }
    }

    /** By cycle: what a caller was told is accepted takes its allowance, as far as the miner's slots still know the job. */
    private void acceptedOnAll(List<Attempt> attempts, Map<Long, Life> lives, List<Dump> dumps) {
        Set<String> accepted = new HashSet<>();
        for (Attempt attempt : attempts) {
            boolean tells = attempt.kind() == Kind.START || attempt.kind() == Kind.FINISH;
            Life life = tells && attempt.was(Outcome.OK) ? lives.get(Long.parseLong(attempt.target())) : null;
            if (life != null) {
                accepted.add(life.booked.miner() + " " + job(attempt));
            }
        }
        for (Dump dump : dumps) {
            for (Slots slots : dump.slots()) {
                slots.jobs().stream()
                        .filter(kept -> !kept.accepted() && accepted.contains(slots.miner() + " " + kept.job()))
                        .forEach(kept -> violation(
                                "every acknowledged acceptance takes its allowance",
                                "job " + kept.job() + " with " + slots.miner() + " is not accepted on replica "
                                        + dump.replica()));
            }
        }
    }

    private static String job(Attempt attempt) {
        return attempt.op().substring(0, attempt.op().indexOf('/'));
    }

    /** GridUnavailable, and nothing else, is an answer to each attempt: then nothing may have happened. */
    private void notDoneMeansNotDone(List<Attempt> attempts, List<Dump> dumps) {
        Map<String, List<Attempt>> byOp = new HashMap<>();
        attempts.forEach(attempt ->
                byOp.computeIfAbsent(attempt.op(), key -> new ArrayList<>()).add(attempt));
        Set<String> jobsHeld = new HashSet<>();
        Set<Long> spent = new HashSet<>();
        for (Dump dump : dumps) {
            dump.slots().forEach(slots -> slots.jobs().forEach(kept -> jobsHeld.add(kept.job())));
            for (Miner miner : dump.miners()) {
                for (Held booking : miner.bookings()) {
                    jobsHeld.add(booking.job());
                    if (booking.spent()) {
                        spent.add(booking.id());
                    }
                }
            }
        }
        byOp.forEach((op, tries) -> {
            Attempt first = tries.get(0);
            boolean notDone = tries.stream().allMatch(attempt -> attempt.was(Outcome.UNAVAILABLE));
            boolean booked = first.kind() == Kind.RESERVE || first.kind() == Kind.ROUTE;
            String job = job(first);
            boolean done = booked
                    ? jobsHeld.contains(job)
                    : first.kind() == Kind.SPEND && spent.contains(Long.parseLong(first.target()));
            if (notDone && done) {
                violation("unavailable means not done", op + " was answered with GridUnavailable and has happened");
            }
        });
    }

    /** The replicas are asked one after the other: what is due about then may be gone on one and not yet on the other. */
    private void agree(List<Dump> dumps) {
        long dueMillis = dumps.stream().mapToLong(Dump::bookMillis).max().orElse(0) + (long) (DUE_MILLIS * speed);
        for (Dump dump : dumps) {
            Dump first = dumps.get(0);
            if (!books(dump, dueMillis).equals(books(first, dueMillis))) {
                violation(
                        "replicas agree",
                        "replicas " + first.replica() + " and " + dump.replica() + " hold different books");
            }
            if (!sameBlocks(first.blocks(), dump.blocks())) {
                violation(
                        "replicas agree",
                        "replicas " + first.replica() + " and " + dump.replica() + " hold different blocks");
            }
        }
    }

    /** What depends on when it was asked is left out; that blocks belong to bookings is checked elsewhere. */
    private static List<Object> books(Dump dump, long dueMillis) {
        List<Object> books = new ArrayList<>();
        for (Miner miner : dump.miners()) {
            books.add(miner.miner());
            books.add(miner.bookings().stream()
                    .filter(booking -> booking.spent() || booking.deadlineMillis() > dueMillis)
                    .toList());
            miner.classes().forEach(book -> books.add(List.of(book.executorClass(), book.spent())));
        }
        for (Slots slots : dump.slots()) {
            books.add(List.of(slots.miner(), slots.usedNanos()));
            books.add(slots.jobs().stream()
                    .filter(kept -> kept.deadlineMillis() > dueMillis)
                    .toList());
        }
        return books;
    }

    /** Where both have a block it is the same. */
    private static boolean sameBlocks(String one, String other) {
        Map<String, String> lengths = new HashMap<>();
        for (String block : one.split(" ", -1)) {
            lengths.put(block.substring(0, Math.max(0, block.indexOf(':'))), block);
        }
        for (String block : other.split(" ", -1)) {
            String same = lengths.get(block.substring(0, Math.max(0, block.indexOf(':'))));
            if (same != null && !same.equals(block)) {
                return false;
            }
        }
        return true;
    }

    /** The violations in words, not too many of each rule. */
    static List<String> words(Findings findings) {
        List<String> words = new ArrayList<>();
        findings.violations().forEach((rule, all) -> {
            words.add(rule + ": " + all.size() + " violations");
            all.stream().limit(MOST_SHOWN).forEach(text -> words.add("  " + text));
        });
        return words;
    }
}
