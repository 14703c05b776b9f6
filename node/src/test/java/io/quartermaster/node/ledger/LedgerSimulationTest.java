package io.quartermaster.node.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.quartermaster.api.CallId;
import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import io.quartermaster.node.ledger.LedgerCommand.Claim;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Clients and a ledger with a bad network between them: commands and answers are delayed, doubled and lost, the owner's clock
 * steps back and forth, and nobody sweeps. Clients repeat a call, with its id, until they have an answer. In the end faults
 * stop and time passes: then everything must be spent or free.
 *
 * <p>One random generator, one queue of events, one clock: a seed replays a run exactly.
 */
class LedgerSimulationTest {
    private static final ExecutorClass GPU = new ExecutorClass("gpu");
    private static final Hotkey MINER = new Hotkey("M");
    private static final Hotkey OWN = new Hotkey("V");
    private static final int BLOCKS = 60;
    private static final long LAST_BLOCK = 100 + BLOCKS;

    @Property(tries = 400)
    void nothingIsBookedTwiceLostOrHeldForEver(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int clients) {
        Network network = new Network(seed, clients);
        network.run(400);
        network.stopFaults();
        network.run(2_000);
        network.passEveryDeadline();
        network.expectNothingHeld();
    }

    private record Event(long atMillis, long order, Runnable happening) {}

    private static final class Network {
        private final Random random;
        private final PriorityQueue<Event> queue =
                new PriorityQueue<>(Comparator.comparingLong(Event::atMillis).thenComparingLong(Event::order));
        private final Map<CallId, LedgerOutcome> firstAnswers = new HashMap<>();
        private final Set<Long> acknowledgedSpends = new HashSet<>();
        private final Map<Long, Long> ownerOfBlock = new HashMap<>();
        private MinerLedger ledger = MinerLedger.unopened(MINER);
        private BlockTable blocks = BlockTable.over(list -> Set.of(MINER));
        private boolean faults = true;
        private long nowMillis = 1_000_000;
        private long ownerClockOffMillis;
        private long order;
        private int steps;

        Network(long seed, int clients) {
            random = new Random(seed);
            for (long block = 100; block <= LAST_BLOCK; block++) {
                blocks = blocks.with(blocks.changesFor(
                        BlockRecord.seen(
                                block, block * 12_000, Optional.empty(), ValidatorStakes.of(List.of(OWN), 1), "list"),
                        1));
            }
            decide(new LedgerCommand.State(
                    new CallId("manifest"), nowMillis, 100, Map.of(GPU, new Claim(1, 1)), BlockSet.EMPTY, 1));
            for (int i = 0; i < clients; i++) {
                Client client = new Client(i, this);
                at(random.nextInt(1000), client::nextJob);
            }
        }

        void at(long delayMillis, Runnable happening) {
            queue.add(new Event(nowMillis + delayMillis, order++, happening));
        }

        void run(int events) {
            for (int i = 0; i < events && !queue.isEmpty(); i++) {
                Event event = queue.remove();
                nowMillis = Math.max(nowMillis, event.atMillis());
                event.happening().run();
                check();
            }
        }

        void stopFaults() {
            faults = false;
            ownerClockOffMillis = 0;
        }

        /** Sends a command; copies of it may arrive late, twice or never, and so may answers. */
        void send(LedgerCommand command, Consumer<LedgerOutcome> reply) {
            int copies = faults ? random.nextInt(3) : 1;
            for (int i = 0; i < copies; i++) {
                at(delay(), () -> {
                    if (faults && random.nextInt(20) == 0) {
                        ownerClockOffMillis = random.nextInt(8_000) - 4_000L;
                    }
                    LedgerOutcome outcome = decide(command);
                    if (!faults || random.nextInt(3) > 0) {
                        at(delay(), () -> reply.accept(outcome));
                    }
                });
            }
        }

        private long delay() {
            return faults && random.nextInt(10) == 0 ? random.nextInt(20_000) : 1 + random.nextInt(50);
        }

        private LedgerOutcome decide(LedgerCommand command) {
            LedgerDecision decision = LedgerRules.decide(ledger, command, blocks, nowMillis + ownerClockOffMillis);
            ledger = ledger.apply(decision);
            LedgerOutcome outcome = decision.outcome();
            if (!(outcome instanceof LedgerOutcome.TooLate) && !(outcome instanceof LedgerOutcome.Done)) {
                LedgerOutcome first = firstAnswers.putIfAbsent(command.call(), outcome);
                // A settled answer may be forgotten, and the booking's own memory speaks then; it says the same.
                assertThat(first == null || first.equals(outcome))
                        .as("call %s was answered %s, and then %s", command.call(), first, outcome)
                        .isTrue();
            }
            return outcome;
        }

        void acknowledged(long spent) {
            acknowledgedSpends.add(spent);
        }

