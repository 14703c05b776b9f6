package io.quartermaster.node.routing;

import io.quartermaster.api.AllMinersBusy;
import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.api.JobRoute;
import io.quartermaster.api.NoMinerForExecutorType;
import io.quartermaster.api.NoMinerWithEnoughAllowance;
import io.quartermaster.api.NotEnoughCollateral;
import io.quartermaster.api.NotEnoughTimeInCycle;
import io.quartermaster.api.OrganicJobRequest;
import io.quartermaster.api.QuartermasterException;
import io.quartermaster.api.RoutingDecision;
import io.quartermaster.api.RoutingDecision.Candidate;
import io.quartermaster.api.RoutingDecision.Verdict;
import io.quartermaster.node.ledger.Amounts;
import io.quartermaster.node.manifest.ExecutorClasses;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.routing.CycleOrder.Standing;
import io.quartermaster.node.routing.SlotHolding.Attempt;
import io.quartermaster.node.routing.SlotHolding.Wish;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Routes by cycle: takes the miners with executors of the class in the order of what is left of their allowance in this cycle,
 * leaves out whom a job must not go to, and keeps an executor of the first that has one free. Safe for use by several threads;
 * requests for one job are dealt with one after the other.
 *
 * <p>The order is kept up to date as things change, and miners are looked at one by one, each against all rules, until one takes
 * the job: what a decision costs does not depend on how many come after that one. Which error it is in the end is told by how far
 * the best of the others came; that is the same as if all miners had been put through one rule after the other.
 */
public final class CycleRouter implements Router {
    /** A miner's manifest counts for this long. */
    static final Duration MANIFESTS_COUNT_FOR = Duration.ofHours(4);

    private final RouterPorts ports;
    private final CyclePorts cycles;
    private final ExecutorClasses classes;
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
    public CycleRouter(CyclePorts ports, RoutingSettings settings, ExecutorClasses classes, DecisionLog decisions) {
        this.ports = ports.common();
        this.cycles = ports;
        this.classes = classes;
        this.decisions = decisions;
        this.inEarnest = new InEarnest(
                ports.common().booking(), decisions, ports.common().events());
        this.intake = new JobIntake(ports.common(), settings, classes);
    }

    @Override
    public JobRoute route(OrganicJobRequest request) {
        return intake.route(request, inEarnest, () -> decide(request, inEarnest, cycles.slots()));
    }

    @Override
    public RoutingDecision dryRun(OrganicJobRequest request) {
        SlotHolding nothingKept = cycles.slots().rehearsal();
        return Rehearsal.of(
                ports.booking(),
                purpose -> intake.route(request, purpose, () -> decide(request, purpose, nothingKept)));
    }

    @Override
    public Optional<RoutingDecision> explain(JobId job) {
        return decisions.find(job);
    }

    private JobRoute decide(OrganicJobRequest request, Purpose purpose, SlotHolding slots) {
        Deliberation deliberation = intake.deliberate(
                request, RoutingDecision.BY_CYCLE, ports.parameters().current(), purpose);
        try {
            if (ports.miners().currentBlock().isEmpty()) {
                throw new GridUnavailable("No block has been taken in yet");
            }
            Walk walk = new Walk(deliberation, slots);
            Optional<JobRoute> again = walk.repeated();
            JobRoute route = again.isPresent() ? again.get() : walk.run();
            if (again.isEmpty() || !purpose.knows(route)) {
                purpose.conclude(deliberation.routed(route));
            }
            return route;
        } catch (QuartermasterException refusal) {
            purpose.conclude(deliberation.refused(refusal));
            throw refusal;
        }
    }

    /** One decision: a walk along the miners, best first. */
    private final class Walk {
        private final Deliberation deliberation;
        private final SlotHolding slots;
        private final DynamicParameters parameters;
        private final Wish wish;
        private final boolean checksAllowance;
        private final double neededSeconds;
        private final BigInteger minimumWei;
        private boolean checksCollateral;

