package io.quartermaster.node.views;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

/**
 * A replica's part in the protocol: decides what is its to decide, accepts what others decide, tells callers what a majority
 * holds, and proposes views when who is there has changed.
 *
 * <p>Safe for use by several threads.
 *
 * @param <S> what a book is
 * @param <D> what a decision is
 */
public final class Participant<S, D> {
    /** How many books a pulse speaks of at most. */
    private static final int MOST_RECENT = 512;

    private static final int MOST_DOUBLINGS = 5;
    private static final int MOST_DOUBLINGS_TO_ENTER = 3;

    private final int self;
    private final int replicas;
    private final Timing timing;
    private final Surroundings surroundings;
    private final RandomGenerator random;
    private final Machine<S, D> machine;
    private final Acceptor<S, D> acceptor;
    private final Watermarks watermarks;
    private final Map<Integer, Heard> heard = new ConcurrentHashMap<>();
    private final Map<String, Recent> recent = new ConcurrentHashMap<>();
    private final Missing missing = new Missing();
    private final List<LongConsumer> onView = new CopyOnWriteArrayList<>();

    private final List<CatchUp> catchUps = new CopyOnWriteArrayList<>();

    private volatile long nowMillis;
    private volatile long highestSeen;
    private final long startMillis;
    private volatile boolean contact = true;
    private Optional<ViewChange<S>> change = Optional.empty();
    private long pulsedAtMillis = Long.MIN_VALUE / 2;
    private long wantedSinceMillis = -1;
    private long notBeforeMillis;
    private int attempts;
    private long viewAnnounced;

    /**
     * What was last heard of a replica.
     *
     * @param view the view that it is in, 0 if none
     * @param promised the view that it has promised and can enter, 0 if none
     * @param promisedAtMillis since when that is known
     * @param attempts how many views it has promised since it was in one
     */
    private record Heard(long atMillis, long view, long promised, long promisedAtMillis, int attempts) {
        private static final Heard NOTHING = new Heard(Long.MIN_VALUE / 2, 0, 0, 0, 0);

        private Heard next(long nowMillis, long newView, long newPromised) {
            if (newView != 0) {
                return new Heard(nowMillis, newView, newPromised, nowMillis, 0);
            }
            return newPromised == promised && view == 0
                    ? new Heard(nowMillis, newView, newPromised, promisedAtMillis, attempts)
                    : new Heard(nowMillis, newView, newPromised, nowMillis, attempts + 1);
        }
    }

    /** A decision that is durable here, and who was told. */
    private record Recent(Mark mark, long atMillis) {}

    /**
     * Makes a participant.
     *
     * @param self this replica's id, from 1 to {@code replicas}
     * @param replicas how many replicas the grid has when all are there
     * @param confirmations how many of them must hold a decision before it counts: a majority
     * @param machine what books are
     * @param journal where to write what must not be forgotten
     * @param memory what was read from it at the start
     * @param shelf told of each change of a book, in order
     * @param surroundings who is there, and how to reach them
     * @param timing how long to wait
     * @param random for waiting a little longer than others
     * @param startMillis the time, in milliseconds of a clock that only goes forward
     */
    public Participant(
            int self,
            int replicas,
            int confirmations,
            Machine<S, D> machine,
            Journal<S, D> journal,
            Journal.Memory<S> memory,
            BiConsumer<String, S> shelf,
            Surroundings surroundings,
            Timing timing,
            RandomGenerator random,
            long startMillis) {
        this.self = self;
        this.replicas = replicas;
        this.timing = timing;
        this.surroundings = surroundings;
        this.random = random;
        this.machine = machine;
        this.acceptor = new Acceptor<>(self, machine, journal, memory, shelf);
        this.watermarks = new Watermarks(replicas, confirmations);
        this.nowMillis = startMillis;
        this.highestSeen = Math.max(memory.promised(), memory.normal().number());
        this.startMillis = startMillis;
    }

