package io.quartermaster.node.routing;

import io.quartermaster.api.AllMinersBusy;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobIdReused;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.MinerAllowance;
import io.quartermaster.api.NotEnoughAllowance;
import io.quartermaster.api.NotEnoughCollateral;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.QuartermasterException;
import io.quartermaster.api.Reservation;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.api.RoutingDecision.Candidate;
import io.quartermaster.api.RoutingDecision.Verdict;
import io.quartermaster.node.manifest.ExecutorClasses;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.routing.SlotBooking.Attempt;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes by allowance: finds the miners that can be paid, drops those with too little collateral, tries them in order of
 * reliability, and reserves with the first that has an executor free. Safe for use by several threads; requests for one job
 * are dealt with one after the other.
 */
public final class AllowanceRouter implements Router {
    private static final Logger log = LoggerFactory.getLogger(AllowanceRouter.class);

    /** Far more than rounding, far less than any job's second. */
    private static final double SAME_SECONDS = 1e-6;

    private final RouterPorts ports;
    private final RoutingSettings settings;
    private final DecisionLog decisions;
    private final Purpose inEarnest;
    private final JobIntake intake;

    /**
     * Makes a router.
     *
     * @param ports what it asks and tells
     * @param settings how it routes
     * @param classes the classes that jobs may ask for
     * @param decisions where it keeps its decisions
     */
    public AllowanceRouter(
            RouterPorts ports, RoutingSettings settings, ExecutorClasses classes, DecisionLog decisions) {
        this.ports = ports;
        this.settings = settings;
        this.intake = new JobIntake(ports, settings, classes);
        this.decisions = decisions;
        this.inEarnest = new InEarnest(ports.booking(), decisions, ports.events());
    }

    @Override
    public JobRoute route(OrganicJobRequest request) {
        return route(request, inEarnest);
    }

    @Override
    public RoutingDecision dryRun(OrganicJobRequest request) {
        return Rehearsal.of(ports.booking(), purpose -> route(request, purpose));
    }

    private JobRoute route(OrganicJobRequest request, Purpose purpose) {
        return intake.route(request, purpose, () -> decide(request, purpose));
    }

    @Override
    public Optional<RoutingDecision> explain(JobId job) {
        return decisions.find(job);
    }

    private JobRoute decide(OrganicJobRequest request, Purpose purpose) {
        DynamicParameters parameters = ports.parameters().current();
        boolean checked = parameters.checkAllowanceWhileRouting();
        String rule = checked ? (settings.weightedRanking() ? "weighted" : "allowance") : "unchecked";
        Deliberation deliberation = intake.deliberate(request, rule, parameters, purpose);
        try {
            Optional<Reservation> active = ports.booking().activeReservation(request.job());
            if (active.isPresent()) {
                Optional<JobRoute> again = repeated(active.get(), deliberation);
                if (again.isPresent()) {
                    return again.get();
                }
            }
            JobRoute route = place(deliberation, checked);
            deliberation.purpose().conclude(deliberation.routed(route));
            return route;
        } catch (QuartermasterException refusal) {
            deliberation.purpose().conclude(deliberation.refused(refusal));
            throw refusal;
        }
    }

    /**
     * What this replica sees of a reservation may not be held by a majority yet, so the miner's ledger is asked again: it
     * answers with the same reservation. Empty if that has ended in the meantime, and no new one could be made in its place.
     */
    private Optional<JobRoute> repeated(Reservation active, Deliberation deliberation) {
        if (!active.executorClass().equals(deliberation.executorClass())) {
            throw new JobIdReused(
                    active.job(),
                    active.id(),
                    "class: " + active.executorClass() + ", now " + deliberation.executorClass());
        }
        if (Math.abs(active.requiredSeconds() - deliberation.requiredSeconds()) > SAME_SECONDS) {
            throw new JobIdReused(
                    active.job(),
                    active.id(),
                    "seconds: " + active.requiredSeconds() + ", now " + deliberation.requiredSeconds());
        }
        Set<JobId> ongoing = ports.ongoingJobs().ongoing(active.miner(), active.executorClass(), deliberation.time());
        Attempt attempt = deliberation
                .purpose()
                .booking()
                .reserve(
                        active.miner(),
                        active.executorClass(),
                        active.requiredSeconds(),
                        deliberation.block(),
                        active.job(),
                        ongoing);
        if (!(attempt instanceof Attempt.Reserved reserved)) {
            return Optional.empty();
        }
        JobRoute route = route(reserved.reservation(), deliberation);
        if (!deliberation.purpose().knows(route)) {
            // Another replica placed the job, or this one long ago: the reasons are not known here.
            deliberation.purpose().conclude(deliberation.routed(route));
        }
        return Optional.of(route);
    }

