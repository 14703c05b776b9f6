package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.api.ReservationId;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.api.RoutingDecision.Candidate;
import io.quartermaster.api.RoutingDecision.Verdict;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A decision as an event: what was asked, who was passed over and why, and what came of it. All of the decision can be read from
 * its event again, on any replica. However many miners were looked at, an event has room for those that a decision lists.
 */
public final class DecisionEvent {
    private static final String RESERVATION = "reservation";
    private static final String REFUSAL = "refusal";
    private static final String CLASS = "class";
    private static final String BLOCK = "block";
    private static final String SECONDS = "seconds";
    private static final String RULE = "rule";
    private static final String MINIMUM = "minimumCollateralWei";
    private static final String FOUND = "found";
    private static final String VERDICTS = "verdicts";
    private static final String CANDIDATES = "candidates";
    private static final String AVAILABLE = "available";
    private static final String SCORE = "score";
    private static final String PROBABILITY = "probability";
    private static final String EXECUTORS = "executors";
    private static final String BUSY = "busy";
    private static final String COLLATERAL = "collateralWei";

    private DecisionEvent() {}

    static SystemEvent of(RoutingDecision decision) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(SystemEvent.JOB, decision.job().value());
        Optional<Hotkey> picked = decision.picked();
        picked.ifPresent(miner -> fields.put(SystemEvent.MINER, miner.value()));
        decision.reservation().ifPresent(id -> fields.put(RESERVATION, id.toString()));
        decision.refusal().ifPresent(why -> fields.put(REFUSAL, why));
        fields.put(CLASS, decision.executorClass().name());
        fields.put(BLOCK, Long.toString(decision.block()));
        fields.put(SECONDS, Double.toString(decision.requiredSeconds()));
        fields.put(RULE, decision.rule());
        fields.put(MINIMUM, decision.minimumCollateralWei().toString());
        fields.put(FOUND, Integer.toString(decision.candidatesFound()));
        fields.put(
                VERDICTS,
                decision.verdicts().entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(" ")));
        fields.put(
                CANDIDATES,
                decision.candidates().stream().map(DecisionEvent::written).collect(Collectors.joining("; ")));
        String outcome = picked.map(miner -> " -> " + miner)
                .orElseGet(() -> " -> nobody: " + decision.refusal().orElse(""));
        return new SystemEvent(
                decision.time(),
                picked.isPresent() ? EventType.JOB_ROUTED : EventType.JOB_NOT_ROUTED,
                fields,
                "job " + decision.job() + outcome);
    }

    private static String written(Candidate candidate) {
        StringBuilder text = new StringBuilder()
                .append(candidate.miner())
                .append(' ')
                .append(candidate.verdict())
                .append(' ' + AVAILABLE + '=')
                .append(candidate.availableSeconds())
                .append(' ' + SCORE + '=')
                .append(candidate.score());
        candidate
                .probability()
                .ifPresent(p -> text.append(' ' + PROBABILITY + '=').append(p));
        text.append(' ' + EXECUTORS + '=').append(candidate.executors());
        candidate.busy().ifPresent(busy -> text.append(' ' + BUSY + '=').append(busy));
        candidate
                .collateralWei()
                .ifPresent(wei -> text.append(' ' + COLLATERAL + '=').append(wei));
        return text.toString();
    }

    /**
     * The decision that an event tells of.
     *
     * @param event any event
     * @return empty if it tells of none, or an earlier version wrote it, which told less
     */
    public static Optional<RoutingDecision> read(SystemEvent event) {
        boolean tells = event.type() == EventType.JOB_ROUTED || event.type() == EventType.JOB_NOT_ROUTED;
        if (!tells || !event.fields().containsKey(CANDIDATES)) {
            return Optional.empty();
        }
        try {
            return Optional.of(decision(event));
        } catch (IllegalArgumentException | NullPointerException otherwise) {
            // A later version may tell more, in a way that this one does not know.
            return Optional.empty();
        }
    }

    private static RoutingDecision decision(SystemEvent event) {
        Map<String, String> fields = event.fields();
        Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
        pairs(words(field(fields, VERDICTS), " "))
                .forEach((verdict, count) -> verdicts.put(Verdict.valueOf(verdict), Integer.valueOf(count)));
        return new RoutingDecision(
                new JobId(field(fields, SystemEvent.JOB)),
                event.time(),
                new ExecutorClass(field(fields, CLASS)),
                Long.parseLong(field(fields, BLOCK)),
                Double.parseDouble(field(fields, SECONDS)),
                new BigInteger(field(fields, MINIMUM)),
                field(fields, RULE),
                words(field(fields, CANDIDATES), "; ").stream()
                        .map(DecisionEvent::candidate)
                        .toList(),
                Integer.parseInt(field(fields, FOUND)),
                verdicts,
                Optional.ofNullable(fields.get(SystemEvent.MINER)).map(Hotkey::new),
                Optional.ofNullable(fields.get(RESERVATION)).map(id -> new ReservationId(Long.parseLong(id))),
                Optional.ofNullable(fields.get(REFUSAL)));
    }

    private static Candidate candidate(String text) {
        List<String> words = words(text, " ");
        Map<String, String> numbers = pairs(words.subList(2, words.size()));
        return new Candidate(
                new Hotkey(words.get(0)),
                Verdict.valueOf(words.get(1)),
                Double.parseDouble(field(numbers, AVAILABLE)),
                Double.parseDouble(field(numbers, SCORE)),
                Optional.ofNullable(numbers.get(PROBABILITY)).map(Double::valueOf),
                Integer.parseInt(field(numbers, EXECUTORS)),
                Optional.ofNullable(numbers.get(BUSY)).map(Integer::valueOf),
                Optional.ofNullable(numbers.get(COLLATERAL)).map(BigInteger::new));
    }

    private static String field(Map<String, String> fields, String name) {
        return Objects.requireNonNull(fields.get(name), name);
    }

    private static List<String> words(String text, String separator) {
        return text.isEmpty() ? List.of() : Arrays.asList(text.split(separator, -1));
    }

    private static Map<String, String> pairs(List<String> words) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String word : words) {
            int at = word.indexOf('=');
            if (at < 0) {
                throw new InvalidArgument("event", word, "a name and a value");
            }
            pairs.put(word.substring(0, at), word.substring(at + 1));
        }
        return pairs;
    }
}