        private int blacklisted;
        private int published;
        private int secured;
        private int paid;
        private long mostLeftNanos;

        private Walk(Deliberation deliberation, SlotHolding slots) {
            this.deliberation = deliberation;
            this.slots = slots;
            this.parameters = deliberation.parameters();
            this.checksAllowance = parameters.checkAllowanceWhileRouting();
            this.minimumWei = parameters.minimumCollateralWei();
            this.checksCollateral = minimumWei.signum() > 0;
            deliberation.minimumCollateral(minimumWei);
            this.wish = new Wish(
                    deliberation.job(),
                    deliberation.executorClass(),
                    Amounts.nanos(deliberation.requiredSeconds()),
                    cycles.books().cycle(deliberation.block()),
                    Duration.ofNanos(Amounts.nanos(parameters.routingPreliminaryReservationTimeSeconds())));
            this.neededSeconds = parameters.organicJobAllowedLeewaySeconds()
                    + parameters.executorReservationTimeLimitSeconds()
                    + parameters.executorStartupTimeLimitSeconds()
                    + classes.require(deliberation.executorClass()).spinUpSeconds()
                    + deliberation.requiredSeconds();
        }

        private JobRoute route(Hotkey miner, Instant deadline) {
            return JobIntake.unpaid(intake.minerOrNowhere(miner), Optional.of(deadline), deliberation);
        }

        /**
         * The route of a job for which an executor is kept. What this replica sees may not be held by a majority yet, so the
         * miner's slots are asked again: they answer as the first time, or, if it has ended meanwhile, that there is no allowance
         * for it.
         */
        private Optional<JobRoute> repeated() {
            Optional<Hotkey> holder = slots.holder(wish.job(), deliberation.time());
            if (holder.isPresent()
                    && slots.hold(holder.get(), wish, OptionalLong.of(0), ongoing(holder.get()))
                            instanceof Attempt.Held held) {
                return Optional.of(route(holder.get(), held.deadline()));
            }
            return Optional.empty();
        }

        private Set<JobId> ongoing(Hotkey miner) {
            return ports.ongoingJobs().ongoing(miner, wish.executorClass(), deliberation.time());
        }

        private JobRoute run() {
            if (checksAllowance && !cycles.books().allowancesSet(wish.cycle())) {
                throw new GridUnavailable("The allowances of the cycle from block "
                        + wish.cycle().start() + " are not known here yet: they are set once a manifest is");
            }
            long firstFresh = cycles.books().firstBlockSince(deliberation.time().minus(MANIFESTS_COUNT_FOR));
            Iterator<Standing> standings =
                    cycles.books().bestFirst(wish.executorClass(), wish.cycle()).iterator();
            while (standings.hasNext()) {
                Standing standing = standings.next();
                if (!hasPublished(standing, firstFresh) || !hasCollateral(standing) || !hasAllowance(standing)) {
                    continue;
                }
                requireTime();
                Optional<JobRoute> route = taken(standing);
                if (route.isPresent()) {
                    noteNext(standings);
                    return route.get();
                }
            }
            throw nobody();
        }

        /** Step 2.1: a manifest of the last 4 hours, a current miner, and not blacklisted. */
        private boolean hasPublished(Standing standing, long firstFresh) {
            if (standing.offer().manifestBlock() < firstFresh
                    || ports.miners().miner(standing.miner()).isEmpty()) {
                return false;
            }
            if (cycles.blacklist()
                    .holding(standing.miner(), deliberation.time())
                    .isPresent()) {
                blacklisted++;
                filtered(standing, Verdict.BLACKLISTED);
                return false;
            }
            published++;
            return true;
        }