    private JobRoute place(Deliberation deliberation, boolean checked) {
        List<MinerAllowance> found = checked ? withAllowance(deliberation) : withExecutors(deliberation);
        deliberation.found(found.size());
        Candidates candidates = withCollateral(found, deliberation);
        double[] scores = scores(candidates, deliberation);
        Ranking ranking = rank(scores, deliberation.parameters());
        for (int rank = 0; rank < ranking.size(); rank++) {
            Trial trial = new Trial(candidates, scores, ranking, ranking.at(rank), deliberation);
            Optional<JobRoute> route = trial.run(checked);
            if (route.isPresent()) {
                noteNext(candidates, scores, ranking, rank + 1, deliberation);
                return route.get();
            }
        }
        throw new AllMinersBusy(deliberation.executorClass(), ranking.size());
    }

    private List<MinerAllowance> withAllowance(Deliberation deliberation) {
        OptionalLong block = ports.miners().currentBlock();
        if (block.isEmpty()) {
            throw new GridUnavailable("No block has been taken in yet");
        }
        return ports.finder().find(deliberation.requiredSeconds(), deliberation.executorClass(), deliberation.block());
    }

    private List<MinerAllowance> withExecutors(Deliberation deliberation) {
        log.warn(
                "Allowance is not checked (DYNAMIC_CHECK_ALLOWANCE_WHILE_ROUTING is false): job {} is routed without a"
                        + " reservation",
                deliberation.job());
        List<MinerAllowance> miners = ports.miners().minersWithExecutors(deliberation.executorClass()).stream()
                .map(miner -> new MinerAllowance(miner, 0))
                .toList();
        if (miners.isEmpty()) {
            throw new NotEnoughAllowance(
                    deliberation.executorClass(),
                    deliberation.requiredSeconds(),
                    0,
                    Optional.empty(),
                    0,
                    Optional.empty(),
                    Optional.empty());
        }
        return miners;
    }

    private Candidates withCollateral(List<MinerAllowance> found, Deliberation deliberation) {
        BigInteger minimumWei = deliberation.parameters().minimumCollateralWei();
        deliberation.minimumCollateral(minimumWei);
        if (minimumWei.signum() == 0) {
            return new Candidates(found, List.of());
        }
        List<BigInteger> wei = new ArrayList<>(found.size());
        for (MinerAllowance miner : found) {
            Optional<BigInteger> amount = intake.wei(miner.miner(), deliberation);
            if (amount.isEmpty()) {
                return new Candidates(found, List.of());
            }
            wei.add(amount.get());
        }
        return filtered(new Candidates(found, wei), minimumWei, deliberation);
    }

