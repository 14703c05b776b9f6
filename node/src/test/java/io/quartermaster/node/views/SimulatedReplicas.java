package io.quartermaster.node.views;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Replicas, their disks, the network between them, the engine's opinion of who is there and who owns what, and callers: all in
 * one thread, in made-up time, drawn from one seed.
 *
 * <p>A book is the list of the calls that were made to it; the answer to a call is its place in the list. So a call that was
 * answered must be found at that place for ever, and after every call that was answered before it was made.
 */
final class SimulatedReplicas {
    /** A list of calls. */
    record Calls(PVector<String> inOrder, PMap<String, Integer> placeOf) {
        static final Calls NONE = new Calls(TreePVector.empty(), HashTreePMap.empty());
    }

    /** A call gets a place; a repeated one keeps the one it has. */
    record Place(String call, int place, boolean repeated) {}

    /** Parts that a test may break on purpose. */
    enum Defect {
        NONE,
        ACKNOWLEDGES_ALONE,
        ACKNOWLEDGES_BEFORE_THE_DISK,
        ACCEPTS_OTHER_VIEWS,
        VOTES_AFTER_LOSING_ITS_DISK,
        ACCEPTS_ACROSS_GAPS
    }

    private static final int BOOKS = 3;
    private static final int TRIES = 8;

    private final int replicas;
    private final Defect defect;
    private final SplittableRandom random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<Replica> all = new ArrayList<>();
    private final boolean[][] cut;
    private final List<String> violations = new ArrayList<>();
    private final Map<String, Made> answered = new TreeMap<>();
    private long nowMillis;
    private long eventNumber;
    private int callNumber;
    private boolean rough = true;
    private int made;

    private record Event(long atMillis, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atMillis, other.atMillis);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private record Made(int book, long sentMillis, long answeredMillis, int place) {}

    SimulatedReplicas(long seed, int replicas, Defect defect) {
        this.replicas = replicas;
        this.defect = defect;
        this.random = new SplittableRandom(seed);
        this.cut = new boolean[replicas + 1][replicas + 1];
        for (int id = 1; id <= replicas; id++) {
            all.add(new Replica(id));
        }
    }

    /** Lives through some seconds of trouble, then some of peace. */
    List<String> run(long troubleMillis) {
        all.forEach(Replica::start);
        all.forEach(Replica::learnTheTruth);
        passMillis(1500);
        for (long at = 0; at < troubleMillis; at += random.nextLong(5, 25)) {
            after(at, this::call);
        }
        for (long at = 0; at < troubleMillis; at += random.nextLong(30, 500)) {
            after(at, this::trouble);
        }
        passMillis(troubleMillis);
        rough = false;
        for (boolean[] row : cut) {
            Arrays.fill(row, false);
        }
        all.forEach(Replica::resume);
        all.forEach(Replica::start);
        all.forEach(Replica::learnTheTruth);
        passMillis(30_000);
        List<Call> last = new ArrayList<>();
        for (int book = 0; book < BOOKS; book++) {
            for (Replica replica : all) {
                last.add(new Call(replica, book));
            }
        }
        last.forEach(Call::attempt);
        passMillis(8000);
        last.stream()
                .filter(call -> !call.done)
                .forEach(call -> violations.add(call.name + " was not answered in peace"));
        passMillis(2000);
        checkAnswers();
        checkAgreement();
        return violations;
    }

    int callsMade() {
        return made;
    }

    int callsAnswered() {
        return answered.size();
    }

    private void passMillis(long millis) {
        long until = nowMillis + millis;
        while (!events.isEmpty() && events.peek().atMillis() <= until) {
            Event event = events.poll();
            nowMillis = event.atMillis();
            event.action().run();
        }
        nowMillis = until;
    }