        /** Step 2.2. If collateral can't be told, jobs go on without it. */
        private boolean hasCollateral(Standing standing) {
            if (checksCollateral) {
                Optional<BigInteger> wei = intake.wei(standing.miner(), deliberation);
                checksCollateral = wei.isPresent();
                if (wei.isPresent() && wei.get().compareTo(minimumWei) < 0) {
                    filtered(standing, Verdict.COLLATERAL_TOO_LOW);
                    return false;
                }
            }
            secured++;
            return true;
        }

        /** Step 2.3. */
        private boolean hasAllowance(Standing standing) {
            if (checksAllowance) {
                long left = standing.left().nanos();
                mostLeftNanos = Math.max(mostLeftNanos, left);
                if (left <= wish.nanos()) {
                    filtered(standing, Verdict.ALLOWANCE_TOO_LOW);
                    return false;
                }
            }
            paid++;
            return true;
        }

        /** Step 2.4, which is the same for all miners: looked at when one has come so far. */
        private void requireTime() {
            long secondsLeft = wish.cycle().secondsLeft(deliberation.block());
            if (!parameters.allowCrossCycleOrganicJobs() && secondsLeft < neededSeconds) {
                throw new NotEnoughTimeInCycle(secondsLeft, neededSeconds);
            }
        }

        /** Steps 3 and 4: a free executor, and the preliminary reservation. */
        private Optional<JobRoute> taken(Standing standing) {
            Hotkey miner = standing.miner();
            Set<JobId> ongoing = ongoing(miner);
            int busy = slots.busy(miner, wish, ongoing, deliberation.time());
            if (busy >= standing.offer().executors()) {
                tried(standing, Verdict.BUSY, busy, standing.offer().executors());
                return Optional.empty();
            }
            OptionalLong allowance =
                    checksAllowance ? OptionalLong.of(standing.left().initialNanos()) : OptionalLong.empty();
            Attempt attempt = slots.hold(miner, wish, allowance, ongoing);
            if (attempt instanceof Attempt.Held held) {
                tried(standing, Verdict.PICKED, held.busy(), held.executors());
                return Optional.of(route(miner, held.deadline()));
            }
            if (attempt instanceof Attempt.Busy full) {
                tried(standing, Verdict.BUSY, full.busy(), full.executors());
            } else {
                tried(standing, Verdict.ALLOWANCE_GONE, busy, standing.offer().executors());
            }
            return Optional.empty();
        }

        private QuartermasterException nobody() {
            if (published == 0) {
                return new NoMinerForExecutorType(wish.executorClass(), blacklisted);
            }
            if (secured == 0) {
                return new NotEnoughCollateral(minimumWei, published);
            }
            if (paid == 0) {
                return new NoMinerWithEnoughAllowance(
                        wish.executorClass(), deliberation.requiredSeconds(), Amounts.seconds(mostLeftNanos));
            }
            return new AllMinersBusy(wish.executorClass(), paid);
        }

        private void filtered(Standing standing, Verdict verdict) {
            deliberation.filtered(
                    verdict,
                    () -> candidate(
                            standing,
                            verdict,
                            Optional.empty(),
                            standing.offer().executors()));
        }

        private void tried(Standing standing, Verdict verdict, int busy, int executors) {
            deliberation.found(paid);
            deliberation.tried(candidate(standing, verdict, Optional.of(busy), executors));
        }

        private void noteNext(Iterator<Standing> standings) {
            for (int noted = 0; standings.hasNext() && deliberation.wantsNext(noted); noted++) {
                Standing next = standings.next();
                deliberation.notNeeded(candidate(
                        next, Verdict.NOT_NEEDED, Optional.empty(), next.offer().executors()));
            }
        }

        private Candidate candidate(Standing standing, Verdict verdict, Optional<Integer> busy, int executors) {
            return new Candidate(
                    standing.miner(),
                    verdict,
                    Amounts.seconds(standing.left().nanos()),
                    standing.left().part(),
                    Optional.empty(),
                    executors,
                    busy,
                    Optional.of(standing.wei()));
        }
    }
}
