package io.quartermaster.node.app;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.grid.Shared;
import io.quartermaster.node.params.DynamicParameters;
import io.quartermaster.node.params.Parameter;
import io.quartermaster.node.params.ParameterBook;
import io.quartermaster.node.params.ParameterChange;
import io.quartermaster.node.params.ParameterSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dynamic parameters of the whole grid. What a replica is given at its start counts where nobody has set anything yet: the
 * first replica of a new grid enters it. From then on the grid's own values count, whatever replicas are started with. Safe for
 * use by several threads.
 */
public final class GridParameters implements ParameterSource {
    private static final Logger LOG = LoggerFactory.getLogger(GridParameters.class);
    private static final String KEY = "all";
    private static final int MOST_ATTEMPTS = 100;
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final Executor A_SECOND_LATER = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
    private static final int LONGEST_WORDS = 1_000;

    private final Grid grid;
    private final Shared<ParameterBook> shared;
    private final EventLog events;
    private final String replica;
    private final Map<String, String> given;
    private final DynamicParameters atFirst;
    private volatile InForce inForce = new InForce(ParameterBook.EMPTY, DynamicParameters.defaults());

    /** A book, and what it says. */
    private record InForce(ParameterBook book, DynamicParameters parameters) {}

    /**
     * The parameters of a grid.
     *
     * @param grid the grid
     * @param replica this replica's name
     * @param given what the replica was started with, by parameter name
     * @param events where changes are told
     * @throws InvalidArgument if a name is unknown or a value is not right for its parameter
     */
    GridParameters(Grid grid, String replica, Map<String, String> given, EventLog events) {
        this.grid = grid;
        this.replica = replica;
        this.shared = grid.records().parameters();
        this.events = events;
        this.given = new TreeMap<>(given);
        this.atFirst = DynamicParameters.defaults().with(given);
    }

    /** Enters what this replica was started with, if it is the first one; goes on in the background until that is known. */
    void enter() {
        if (given.isEmpty()) {
            return;
        }
        Optional<ParameterBook> known = shared.get(KEY);
        if (known.isPresent()) {
            warnOfWhatIsNotTaken(known.get());
            return;
        }
        List<ParameterChange> changes = entered();
        if (changes.isEmpty()) {
            return;
        }
        var unused = shared.put(KEY, ParameterBook.EMPTY.with(changes)).whenComplete((entered, failure) -> {
            if (failure == null && entered) {
                changes.forEach(this::tell);
            } else if (grid.isRunning()) {
                A_SECOND_LATER.execute(() -> enter());
            }
        });
    }

    private List<ParameterChange> entered() {
        return changes(DynamicParameters.defaults(), given, replica, "given at the first start");
    }

    private void warnOfWhatIsNotTaken(ParameterBook book) {
        Map<String, String> texts = inForce(book).texts();
        atFirst.texts().forEach((name, text) -> {
            if (given.containsKey(name) && !text.equals(texts.get(name))) {
                LOG.warn(
                        "{} is {} in this grid, not {} as this replica was given at its start: what was set in a grid"
                                + " counts. 'qm params set' changes it",
                        name,
                        texts.get(name),
                        text);
            }
        });
    }

    @Override
    public DynamicParameters current() {
        return shared.get(KEY).map(this::inForce).orElse(atFirst);
    }

    @SuppressWarnings("ReferenceEquality") // a book that has not changed is the same object
    private DynamicParameters inForce(ParameterBook book) {
        InForce known = inForce;
        if (known.book() != book) {
            known = new InForce(book, book.inForce());
            inForce = known;
        }
        return known.parameters();
    }

    /**
     * Changes parameters on all replicas: all of them together, or none.
     *
     * @param values the new values by parameter name, as an operator would write them
     * @param who who wants it
     * @param why what for; may be empty
     * @return what was changed; values that were already so are not among them
     * @throws InvalidArgument if a name is unknown or a value is not right for its parameter; nothing is changed then
     * @throws GridUnavailable if no majority of the replicas is within reach
     */
    public List<ParameterChange> set(Map<String, String> values, String who, String why) {
        if (who.isBlank()) {
            throw new InvalidArgument("who", who, "the name of whoever changes a parameter");
        }
        requireShort("who", who);
        requireShort("why", why);
        DynamicParameters.defaults().with(values);
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            Optional<ParameterBook> known = shared.get(KEY);
            List<ParameterChange> changes = changes(current(), values, who, why);
            if (changes.isEmpty()) {
                return changes;
            }
            List<ParameterChange> all = new ArrayList<>(known.isPresent() ? List.of() : entered());
            all.addAll(changes);
            ParameterBook next = known.orElse(ParameterBook.EMPTY).with(all);
            if (GridAllowance.await(grid.newCall(), shared.put(KEY, next))) {
                all.forEach(this::tell);
                return changes;
            }
            // Somebody else was first. What they set is seen here in a moment.
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
        throw new GridUnavailable("Others change the parameters all the time: try again");
    }

    private static void requireShort(String field, String words) {
        if (words.length() > LONGEST_WORDS) {
            throw new InvalidArgument(
                    field, words.length() + " characters", "at most " + LONGEST_WORDS + " characters");
        }
    }

    private List<ParameterChange> changes(DynamicParameters from, Map<String, String> values, String who, String why) {
        DynamicParameters to = from.with(values);
        Instant now = Instant.ofEpochMilli(grid.nowMillis());
        List<ParameterChange> changes = new ArrayList<>();
        for (String name : new TreeMap<>(values).keySet()) {
            Parameter parameter = Parameter.of(name);
            if (!from.text(parameter).equals(to.text(parameter))) {
                changes.add(new ParameterChange(now, who, name, from.text(parameter), to.text(parameter), why));
            }
        }
        return changes;
    }

    /**
     * Who changed what.
     *
     * @return newest first; the last {@value ParameterBook#MOST_CHANGES}
     */
    public List<ParameterChange> history() {
        List<ParameterChange> newestFirst =
                new ArrayList<>(shared.get(KEY).map(ParameterBook::changes).orElse(List.of()));
        Collections.reverse(newestFirst);
        return newestFirst;
    }

    private void tell(ParameterChange change) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("parameter", change.parameter());
        fields.put("who", change.who());
        fields.put("from", change.from());
        fields.put("to", change.to());
        fields.put("why", change.why());
        events.record(new SystemEvent(
                change.time(),
                EventType.PARAMETER_CHANGED,
                fields,
                change.who() + " changed " + change.parameter() + " from " + change.from() + " to " + change.to()
                        + (change.why().isEmpty() ? "" : ": " + change.why())));
    }
}