    /**
     * The least number of replicas that every two such groups have one in common.
     *
     * @param replicas how many there are
     * @return more than half
     */
    public static int majority(int replicas) {
        return replicas / 2 + 1;
    }

    // Books

    /**
     * Decides about a book, if that is this replica's to do.
     *
     * @param key which book
     * @param partition its partition
     * @param caller the id of the replica that waits for a majority
     * @param rule from the book to the decision
     * @return the decision, to be sent to all others; empty if it is not this replica's to decide now
     */
    public Optional<Decided<D>> decide(String key, int partition, int caller, Function<S, D> rule) {
        return acceptor.decide(key, partition, caller, rule, (book, mark) -> holds(caller, book, mark));
    }

    /**
     * Accepts what another replica has decided.
     *
     * @param decided the decision
     */
    public void accept(Decided<D> decided) {
        Acceptor.Acceptance acceptance = acceptor.accept(decided, (book, mark) -> holds(decided.caller(), book, mark));
        if (acceptance == Acceptor.Acceptance.GAP) {
            missed(decided.key(), decided.mark().sequence(), acceptor.normal().decider(decided.partition()));
        }
    }

    private void holds(int caller, String key, Mark mark) {
        recent.put(key, new Recent(mark, nowMillis));
        if (caller == self) {
            watermarks.held(self, key, mark);
        } else {
            surroundings.send(caller, new Message.Held<S>(mark.view(), Map.of(key, mark.sequence())));
        }
    }

    /** Somebody holds more of a book than this replica does. It may still come by itself. */
    private void missed(String key, long sequence, int from) {
        if (from != 0 && from != self) {
            missing.note(key, new Mark(acceptor.normal().number(), sequence), from, nowMillis);
        }
    }

    private void askForWhatIsMissing() {
        long view = acceptor.normal().number();
        missing.due(nowMillis, (key, mark) -> mark.view() != view || acceptor.sequence(key) >= mark.sequence())
                .forEach((key, from) -> surroundings.send(from, new Message.Missed<S>(view, key)));
    }