    private void after(long millis, Runnable action) {
        events.add(new Event(nowMillis + millis, eventNumber++, action));
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    // Trouble

    private void trouble() {
        if (!rough) {
            return;
        }
        Replica one = all.get(random.nextInt(replicas));
        switch (random.nextInt(13)) {
            case 0, 1 -> one.crash();
            case 2 -> all.stream().filter(replica -> chance(0.6)).forEach(Replica::crash);
            case 3, 4, 5 -> all.stream().filter(replica -> chance(0.7)).forEach(Replica::start);
            case 6 -> one.pause();
            case 7 -> all.forEach(Replica::resume);
            case 8 -> split();
            case 9 -> cut[one.id][1 + random.nextInt(replicas)] = true;
            case 10 -> Arrays.stream(cut).forEach(row -> Arrays.fill(row, false));
            case 11 -> one.loseItsDisk();
            default -> all.forEach(Replica::learnSomething);
        }
        all.forEach(replica ->
                after(random.nextLong(1, 400), chance(0.8) ? replica::learnTheTruth : replica::learnSomething));
    }

    /** Into two groups, or three. */
    private void split() {
        int[] group = new int[replicas + 1];
        for (int id = 1; id <= replicas; id++) {
            group[id] = random.nextInt(chance(0.3) ? 3 : 2);
        }
        for (int from = 1; from <= replicas; from++) {
            for (int to = 1; to <= replicas; to++) {
                cut[from][to] = group[from] != group[to];
            }
        }
    }

    private void carry(int from, int to, Runnable delivery) {
        if (from == to) {
            Replica self = all.get(to - 1);
            int mine = self.life;
            after(0, () -> {
                if (self.life == mine) {
                    self.deliver(delivery);
                }
            });
            return;
        }
        for (int copies = rough && chance(0.03) ? 2 : 1; copies > 0; copies--) {
            boolean lost = rough && chance(0.04);
            long delay = random.nextLong(1, 8) + (rough && chance(0.03) ? random.nextLong(1500) : 0);
            if (!lost) {
                after(delay, () -> {
                    if (!cut[from][to]) {
                        all.get(to - 1).deliver(delivery);
                    }
                });
            }
        }
    }

    // Callers

    private void call() {
        Replica caller = all.get(random.nextInt(replicas));
        if (caller.alive) {
            new Call(caller, random.nextInt(BOOKS)).attempt();
        }
    }

    private final class Call {
        private final String name = "call-" + callNumber++;
        private final Replica caller;
        private final int life;
        private final int book;
        private final long sentMillis = nowMillis;
        private int tries;
        private boolean done;

        private Call(Replica caller, int book) {
            this.caller = caller;
            this.life = caller.life;
            this.book = book;
            made++;
        }

        private void attempt() {
            if (done || !caller.alive || caller.life != life || tries++ == TRIES) {
                return;
            }
            int attempt = tries;
            int owner = caller.owners[book];
            if (owner != 0) {
                carry(caller.id, owner, () -> all.get(owner - 1).decide(this));
            }
            after(
                    random.nextLong(300, 700),
                    () -> caller.deliver(() -> {
                        if (attempt == tries) {
                            attempt();
                        }
                    }));
        }

        @SuppressWarnings("FutureReturnValueIgnored") // nothing fails in there
        private void decided(Mark mark, int place) {
            if (!caller.alive || caller.life != life || done) {
                return;
            }
            caller.participant.heldByMajority("book-" + book, mark).whenComplete((held, failure) -> {
                if (!done && Boolean.TRUE.equals(held)) {
                    done = true;
                    answered.put(name, new Made(book, sentMillis, nowMillis, place));
                } else if (!done) {
                    after(1, this::attempt);
                }
            });
        }
    }

    // Checks

    private void checkAnswers() {
        for (int book = 0; book < BOOKS; book++) {
            PVector<String> log = TreePVector.empty();
            for (Replica replica : all) {
                PVector<String> held = replica.calls(book).inOrder();
                log = held.size() > log.size() ? held : log;
            }
            List<Made> byPlace = new ArrayList<>();
            for (Map.Entry<String, Made> call : answered.entrySet()) {
                Made answer = call.getValue();
                if (answer.book() == book) {
                    boolean there = answer.place() < log.size()
                            && log.get(answer.place()).equals(call.getKey());
                    if (!there) {
                        violations.add(call.getKey() + " was answered with place " + answer.place() + " of book " + book
                                + ", and is not there");
                    }
                    byPlace.add(answer);
                }
            }
            byPlace.sort((a, b) -> Integer.compare(a.place(), b.place()));
            long latestSent = 0;
            for (Made answer : byPlace) {
                if (answer.answeredMillis() < latestSent) {
                    violations.add("place " + answer.place() + " of book " + book
                            + " comes after one whose call was made later than it was answered");
                }
                latestSent = Math.max(latestSent, answer.sentMillis());
            }
            Set<String> once = new HashSet<>(log);
            if (once.size() != log.size()) {
                violations.add("a call is twice in book " + book);
            }
        }
    }

    private void checkAgreement() {
        Map<String, Entry<Calls>> first = all.get(0).participant.entries();
        for (Replica replica : all) {
            if (!replica.participant.entries().equals(first)) {
                violations.add("replica " + replica.id + " and replica 1 hold different books in peace");
            }
        }
    }

    // Replicas

    private final class Replica implements Surroundings {
        private final int id;
        private final List<Written> disk = new ArrayList<>();
        private final List<Written> unwritten = new ArrayList<>();
        private final List<Runnable> waiting = new ArrayList<>();
        private final List<Runnable> undelivered = new ArrayList<>();
        private boolean alive;
        private boolean paused;
        private int life;
        private List<Peer> present = List.of();
        private byte[] owners = new byte[BOOKS];
        private Participant<Calls, Place> participant = newParticipant();

        private record Written(boolean founded, long promised, Optional<View> normal, List<Entry<Calls>> entries) {}

        private Replica(int id) {
            this.id = id;
        }

        private Participant<Calls, Place> newParticipant() {
            Journal.Memory<Calls> memory = memory();
            Machine<Calls, Place> machine = new Machine<>() {
                @Override
                public Calls fresh(String key) {
                    return Calls.NONE;
                }

                @Override
                public Calls apply(Calls state, Place decision) {
                    return decision.repeated()
                            ? state
                            : new Calls(
                                    state.inOrder().plus(decision.call()),
                                    state.placeOf().plus(decision.call(), decision.place()));
                }
            };
            return new Participant<>(
                    id,
                    replicas,
                    defect == Defect.ACKNOWLEDGES_ALONE ? 1 : Participant.majority(replicas),
                    machine,
                    new Disk(),
                    memory,
                    (key, calls) -> {},
                    this,
                    Timing.DEFAULT,
                    random.split(),
                    nowMillis);
        }

        private Journal.Memory<Calls> memory() {
            boolean founded = defect == Defect.VOTES_AFTER_LOSING_ITS_DISK;
            long promised = 0;
            View normal = View.NONE;
            Map<String, Entry<Calls>> entries = new HashMap<>();
            for (Written record : disk) {
                founded |= record.founded();
                promised = Math.max(promised, record.promised());
                normal = record.normal().orElse(normal);
                record.entries().forEach(entry -> entries.put(entry.key(), entry));
            }
            return new Journal.Memory<>(founded, promised, normal, entries);
        }

        private Calls calls(int book) {
            Entry<Calls> entry = participant.entries().get("book-" + book);
            return entry == null ? Calls.NONE : entry.state();
        }

        private void start() {
            if (!alive) {
                alive = true;
                life++;
                present = List.of(new Peer(id, "life-" + life));
                owners = new byte[BOOKS];
                participant = newParticipant();
                int mine = life;
                after(random.nextLong(50), () -> tick(mine));
            }
        }

        private void tick(int mine) {
            if (alive && life == mine) {
                deliver(() -> participant.tick(nowMillis));
                after(50, () -> tick(mine));
            }
        }

        private void crash() {
            if (alive) {
                alive = false;
                paused = false;
                undelivered.clear();
                // What was being written may have reached the disk or not, in order.
                disk.addAll(unwritten.subList(0, random.nextInt(unwritten.size() + 1)));
                unwritten.clear();
                waiting.clear();
            }
        }

        /** At most one at a time: as many as the others can make good for. */
        private void loseItsDisk() {
            boolean othersHaveTheirs = all.stream().noneMatch(other -> other != this && other.blank());
            if (othersHaveTheirs && !blank() && Participant.majority(replicas) < replicas) {
                crash();
                disk.clear();
            }
        }

        private boolean blank() {
            return disk.stream().noneMatch(Written::founded);
        }

        private void pause() {
            paused = alive;
        }

        private void resume() {
            paused = false;
            List<Runnable> late = List.copyOf(undelivered);
            undelivered.clear();
            int mine = life;
            late.forEach(delivery -> after(1, () -> {
                if (life == mine) {
                    deliver(delivery);
                }
            }));
        }

        private void deliver(Runnable delivery) {
            if (alive && paused) {
                undelivered.add(delivery);
            } else if (alive) {
                delivery.run();
            }
        }

        private void decide(Call call) {
            participant
                    .decide("book-" + call.book, call.book, call.caller.id, calls -> {
                        Integer place = calls.placeOf().get(call.name);
                        return place == null
                                ? new Place(call.name, calls.inOrder().size(), false)
                                : new Place(call.name, place, true);
                    })
                    .ifPresent(decided -> {
                        for (Replica other : all) {
                            if (other.id != id) {
                                carry(id, other.id, () -> other.accept(decided));
                            }
                        }
                        Place place = decided.decision();
                        carry(id, call.caller.id, () -> call.decided(decided.mark(), place.place()));
                    });
        }

        private void accept(Decided<Place> decided) {
            if (defect == Defect.ACCEPTS_ACROSS_GAPS) {
                Entry<Calls> held = participant.entries().get(decided.key());
                long sequence = held == null ? 0 : held.mark().sequence();
                participant.accept(new Decided<>(
                        decided.key(),
                        decided.partition(),
                        new Mark(decided.mark().view(), sequence + 1),
                        decided.caller(),
                        decided.decision()));
                return;
            }
            if (defect == Defect.ACCEPTS_OTHER_VIEWS) {
                participant.accept(new Decided<>(
                        decided.key(),
                        decided.partition(),
                        new Mark(participant.view().number(), decided.mark().sequence()),
                        decided.caller(),
                        decided.decision()));
                return;
            }
            participant.accept(decided);
        }

        // What the engine tells it

        private void learnTheTruth() {
            List<Peer> near = new ArrayList<>();
            for (Replica other : all) {
                if (other == this || (other.alive && !cut[id][other.id] && !cut[other.id][id])) {
                    near.add(new Peer(other.id, "life-" + other.life));
                }
            }
            learn(near);
            for (int book = 0; book < BOOKS; book++) {
                owners[book] = (byte) near.get(book % near.size()).replica();
            }
        }

        private void learnSomething() {
            if (!rough) {
                return;
            }
            List<Peer> some = new ArrayList<>();
            for (Replica other : all) {
                if (other == this || chance(0.7)) {
                    some.add(new Peer(other.id, "life-" + other.life));
                }
            }
            learn(some);
            for (int book = 0; book < BOOKS; book++) {
                owners[book] = (byte) (1 + random.nextInt(replicas));
            }
        }

        private void learn(List<Peer> peers) {
            for (Peer before : present) {
                if (!peers.contains(before)) {
                    participant.gone(before.replica());
                }
            }
            present = List.copyOf(peers);
            owners = owners.clone();
        }

        @Override
        public List<Peer> present() {
            return present;
        }

        @Override
        public byte[] owners() {
            return owners.clone();
        }

        @Override
        @SuppressWarnings("unchecked")
        public <S> void send(int to, Message<S> message) {
            carry(id, to, () -> all.get(to - 1).participant.receive(id, (Message<Calls>) message));
        }

        /** Writes a little later, several records at once. */
        private final class Disk implements Journal<Calls, Place> {
            private final int mine = life;

            private void write(Written record, Runnable durable) {
                if (defect == Defect.ACKNOWLEDGES_BEFORE_THE_DISK) {
                    after(0, () -> deliver(durable));
                } else {
                    waiting.add(durable);
                }
                unwritten.add(record);
                after(rough ? random.nextLong(1, 30) : 1, () -> {
                    if (alive && life == mine) {
                        disk.addAll(unwritten);
                        unwritten.clear();
                        List<Runnable> done = List.copyOf(waiting);
                        waiting.clear();
                        done.forEach(Replica.this::deliver);
                    }
                });
            }

            @Override
            public void promised(long view, Runnable durable) {
                write(new Written(false, view, Optional.empty(), List.of()), durable);
            }

            @Override
            public void founded(Runnable durable) {
                write(new Written(true, 0, Optional.empty(), List.of()), durable);
            }

            @Override
            public void installed(View view, List<? extends Entry<Calls>> changed, Runnable durable) {
                write(new Written(true, view.number(), Optional.of(view), List.copyOf(changed)), durable);
            }

            @Override
            public void decided(Decided<Place> decided, Runnable durable) {
                Entry<Calls> before = participant.entries().get(decided.key());
                Calls calls = before == null ? Calls.NONE : before.state();
                Place place = decided.decision();
                Calls after = place.repeated()
                        ? calls
                        : new Calls(
                                calls.inOrder().plus(place.call()),
                                calls.placeOf().plus(place.call(), place.place()));
                Entry<Calls> entry = new Entry<>(decided.key(), decided.mark(), after);
                write(new Written(false, 0, Optional.empty(), List.of(entry)), durable);
            }

            @Override
            public void copied(long view, Entry<Calls> entry, Runnable durable) {
                write(new Written(false, 0, Optional.empty(), List.of(entry)), durable);
            }

            @Override
            public void barrier(Runnable durable) {
                write(new Written(false, 0, Optional.empty(), List.of()), durable);
            }
        }
    }
}
