package io.quartermaster.api;

import io.quartermaster.api.RoutingDecision.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Puts a {@link RoutingDecision} into words. */
final class RoutingDecisionWords {
    private RoutingDecisionWords() {}

    static List<String> of(RoutingDecision decision) {
        List<String> lines = new ArrayList<>();
        lines.add(headline(decision));
        decision.candidates().forEach(candidate -> lines.add(line(candidate, decision)));
        int more = decision.candidatesFound() - decision.candidates().size();
        if (more > 0) {
            lines.add("  and " + more + " more that are not listed: " + notListed(decision));
        }
        return lines;
    }

    private static String notListed(RoutingDecision decision) {
        Map<Verdict, Integer> left = new EnumMap<>(Verdict.class);
        left.putAll(decision.verdicts());
        decision.candidates().forEach(candidate -> left.merge(candidate.verdict(), -1, Integer::sum));
        return left.entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .map(entry -> entry.getValue() + " " + inFew(entry.getKey()))
                .collect(Collectors.joining(", "));
    }

    private static String inFew(Verdict verdict) {
        return verdict == Verdict.NOT_NEEDED
                ? "ranked after the one picked"
                : verdict.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String headline(RoutingDecision decision) {
        String asked = "job %s: %s s of %s at block %d (%s, by %s)"
                .formatted(
                        decision.job(),
                        number(decision.requiredSeconds()),
                        decision.executorClass(),
                        decision.block(),
                        decision.time(),
                        decision.rule());
        String answer = decision.picked()
                .map(miner -> " -> " + miner
                        + decision.reservation()
                                .map(id -> ", reservation " + id)
                                .orElse(", nothing reserved"))
                .orElse(" -> nobody");
        return asked + answer + decision.refusal().map(why -> ": " + why).orElse("");
    }

    private static String line(RoutingDecision.Candidate candidate, RoutingDecision decision) {
        String busy = candidate.busy().map(count -> count + " of ").orElse("");
        String why = switch (candidate.verdict()) {
            case PICKED -> "picked";
            case NOT_NEEDED -> "ranked after the one picked";
            case BUSY -> "skipped: " + busy + candidate.executors() + " executors at work";
            case ALLOWANCE_GONE -> "skipped: its allowance went to another job meanwhile";
            case COLLATERAL_TOO_LOW ->
                "filtered: collateral "
                        + candidate.collateralWei().map(Object::toString).orElse("unknown") + " wei is below "
                        + decision.minimumCollateralWei();
            case ALLOWANCE_TOO_LOW -> "filtered: too little allowance is left in this cycle";
            case BLACKLISTED -> "filtered: it is on the blacklist";
        };
        return "  %s: %s; %s s available, %s %s%s"
                .formatted(
                        candidate.miner(),
                        why,
                        number(candidate.availableSeconds()),
                        decision.rule().equals(RoutingDecision.BY_CYCLE) ? "part left" : "reliability",
                        number(candidate.score()),
                        candidate
                                .probability()
                                .map(p -> ", drawn with weight " + number(p))
                                .orElse(""));
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.3f", value);
        String trimmed = text.replaceAll("0+$", "").replaceAll("\\.$", "");
        return trimmed.equals("-0") ? "0" : trimmed;
    }
}
