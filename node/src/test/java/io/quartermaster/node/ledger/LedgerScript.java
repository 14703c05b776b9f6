package io.quartermaster.node.ledger;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One miner's ledger, driven by a script of lines such as {@code reserve A gpu 15s at 110 -> blocks 100 101}.
 *
 * <p>Blocks are minted at {@code t=} seconds; time for deadlines is a clock of its own that {@code tick} advances.
 */
final class LedgerScript {
    static final Hotkey MINER = new Hotkey("M");
    static final Hotkey OWN = new Hotkey("V");
    private static final Set<Hotkey> WITH_MINER = Set.of(MINER);

    private final Map<String, Long> reservationOf = new HashMap<>();
    private MinerLedger ledger = MinerLedger.unopened(MINER);
    private BlockTable blocks = BlockTable.over(neurons -> neurons.equals("without the miner") ? Set.of() : WITH_MINER);
    private ValidatorStakes stakes = ValidatorStakes.of(List.of(OWN), 1);
    private double multiplier = 1;
    private long nowMillis = 1_000_000;
    private int calls;

    MinerLedger ledger() {
        return ledger;
    }

    /** Runs a line, without its expectation, and answers as the script has it. */
    String run(String line) {
        String[] words = line.split("\\s+", -1);
        return switch (words[0]) {
            case "validators" -> validators(words[1]);
            case "multiplier" -> {
                multiplier = Double.parseDouble(words[1]);
                yield "done";
            }
            case "block" -> block(words, "with the miner");
            case "block-without-miner" -> block(words, "without the miner");
            case "blocks" -> blocks(words);
            case "manifest" -> manifest(words);
            case "tick" -> {
                nowMillis += Math.round(seconds(words[1]) * 1000);
                yield "done";
            }
            case "reserve" -> reserve(words);
            case "undo" -> submit(new LedgerCommand.Undo(call(words, 2), nowMillis, id(words[1])));
            case "spend" -> submit(new LedgerCommand.Spend(call(words, 2), nowMillis, id(words[1])));
            case "extend" ->
                submit(new LedgerCommand.Extend(
                        call(words, 3),
                        nowMillis,
                        id(words[1]),
                        Math.round(seconds(words[2]) * 1000) + Limits.RESERVATION_MARGIN_MILLIS));
            case "expire" -> submit(new LedgerCommand.Expire(fresh(), nowMillis));
            case "evict" -> submit(new LedgerCommand.Evict(fresh(), nowMillis, Long.parseLong(words[2])));
            case "statement" -> statement(new ExecutorClass(words[1]), Long.parseLong(words[3]));
            case "invalidated" -> Long.toString(book(words[1]).invalidatedAt(Long.parseLong(words[2])));
            case "executors" -> Integer.toString(book(words[1]).executors());
            default -> throw new IllegalArgumentException("No such verb: " + line);
        };
    }

    private String validators(String list) {
        Map<Hotkey, Double> named = new LinkedHashMap<>();
        for (String one : list.split(",", -1)) {
            named.put(new Hotkey(one.split("=", -1)[0]), Double.parseDouble(one.split("=", -1)[1]));
        }
        stakes = ValidatorStakes.of(
                List.copyOf(named.keySet()),
                named.values().stream().mapToDouble(Double::doubleValue).toArray());
        return "done";
    }

    private String block(String[] words, String neurons) {
        long number = Long.parseLong(words[1]);
        long timeMillis = Math.round(seconds(words[2].substring("t=".length())) * 1000);
        BlockRecord seen = BlockRecord.seen(number, timeMillis, Optional.empty(), stakes, neurons);
        List<BlockRecord> changes = blocks.changesFor(seen, multiplier);
        blocks = blocks.with(changes);
        return changes.isEmpty() ? "nothing new" : "done";
    }

    /** {@code blocks 100 .. 110}: twelve seconds each. */
    private String blocks(String[] words) {
        for (long number = Long.parseLong(words[1]); number <= Long.parseLong(words[3]); number++) {
            blocks = blocks.with(blocks.changesFor(
                    BlockRecord.seen(number, number * 12_000, Optional.empty(), stakes, "with the miner"), multiplier));
        }
        return "done";
    }

    /** {@code manifest 100 gpu=2}; {@code gpu=2/6} where the miner says 6 and the cap is 2. */
    private String manifest(String[] words) {
        long block = Long.parseLong(words[1]);
        Map<ExecutorClass, Claim> claims = new HashMap<>();
        for (String claim : Arrays.copyOfRange(words, 2, words.length)) {
            String[] counts = claim.split("=", -1)[1].split("/", -1);
            int stored = Integer.parseInt(counts[0]);
            int said = Integer.parseInt(counts[counts.length - 1]);
            claims.put(new ExecutorClass(claim.split("=", -1)[0]), new Claim(said, stored));
        }
        return submit(new LedgerCommand.State(
                fresh(), nowMillis, block, claims, BlockSet.of(blocks.finalisedFrom(block)), 7));
    }

