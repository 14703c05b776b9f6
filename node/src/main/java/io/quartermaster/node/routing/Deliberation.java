package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.QuartermasterException;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.api.RoutingDecision.Candidate;
import io.quartermaster.api.RoutingDecision.Verdict;
import io.quartermaster.node.params.DynamicParameters;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** One decision while it is made: what it goes by, and what was looked at so far. For one thread. */
final class Deliberation {
    /** How many candidates a decision lists at most. */
    static final int MOST_LISTED = 32;

    private static final int NEXT_FEW = 4;

    private final OrganicJobRequest request;
    private final Instant time;
    private final long block;
    private final String rule;
    private final DynamicParameters parameters;
    private final Purpose purpose;
    private final Instant incidentsSince;
    private final Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);

    private final List<Candidate> listed = new ArrayList<>();
    private List<Candidate> filtered = List.of();
    private BigInteger minimumCollateralWei = BigInteger.ZERO;
    private int filteredCount;
    private int found;
    private int tried;

    Deliberation(
            OrganicJobRequest request,
            Instant time,
            long block,
            String rule,
            DynamicParameters parameters,
            Purpose purpose) {
        this.request = request;
        this.purpose = purpose;
        this.time = time;
        this.block = block;
        this.rule = rule;
        this.parameters = parameters;
        this.incidentsSince = time.minus(parameters.routingReliabilityWindow());
    }

    JobId job() {
        return request.job();
    }

    ExecutorClass executorClass() {
        return request.executorClass();
    }

    double requiredSeconds() {
        return request.requiredSeconds();
    }

    Instant time() {
        return time;
    }

    long block() {
        return block;
    }

    /** Older incidents don't count. */
    Instant incidentsSince() {
        return incidentsSince;
    }

    DynamicParameters parameters() {
        return parameters;
    }

    /** What the decision is made for. */
    Purpose purpose() {
        return purpose;
    }

    void found(int miners) {
        found = miners;
    }

    void minimumCollateral(BigInteger wei) {
        minimumCollateralWei = wei;
    }

    /** Notes who was filtered: the first few of them, and how many there are. */
    void filtered(List<Candidate> firstFew, int count) {
        filtered = firstFew;
        filteredCount = count;
        if (count > 0) {
            verdicts.put(Verdict.COLLATERAL_TOO_LOW, count);
        }
    }

    /** Notes one more that was filtered; it is described only if it is listed. */
    void filtered(Verdict verdict, Supplier<Candidate> candidate) {
        if (filteredCount == 0) {
            filtered = new ArrayList<>();
        }
        if (filteredCount < MOST_LISTED) {
            filtered.add(candidate.get());
        }
        filteredCount++;
        verdicts.merge(verdict, 1, Integer::sum);
    }

    /** Notes what became of a candidate that was tried. The one that is picked is listed, however many came before it. */
    void tried(Candidate candidate) {
        tried++;
        verdicts.merge(candidate.verdict(), 1, Integer::sum);
        if (candidate.verdict() == Verdict.PICKED && listed.size() == MOST_LISTED) {
            listed.remove(MOST_LISTED - 1);
        }
        if (listed.size() < MOST_LISTED) {
            listed.add(candidate);
        }
    }

    /** Whether one more candidate after the one that was picked is worth noting. */
    boolean wantsNext(int alreadyNoted) {
        return alreadyNoted < NEXT_FEW && listed.size() < MOST_LISTED;
    }

    void notNeeded(Candidate candidate) {
        listed.add(candidate);
    }

    RoutingDecision routed(JobRoute route) {
        return decision(Optional.of(route.miner().hotkey()), Optional.of(route), Optional.empty());
    }

    RoutingDecision refused(QuartermasterException why) {
        return decision(
                Optional.empty(),
                Optional.empty(),
                Optional.of(why.getClass().getSimpleName() + ": " + why.getMessage()));
    }

    private RoutingDecision decision(Optional<Hotkey> picked, Optional<JobRoute> route, Optional<String> refusal) {
        int room = Math.min(MOST_LISTED - listed.size(), filtered.size());
        listed.addAll(filtered.subList(0, room));
        if (picked.isPresent() && found > tried + filteredCount) {
            verdicts.put(Verdict.NOT_NEEDED, found - tried - filteredCount);
        }
        return new RoutingDecision(
                job(),
                time,
                executorClass(),
                block,
                requiredSeconds(),
                minimumCollateralWei,
                rule,
                listed,
                found,
                verdicts,
                picked,
                route.flatMap(JobRoute::reservation),
                refusal);
    }
}
