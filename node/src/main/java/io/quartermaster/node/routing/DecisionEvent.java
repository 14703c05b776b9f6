package io.quartermaster.node.routing;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.api.RoutingDecision.Candidate;
import io.quartermaster.api.RoutingDecision.Verdict;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Tells of a decision as an event: what was asked, who was passed over and why, and what came of it. */
final class DecisionEvent {
    private DecisionEvent() {}

    static SystemEvent of(RoutingDecision decision, Deliberation deliberation) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(SystemEvent.JOB, decision.job().value());
        Optional<Hotkey> picked = decision.picked();
        picked.ifPresent(miner -> fields.put(SystemEvent.MINER, miner.value()));
        decision.reservation().ifPresent(id -> fields.put("reservation", id.toString()));
        decision.refusal().ifPresent(why -> fields.put("refusal", why));
        fields.put("class", decision.executorClass().name());
        fields.put("block", Long.toString(decision.block()));
        fields.put("seconds", Double.toString(decision.requiredSeconds()));
        fields.put("rule", decision.rule());
        fields.put("minimumCollateralWei", decision.minimumCollateralWei().toString());
        fields.put("found", Integer.toString(decision.candidatesFound()));
        fields.put("filtered", Integer.toString(deliberation.filteredCount()));
        fields.put("tried", Integer.toString(deliberation.tried()));
        putCandidates(decision, fields);
        String outcome = picked.map(miner -> " -> " + miner)
                .orElseGet(() -> " -> nobody: " + decision.refusal().orElse(""));
        return new SystemEvent(
                decision.time(),
                picked.isPresent() ? EventType.JOB_ROUTED : EventType.JOB_NOT_ROUTED,
                fields,
                "job " + decision.job() + outcome);
    }

    private static void putCandidates(RoutingDecision decision, Map<String, String> fields) {
        StringBuilder skipped = new StringBuilder();
        for (Candidate candidate : decision.candidates()) {
            if (candidate.verdict() == Verdict.PICKED) {
                fields.put("score", Double.toString(candidate.score()));
                candidate.probability().ifPresent(p -> fields.put("probability", p.toString()));
                fields.put("busy", candidate.busy().orElse(0) + " of " + candidate.executors());
            } else if (candidate.verdict() != Verdict.NOT_NEEDED) {
                append(skipped, candidate);
            }
        }
        if (!skipped.isEmpty()) {
            fields.put("skipped", skipped.toString());
        }
    }

    private static void append(StringBuilder skipped, Candidate candidate) {
        skipped.append(skipped.isEmpty() ? "" : "; ")
                .append(candidate.miner())
                .append(' ')
                .append(candidate.verdict());
        if (candidate.verdict() == Verdict.BUSY) {
            skipped.append(' ')
                    .append(candidate.busy().orElse(0))
                    .append(" of ")
                    .append(candidate.executors());
        }
        if (candidate.score() != 0) {
            skipped.append(", score ").append(candidate.score());
        }
    }
}