    /** {@code reserve JOB CLASS 15s at 110 [busy J1,J2] [call C] [late 20s]}. */
    private String reserve(String[] words) {
        String job = words[1];
        Optional<Set<JobId>> ongoing = word(words, "busy")
                .map(list -> list.equals("none")
                        ? new HashSet<JobId>()
                        : Arrays.stream(list.split(",", -1)).map(JobId::new).collect(Collectors.toSet()));
        long lateMillis = word(words, "late")
                .map(late -> Math.round(seconds(late) * 1000))
                .orElse(0L);
        long requiredNanos = Amounts.nanos(seconds(words[3]));
        return submit(new LedgerCommand.Reserve(
                word(words, "call").map(CallId::new).orElseGet(this::fresh),
                nowMillis - lateMillis,
                OWN,
                new ExecutorClass(words[2]),
                new JobId(job),
                requiredNanos,
                Long.parseLong(words[5]),
                requiredNanos / 1_000_000 + Limits.RESERVATION_MARGIN_MILLIS,
                ongoing));
    }

    private String submit(LedgerCommand command) {
        LedgerDecision decision = LedgerRules.decide(ledger, command, blocks, nowMillis);
        ledger = ledger.apply(decision);
        return words(decision.outcome());
    }

    private String words(LedgerOutcome outcome) {
        if (outcome instanceof LedgerOutcome.Reserved reserved) {
            reservationOf.put(
                    reserved.booking().job().value(), reserved.booking().id());
            return "blocks "
                    + Arrays.stream(reserved.booking().blocks().toArray())
                            .mapToObj(Long::toString)
                            .collect(Collectors.joining(" "));
        } else if (outcome instanceof LedgerOutcome.NotEnough notEnough) {
            return "not enough: " + number(notEnough.availableNanos()) + "s";
        } else if (outcome instanceof LedgerOutcome.NoFreeExecutor busy) {
            return "busy: " + busy.busy() + " of " + busy.executors();
        } else if (outcome instanceof LedgerOutcome.JobReused reused) {
            return "job reused (" + reused.difference() + ")";
        } else if (outcome instanceof LedgerOutcome.NotFound) {
            return "not found";
        } else if (outcome instanceof LedgerOutcome.AlreadySpent) {
            return "already spent";
        } else if (outcome instanceof LedgerOutcome.Undone) {
            return "undone";
        } else if (outcome instanceof LedgerOutcome.Spent) {
            return "spent";
        } else if (outcome instanceof LedgerOutcome.Extended extended) {
            return "left " + (extended.booking().deadlineMillis() - nowMillis) / 1000.0 + "s";
        } else if (outcome instanceof LedgerOutcome.TooLong tooLong) {
            return "too long: at most " + (tooLong.latestMillis() - nowMillis) / 1000.0 + "s";
        } else if (outcome instanceof LedgerOutcome.TooLate) {
            return "too late";
        }
        return "done";
    }

    private String statement(ExecutorClass executorClass, long startBlock) {
        Statement statement = Statement.of(book(executorClass.name()), OWN, blocks.units(OWN, MINER), startBlock);
        return "minted %s free %s reserved %s spent %s invalid %s expired %s"
                .formatted(
                        number(statement.mintedNanos()),
                        number(statement.freeNanos()),
                        number(statement.reservedNanos()),
                        number(statement.spentNanos()),
                        number(statement.invalidatedNanos()),
                        number(statement.expiredNanos()));
    }

    private ClassBook book(String executorClass) {
        ClassBook book = ledger.book(new ExecutorClass(executorClass));
        if (book == null) {
            throw new IllegalArgumentException("No manifest has named " + executorClass);
        }
        return book;
    }

    private static String number(long nanos) {
        String text = String.format(Locale.ROOT, "%.3f", Amounts.seconds(nanos));
        return text.replaceAll("\\.?0+$", "");
    }

    private static double seconds(String text) {
        return Double.parseDouble(text.replace("s", ""));
    }

    private static Optional<String> word(String[] words, String after) {
        int at = Arrays.asList(words).indexOf(after);
        return at < 0 ? Optional.empty() : Optional.of(words[at + 1]);
    }

    private CallId call(String[] words, int at) {
        return words.length > at ? new CallId(words[at + 1]) : fresh();
    }

    private CallId fresh() {
        return new CallId("call-" + calls++);
    }

    private long id(String job) {
        return reservationOf.getOrDefault(job, 1L);
    }
}