    private Candidates filtered(Candidates all, BigInteger minimumWei, Deliberation deliberation) {
        List<MinerAllowance> kept = new ArrayList<>(all.size());
        List<BigInteger> keptWei = new ArrayList<>(all.size());
        List<Candidate> tooLow = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            BigInteger wei = all.wei().get(i);
            if (wei.compareTo(minimumWei) >= 0) {
                kept.add(all.miners().get(i));
                keptWei.add(wei);
            } else if (tooLow.size() < Deliberation.MOST_LISTED) {
                tooLow.add(new Candidate(
                        all.miner(i),
                        Verdict.COLLATERAL_TOO_LOW,
                        all.availableSeconds(i),
                        score(all.miner(i), deliberation),
                        Optional.empty(),
                        ports.miners().executors(all.miner(i), deliberation.executorClass()),
                        Optional.empty(),
                        Optional.of(wei)));
            }
        }
        deliberation.filtered(tooLow, all.size() - kept.size());
        if (kept.isEmpty()) {
            log.warn(
                    "Job {}: all {} miners with enough allowance have less than {} wei of collateral",
                    deliberation.job(),
                    all.size(),
                    minimumWei);
            throw new NotEnoughCollateral(minimumWei, all.size());
        }
        return new Candidates(kept, keptWei);
    }

    private double[] scores(Candidates candidates, Deliberation deliberation) {
        double[] scores = new double[candidates.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = score(candidates.miner(i), deliberation);
        }
        return scores;
    }

    private double score(Hotkey miner, Deliberation deliberation) {
        int count = ports.incidents().count(miner, deliberation.executorClass(), deliberation.incidentsSince());
        if (count == 0) {
            return 0;
        }
        return -(double) count / Math.max(1, ports.miners().executors(miner, deliberation.executorClass()));
    }

    private Ranking rank(double[] scores, DynamicParameters parameters) {
        return settings.weightedRanking()
                ? Ranking.weighted(
                        scores,
                        parameters.routingReliabilitySoftCutoff(),
                        parameters.routingReliabilitySeparation(),
                        ports.random().get())
                : Ranking.byScore(scores);
    }

    private void noteNext(
            Candidates candidates, double[] scores, Ranking ranking, int firstRank, Deliberation deliberation) {
        int noted = 0;
        for (int rank = firstRank; rank < ranking.size() && deliberation.wantsNext(noted); rank++, noted++) {
            Trial next = new Trial(candidates, scores, ranking, ranking.at(rank), deliberation);
            int executors = ports.miners().executors(next.miner, deliberation.executorClass());
            deliberation.notNeeded(next.candidate(Verdict.NOT_NEEDED, Optional.empty(), executors));
        }
    }

    private JobRoute route(Reservation reservation, Deliberation deliberation) {
        return new JobRoute(
                deliberation.job(),
                intake.minerOrNowhere(reservation.miner()),
                reservation.blocks(),
                Optional.of(reservation.id()),
                Optional.of(reservation.deadline()),
                deliberation.requiredSeconds());
    }

    /** One candidate's turn. */
    private final class Trial {
        private final Candidates candidates;
        private final double[] scores;
        private final Ranking ranking;
        private final int index;
        private final Deliberation deliberation;
        private final Hotkey miner;

        private Trial(Candidates candidates, double[] scores, Ranking ranking, int index, Deliberation deliberation) {
            this.candidates = candidates;
            this.scores = scores;
            this.ranking = ranking;
            this.index = index;
            this.deliberation = deliberation;
            this.miner = candidates.miner(index);
        }

        private Optional<JobRoute> run(boolean checked) {
            ExecutorClass executorClass = deliberation.executorClass();
            int executors = ports.miners().executors(miner, executorClass);
            Set<JobId> ongoing = ports.ongoingJobs().ongoing(miner, executorClass, deliberation.time());
            if (ongoing.size() >= executors) {
                note(Verdict.BUSY, Optional.of(ongoing.size()), executors);
                return Optional.empty();
            }
            if (!checked) {
                note(Verdict.PICKED, Optional.of(ongoing.size()), executors);
                return Optional.of(JobIntake.unpaid(intake.minerOrNowhere(miner), Optional.empty(), deliberation));
            }
            return reserve(ongoing, executors);
        }

        private Optional<JobRoute> reserve(Set<JobId> ongoing, int executorsKnown) {
            Attempt attempt = deliberation
                    .purpose()
                    .booking()
                    .reserve(
                            miner,
                            deliberation.executorClass(),
                            deliberation.requiredSeconds(),
                            deliberation.block(),
                            deliberation.job(),
                            ongoing);
            if (attempt instanceof Attempt.Reserved reserved) {
                note(Verdict.PICKED, Optional.of(reserved.busy()), reserved.executors());
                return Optional.of(route(reserved.reservation(), deliberation));
            }
            if (attempt instanceof Attempt.WouldReserve would) {
                note(Verdict.PICKED, Optional.of(would.busy()), would.executors());
                return Optional.of(JobIntake.unpaid(intake.minerOrNowhere(miner), Optional.empty(), deliberation));
            }
            if (attempt instanceof Attempt.Busy busy) {
                note(Verdict.BUSY, Optional.of(busy.busy()), busy.executors());
            } else {
                note(Verdict.ALLOWANCE_GONE, Optional.of(ongoing.size()), executorsKnown);
            }
            return Optional.empty();
        }

        private void note(Verdict verdict, Optional<Integer> busy, int executors) {
            deliberation.tried(candidate(verdict, busy, executors));
        }

        private Candidate candidate(Verdict verdict, Optional<Integer> busy, int executors) {
            return new Candidate(
                    miner,
                    verdict,
                    candidates.availableSeconds(index),
                    scores[index],
                    ranking.isWeighted() ? Optional.of(ranking.probability(index)) : Optional.empty(),
                    executors,
                    busy,
                    candidates.collateralWei(index));
        }
    }
}