    /**
     * Waits until a majority of all replicas holds a decision.
     *
     * @param key which book
     * @param mark the decision
     * @return completes with true then; with false once another view has begun, so that the command must be sent again
     */
    public CompletableFuture<Boolean> heldByMajority(String key, Mark mark) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        watermarks.await(key, mark, answer);
        return answer;
    }

    /**
     * Whether this replica's own copy has a decision in it.
     *
     * @param key which book
     * @param mark the decision, which a majority holds
     * @return true if so; it may not be on disk here yet
     */
    public boolean sees(String key, Mark mark) {
        return acceptor.sequence(key) >= mark.sequence();
    }

    /**
     * Gives up waiting.
     *
     * @param key which book
     * @param answer what {@link #heldByMajority} has returned
     */
    public void forget(String key, CompletableFuture<Boolean> answer) {
        watermarks.forget(key, answer);
    }

    // How things are

    /**
     * Whether this replica is in a view, so that books can be changed.
     *
     * @return false while there is no majority, or a view is being changed
     */
    public boolean serving() {
        return acceptor.serving();
    }

    /**
     * Whether a majority of all replicas has been heard of lately.
     *
     * @return true if so
     */
    public boolean inContact() {
        return contact;
    }

    /**
     * The view that this replica was in last.
     *
     * @return {@link View#NONE} before the first
     */
    public View view() {
        return acceptor.normal();
    }

    /**
     * Whether this replica decides about a partition's books now.
     *
     * @param partition the partition
     * @return true if so
     */
    public boolean decides(int partition) {
        return acceptor.serving() && acceptor.normal().decider(partition) == self;
    }

    /**
     * What is waited for, in words, for whoever has to find out.
     *
     * @return empty if this replica serves
     */
    public Optional<String> waitingFor() {
        if (serving() && inContact()) {
            return Optional.empty();
        }
        List<Integer> present = surroundings.present().stream()
                .map(Surroundings.Peer::replica)
                .sorted()
                .toList();
        int majority = majority(replicas);
        if (present.size() < majority || !inContact()) {
            long lately = Math.max(1, heard.values().stream().filter(this::near).count());
            return Optional.of("a majority: " + majority + " of " + replicas + " replicas are needed, " + lately
                    + " are within reach of replica " + self);
        }
        if (!acceptor.founded() && present.size() < replicas) {
            return Optional.of("all " + replicas + " replicas, since this one knows nothing of the grid yet, and those"
                    + " within reach (" + present + ") don't either, or are too few");
        }
        return Optional.of("a new view, in which replicas " + present + " take part");
    }

    /**
     * Wants to know when a view begins here.
     *
     * @param listener told the view's number, on whatever thread it begins: be quick
     */
    public void onView(LongConsumer listener) {
        onView.add(listener);
    }

    /**
     * Waits until this replica holds everything that was held by a majority when it was asked to: what was acknowledged before,
     * anywhere, is in {@link #memory} after.
     *
     * @return completes with true then; with false if another view has begun, or none is, so that it must be asked again
     */
    public CompletableFuture<Boolean> catchUp() {
        CatchUp asked = new CatchUp(view().number());
        if (!serving()) {
            asked.done.complete(false);
        } else {
            catchUps.add(asked);
            for (Surroundings.Peer peer : surroundings.present()) {
                if (peer.replica() != self) {
                    surroundings.send(peer.replica(), new Message.Ask<S>(asked.view));
                }
            }
            asked.look();
        }
        return asked.done;
    }

    /** Waits for what a majority holds. */
    private final class CatchUp {
        private final long view;
        private final Map<Integer, Map<String, Long>> held = new ConcurrentHashMap<>();
        private final CompletableFuture<Boolean> done = new CompletableFuture<>();

        private CatchUp(long view) {
            this.view = view;
        }

        private void look() {
            if (!serving() || view().number() != view) {
                done.complete(false);
            } else if (held.size() + 1 >= majority(replicas) && nothingIsMissing()) {
                done.complete(true);
            }
            if (done.isDone()) {
                catchUps.remove(this);
            }
        }

        private boolean nothingIsMissing() {
            boolean complete = true;
            for (Map.Entry<Integer, Map<String, Long>> other : held.entrySet()) {
                for (Map.Entry<String, Long> book : other.getValue().entrySet()) {
                    if (acceptor.sequence(book.getKey()) < book.getValue()) {
                        missed(book.getKey(), book.getValue(), other.getKey());
                        complete = false;
                    }
                }
            }
            return complete;
        }
    }

    /**
     * All that this replica remembers now, at one moment.
     *
     * @return a snapshot
     */
    public Journal.Memory<S> memory() {
        return acceptor.memory();
    }

    /** For tests: the books as they are held here. */
    Map<String, Entry<S>> entries() {
        return acceptor.entries();
    }

    // Time and messages

    /**
     * Does what is due.
     *
     * @param millis the time, in milliseconds of a clock that only goes forward
     */
    public synchronized void tick(long millis) {
        nowMillis = millis;
        List<Surroundings.Peer> present = surroundings.present();
        noteContact(present);
        hears(self, serving() ? view().number() : 0, acceptor.promisedForUse());
        if (millis - pulsedAtMillis >= timing.pulseMillis()) {
            pulsedAtMillis = millis;
            pulse(present);
        }
        change = change.filter(running -> !running.over(millis));
        if (change.isEmpty() && wanted(present)) {
            propose(present);
        }
        change.ifPresent(running -> running.tick(millis));
        askForWhatIsMissing();
        catchUps.forEach(CatchUp::look);
    }

    private void noteContact(List<Surroundings.Peer> present) {
        int contacts = 0;
        for (Surroundings.Peer peer : present) {
            contacts += peer.replica() == self || near(heard(peer.replica())) ? 1 : 0;
        }
        // At the start the others have not had the time to say anything.
        contact = contacts >= majority(replicas) || nowMillis - startMillis <= timing.silenceMillis();
    }

    private void pulse(List<Surroundings.Peer> present) {
        // What was decided lately is said again, in case that it was lost.
        long since = nowMillis - 10 * timing.pulseMillis();
        recent.values().removeIf(last -> last.atMillis() < since);
        long view = serving() ? view().number() : 0;
        Map<String, Long> sequences = new HashMap<>();
        for (Map.Entry<String, Recent> last : recent.entrySet()) {
            if (last.getValue().mark().view() == view && sequences.size() < MOST_RECENT) {
                sequences.put(last.getKey(), last.getValue().mark().sequence());
            }
        }
        for (Surroundings.Peer peer : present) {
            if (peer.replica() != self) {
                surroundings.send(
                        peer.replica(), new Message.Pulse<S>(view, acceptor.promisedForUse(), Map.copyOf(sequences)));
            }
        }
    }

    /** Whether the view no longer fits who is there; the oldest proposes at once, younger ones if it does not. */
    private boolean wanted(List<Surroundings.Peer> present) {
        byte[] owners = surroundings.owners();
        boolean possible = present.size() >= majority(replicas) && owners.length > 0 && inContact();
        if (!possible || fits(present, owners)) {
            wantedSinceMillis = -1;
            attempts = 0;
            return false;
        }
        if (wantedSinceMillis < 0) {
            wantedSinceMillis = nowMillis;
        }
        int rank = 0;
        while (rank < present.size() && present.get(rank).replica() != self) {
            rank++;
        }
        return nowMillis >= notBeforeMillis && nowMillis - wantedSinceMillis >= rank * timing.patienceMillis();
    }

    /** Whether everyone who is there is in the view, or about to enter it. */
    private boolean fits(List<Surroundings.Peer> present, byte[] owners) {
        if (!serving()) {
            Heard own = heard(self);
            return present.stream().anyMatch(peer -> peer.replica() != self && isIn(peer, own.promised()))
                    && entering(own, own.promised());
        }
        if (!view().decidedBy(owners)) {
            return false;
        }
        long view = view().number();
        return present.stream().allMatch(peer -> {
            Heard last = heard(peer.replica());
            // One that was not heard of yet in this life tells us which view it is in before long.
            return peer.replica() == self || !near(last) || last.view() == view || entering(last, view);
        });
    }

    private boolean isIn(Surroundings.Peer peer, long view) {
        Heard last = heard(peer.replica());
        return view != 0 && near(last) && last.view() == view;
    }

    /**
     * Whether a replica that is in no view is about to enter one. To take in all books may take seconds, on a slow machine or
     * where there are many; or else what should bring them is lost. So another view is proposed after a while, and each time a
     * replica has twice as long to enter it.
     */
    private boolean entering(Heard last, long view) {
        int doublings = Math.min(Math.max(0, last.attempts() - 1), MOST_DOUBLINGS_TO_ENTER);
        return last.view() == 0
                && last.promised() == view
                && nowMillis - last.promisedAtMillis() <= timing.abandonMillis() << doublings;
    }

    private boolean near(Heard last) {
        return nowMillis - last.atMillis() <= timing.silenceMillis();
    }

    private Heard heard(int replica) {
        return heard.getOrDefault(replica, Heard.NOTHING);
    }

    private void hears(int replica, long view, long promised) {
        heard.compute(replica, (id, last) -> (last == null ? Heard.NOTHING : last).next(nowMillis, view, promised));
    }

    private void propose(List<Surroundings.Peer> present) {
        long number = View.numberAfter(Math.max(highestSeen, acceptor.promised()), self);
        highestSeen = number;
        // Two proposers that outrun each other must not do so for ever, and one that can't be brought in must not cost
        // much.
        long wait = timing.gatherMillis() << Math.min(attempts++, MOST_DOUBLINGS);
        notBeforeMillis = nowMillis + wait + random.nextLong(wait);
        List<Integer> asked = present.stream().map(Surroundings.Peer::replica).toList();
        change = Optional.of(new ViewChange<>(
                new View(number, surroundings.owners()),
                self,
                asked,
                replicas,
                timing,
                nowMillis,
                this::dispatch,
                machine::fresh));
    }

    private void dispatch(int replica, Message<S> message) {
        if (replica == self) {
            receive(self, message);
        } else {
            surroundings.send(replica, message);
        }
    }

    /**
     * Takes in a message.
     *
     * @param from the id of the replica that has sent it
     * @param message the message
     */
    public void receive(int from, Message<S> message) {
        if (message instanceof Message.Held<S> held) {
            held.sequences().forEach((key, sequence) -> watermarks.held(from, key, new Mark(held.view(), sequence)));
        } else if (message instanceof Message.Pulse<S> pulse) {
            pulsed(from, pulse);
        } else if (message instanceof Message.Prepare<S> prepare) {
            sawView(prepare.view());
            acceptor.prepare(prepare.view(), promise -> dispatch(from, promise))
                    .ifPresent(promised -> dispatch(from, new Message.Outrun<>(prepare.view(), promised)));
        } else if (message instanceof Message.Found<S> found) {
            acceptor.found(found.view(), () -> dispatch(from, new Message.Founded<>(found.view())));
        } else if (message instanceof Message.Fetch<S> fetch) {
            acceptor.fetch(fetch.view(), fetch.keys())
                    .ifPresent(entries -> dispatch(from, new Message.Fetched<>(fetch.view(), entries)));
        } else if (message instanceof Message.Install<S> install) {
            sawView(install.view());
            acceptor.install(
                    install.next(), install.changed(), () -> dispatch(from, new Message.Installed<>(install.view())));
            announceView();
        } else if (message instanceof Message.Ask<S> ask) {
            acceptor.sequences(ask.view())
                    .ifPresent(sequences -> dispatch(from, new Message.Holds<>(ask.view(), sequences)));
        } else if (message instanceof Message.Holds<S> holds) {
            catchUps.stream().filter(asked -> asked.view == holds.view()).forEach(asked -> {
                asked.held.put(from, holds.sequences());
                asked.look();
            });
        } else if (message instanceof Message.Missed<S> missed) {
            acceptor.current(missed.view(), missed.key())
                    .ifPresent(entry -> dispatch(from, new Message.Copy<>(missed.view(), entry)));
        } else if (message instanceof Message.Copy<S> copy) {
            acceptor.copy(copy.view(), copy.entry(), (key, mark) -> recent.put(key, new Recent(mark, nowMillis)));
            missing.arrived(copy.entry().key());
            askForWhatIsMissing();
        } else {
            forTheProposer(from, message);
        }
    }

    private synchronized void forTheProposer(int from, Message<S> message) {
        if (message instanceof Message.Outrun<S> outrun) {
            sawView(outrun.promised());
        }
        if (message instanceof Message.Installed<S> && from != self) {
            hears(from, message.view(), message.view());
        }
        change.ifPresent(running -> running.receive(from, message, nowMillis));
    }

    private synchronized void sawView(long view) {
        highestSeen = Math.max(highestSeen, view);
    }

    private void announceView() {
        long view;
        synchronized (this) {
            view = view().number();
            if (!serving() || view <= viewAnnounced) {
                return;
            }
            viewAnnounced = view;
        }
        watermarks.viewBegan(view);
        onView.forEach(listener -> listener.accept(view));
    }

    private void pulsed(int from, Message.Pulse<S> pulse) {
        hears(from, pulse.view(), pulse.promised());
        sawView(Math.max(pulse.view(), pulse.promised()));
        if (!serving() || pulse.view() != view().number()) {
            return;
        }
        pulse.recent().forEach((key, sequence) -> {
            watermarks.held(from, key, new Mark(pulse.view(), sequence));
            if (acceptor.sequence(key) < sequence) {
                missed(key, sequence, from);
            }
        });
    }

    /**
     * A replica has gone, or starts anew: what was heard of it is no longer true.
     *
     * @param replica its id
     */
    public void gone(int replica) {
        heard.remove(replica);
    }
}
