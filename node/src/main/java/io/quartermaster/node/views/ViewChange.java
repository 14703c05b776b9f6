package io.quartermaster.node.views;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A proposer's attempt to begin a view: gathers promises, chooses each book's newest state among the replicas that were in the
 * newest view, and has the view entered with it. Not safe for use by several threads.
 *
 * <p>Whatever was confirmed by a majority is chosen: of any majority one replica at least has held it, in that view or a later
 * one that began with it, and has told so in its promise.
 */
final class ViewChange<S> {
    private final View view;
    private final int self;
    private final List<Integer> asked;
    private final int replicas;
    private final Timing timing;
    private final long beganMillis;
    private final BiConsumer<Integer, Message<S>> send;
    private final Function<String, S> fresh;
    private final Map<Integer, Message.Promise<S>> promises = new TreeMap<>();
    private final Set<Integer> founded = new HashSet<>();
    private final Set<Integer> installed = new HashSet<>();
    private final Map<String, Mark> chosen = new HashMap<>();
    private final Map<String, Entry<S>> books = new HashMap<>();
    private final Set<String> missing = new HashSet<>();
    private Phase phase = Phase.ASKING;
    private boolean begun;

    private enum Phase {
        ASKING,
        FOUNDING,
        FETCHING,
        INSTALLING,
        OVER
    }

    ViewChange(
            View view,
            int self,
            List<Integer> asked,
            int replicas,
            Timing timing,
            long nowMillis,
            BiConsumer<Integer, Message<S>> send,
            Function<String, S> fresh) {
        this.view = view;
        this.self = self;
        this.asked = asked;
        this.replicas = replicas;
        this.timing = timing;
        this.beganMillis = nowMillis;
        this.send = send;
        this.fresh = fresh;
    }

    boolean over(long nowMillis) {
        return phase == Phase.OVER || nowMillis - beganMillis > timing.abandonMillis();
    }

    void tick(long nowMillis) {
        if (!begun) {
            begun = true;
            // Itself first: the number must be on this replica's disk before others hear it, so that it is never used
            // again.
            send.accept(self, new Message.Prepare<>(view.number()));
        } else if (phase == Phase.ASKING && nowMillis - beganMillis >= timing.gatherMillis()) {
            choose();
        }
    }

    void receive(int from, Message<S> message, long nowMillis) {
        if (message.view() != view.number() || over(nowMillis)) {
            return;
        }
        if (message instanceof Message.Outrun<S>) {
            phase = Phase.OVER;
        } else if (message instanceof Message.Promise<S> promise && phase == Phase.ASKING) {
            promises.put(from, promise);
            if (from == self) {
                asked.stream()
                        .filter(replica -> replica != self)
                        .forEach(replica -> send.accept(replica, new Message.Prepare<>(view.number())));
            }
            if (promises.keySet().containsAll(asked)) {
                choose();
            }
        } else if (message instanceof Message.Founded<S> && phase == Phase.FOUNDING) {
            founded.add(from);
            if (founded.size() == replicas) {
                fetch();
            }
        } else if (message instanceof Message.Fetched<S> fetched && phase == Phase.FETCHING) {
            take(fetched.entries());
            installWhenComplete();
        } else if (message instanceof Message.Installed<S> && phase == Phase.INSTALLING) {
            installed.add(from);
            // The view has begun. Who has many books to take in for it takes its time; nobody waits for that.
            if (installed.size() >= Participant.majority(replicas)) {
                phase = Phase.OVER;
            }
        }
    }

    private void choose() {
        long voters =
                promises.values().stream().filter(Message.Promise::founded).count();
        boolean nobodyWasEverInAView = promises.values().stream().allMatch(promise -> promise.normal() == 0);
        // One that has lost its disk may have begun a view of this number before, and decided in it what is on its way
        // still.
        Message.Promise<S> own = promises.get(self);
        if (voters >= Participant.majority(replicas) && own != null && own.founded()) {
            fetch();
        } else if (promises.size() == replicas && nobodyWasEverInAView) {
            phase = Phase.FOUNDING;
            promises.keySet().forEach(replica -> send.accept(replica, new Message.Found<>(view.number())));
        }
    }

    private void fetch() {
        phase = Phase.FETCHING;
        long newest = promises.values().stream()
                .filter(this::remembers)
                .mapToLong(Message.Promise::normal)
                .max()
                .orElse(0);
        Map<String, Integer> sources = new HashMap<>();
        for (Message.Promise<S> promise : promises.values()) {
            promise.marks().keySet().forEach(key -> chosen.putIfAbsent(key, Mark.NONE));
        }
        // What this replica holds itself need not come over the network.
        Stream.concat(Stream.of(self), promises.keySet().stream().filter(replica -> replica != self))
                .filter(replica ->
                        remembers(promise(replica)) && promise(replica).normal() == newest)
                .forEach(replica -> promise(replica).marks().forEach((key, mark) -> {
                    if (mark.sequence() > chosen.getOrDefault(key, Mark.NONE).sequence()) {
                        chosen.put(key, mark);
                        sources.put(key, replica);
                    }
                }));
        Map<Integer, List<String>> wanted = new TreeMap<>();
        for (String key : chosen.keySet()) {
            Integer source = sources.get(key);
            if (source == null) {
                // Whoever holds something of this book was not in the newest view, where nothing was decided about it.
                books.put(key, new Entry<>(key, Mark.NONE, fresh.apply(key)));
            } else if (someoneLacks(key)) {
                wanted.computeIfAbsent(source, replica -> new ArrayList<>()).add(key);
                missing.add(key);
            }
        }
        wanted.forEach((replica, keys) -> send.accept(replica, new Message.Fetch<>(view.number(), keys)));
        installWhenComplete();
    }

    private Message.Promise<S> promise(int replica) {
        return Objects.requireNonNull(promises.get(replica));
    }

    /** Founders of a new grid have nothing to remember. */
    private boolean remembers(Message.Promise<S> promise) {
        return promise.founded() || founded.size() == replicas;
    }

    private boolean someoneLacks(String key) {
        return promises.values().stream().anyMatch(promise -> lacks(promise, key));
    }

    private boolean lacks(Message.Promise<S> promise, String key) {
        return !promise.marks().getOrDefault(key, Mark.NONE).equals(chosen.getOrDefault(key, Mark.NONE));
    }

    private void take(List<Entry<S>> entries) {
        for (Entry<S> entry : entries) {
            if (entry.mark().equals(chosen.get(entry.key()))) {
                books.put(entry.key(), entry);
                missing.remove(entry.key());
            }
        }
    }

    private void installWhenComplete() {
        if (phase == Phase.FETCHING && missing.isEmpty()) {
            install();
        }
    }

    private void install() {
        phase = Phase.INSTALLING;
        Map<Integer, List<Entry<S>>> changed = new HashMap<>();
        promises.forEach((replica, promise) -> changed.put(
                replica,
                books.values().stream()
                        .filter(entry -> lacks(promise, entry.key()))
                        .toList()));
        // One that has lost its disk lacks everything. That is a large message, behind which the others do not wait.
        changed.entrySet().stream()
                .sorted(Comparator.comparingInt(one -> one.getValue().size()))
                .forEach(one -> send.accept(one.getKey(), new Message.Install<>(view, one.getValue())));
    }
}