        private void check() {
            steps++;
            ClassBook book = Objects.requireNonNull(ledger.book(GPU));
            Statement statement = Statement.of(book, OWN, blocks.units(OWN, MINER), LAST_BLOCK);
            assertThat(statement.mintedNanos()).isEqualTo(BLOCKS * 12_000_000_000L);
            assertThat(statement.freeNanos() + statement.reservedNanos() + statement.spentNanos())
                    .isEqualTo(statement.mintedNanos());
            Set<Long> taken = new HashSet<>();
            for (Booking booking : ledger.bookings().values()) {
                for (long block : booking.blocks().toArray()) {
                    assertThat(taken.add(block))
                            .as("block %d in one booking", block)
                            .isTrue();
                    if (booking.spent()) {
                        assertThat(ownerOfBlock.computeIfAbsent(block, key -> booking.id()))
                                .isEqualTo(booking.id());
                    }
                }
            }
            for (long id : acknowledgedSpends) {
                assertThat(ledger.booking(id).map(Booking::spent))
                        .as("spend of %d was acknowledged", id)
                        .contains(true);
            }
            assertThat(ledger.deadlines().size()).isEqualTo((int) ledger.bookings().values().stream()
                    .filter(booking -> !booking.spent())
                    .count());
        }

        void passEveryDeadline() {
            queue.clear();
            nowMillis += 10_000_000;
            decide(new LedgerCommand.Expire(new CallId("sweep"), nowMillis));
        }

        void expectNothingHeld() {
            check();
            assertThat(ledger.deadlines()).isEmpty();
            ClassBook book = Objects.requireNonNull(ledger.book(GPU));
            assertThat(book.account(OWN).reserved().isEmpty()).isTrue();
            assertThat(book.activeJobs()).isEmpty();
            assertThat(steps).isGreaterThan(1);
        }
    }

    /** Reserves for a job, and spends or undoes or forgets; repeats each call until it has an answer. */
    private static final class Client {
        private final int number;
        private final Network network;
        private final List<String> jobs = new ArrayList<>();
        private int extensions;

        private Client(int number, Network network) {
            this.number = number;
            this.network = network;
        }

        void nextJob() {
            String job = "job-" + number + "-" + jobs.size();
            jobs.add(job);
            CallId call = new CallId("reserve-" + job);
            int seconds = 1 + network.random.nextInt(60);
            until(
                    sentMillis -> new LedgerCommand.Reserve(
                            call,
                            sentMillis,
                            OWN,
                            GPU,
                            new JobId(job),
                            seconds * 1_000_000_000L,
                            LAST_BLOCK,
                            seconds * 1_000L + 5_000,
                            Optional.empty()),
                    outcome -> {
                        if (outcome instanceof LedgerOutcome.Reserved reserved) {
                            network.at(
                                    network.random.nextInt(20_000),
                                    () -> settle(job, reserved.booking().id()));
                        } else {
                            network.at(5_000, this::nextJob);
                        }
                    });
        }

        private void settle(String job, long id) {
            int choice = network.random.nextInt(6);
            if (choice == 0) {
                nextJob();
                return;
            }
            if (choice == 5) {
                extend(job, id);
                return;
            }
            boolean spend = choice == 1;
            CallId call = new CallId((spend ? "spend-" : "undo-") + job);
            until(
                    sentMillis -> spend
                            ? new LedgerCommand.Spend(call, sentMillis, id)
                            : new LedgerCommand.Undo(call, sentMillis, id),
                    outcome -> {
                        if (outcome instanceof LedgerOutcome.Spent) {
                            network.acknowledged(id);
                        }
                        nextJob();
                    });
        }

        private void extend(String job, long id) {
            CallId call = new CallId("extend-" + job + "-" + extensions++);
            long ttlMillis = 1L + network.random.nextInt(60_000);
            until(
                    sentMillis -> new LedgerCommand.Extend(call, sentMillis, id, ttlMillis),
                    outcome -> network.at(network.random.nextInt(20_000), () -> settle(job, id)));
        }

        private void until(LongFunction<LedgerCommand> command, Consumer<LedgerOutcome> done) {
            boolean[] answered = {false};
            Runnable[] attempt = new Runnable[1];
            long firstSentMillis = network.nowMillis;
            attempt[0] = () -> {
                if (answered[0]) {
                    return;
                }
                if (network.nowMillis - firstSentMillis > 12_000) {
                    // A front door gives up within the horizon: the outcome stays unknown to this caller.
                    answered[0] = true;
                    network.at(1_000, this::nextJob);
                    return;
                }
                network.send(command.apply(firstSentMillis), outcome -> {
                    if (!answered[0] && !(outcome instanceof LedgerOutcome.TooLate)) {
                        answered[0] = true;
                        done.accept(outcome);
                    }
                });
                network.at(2_000, attempt[0]);
            };
            attempt[0].run();
        }
    }
}
