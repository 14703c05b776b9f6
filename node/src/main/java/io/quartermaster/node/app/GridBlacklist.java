package io.quartermaster.node.app;

import io.quartermaster.api.Blacklist;
import io.quartermaster.api.BlacklistEntry;
import io.quartermaster.api.BlacklistReason;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.events.EventLog;
import io.quartermaster.node.events.EventType;
import io.quartermaster.node.events.SystemEvent;
import io.quartermaster.node.grid.Grid;
import io.quartermaster.node.params.ParameterSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The blacklist of the whole grid. Safe for use by several threads. */
final class GridBlacklist implements Blacklist {
    private final Grid grid;
    private final ParameterSource parameters;
    private final EventLog events;

    GridBlacklist(Grid grid, ParameterSource parameters, EventLog events) {
        this.grid = grid;
        this.parameters = parameters;
        this.events = events;
    }

    @Override
    public List<BlacklistEntry> entries() {
        Instant now = now();
        return grid.records().blacklist().entries().values().stream()
                .filter(entry -> entry.holdsAt(now))
                .sorted(Comparator.comparing(BlacklistEntry::miner).thenComparing(BlacklistEntry::reason))
                .toList();
    }

    @Override
    public BlacklistEntry add(Hotkey miner, BlacklistReason reason, String details, Optional<Duration> lasting) {
        Instant now = now();
        Optional<Duration> time = lasting.isPresent() ? lasting : usualTime(reason);
        if (time.isPresent() && (time.get().isNegative() || time.get().isZero())) {
            throw new InvalidArgument("lasting", time.get().toSeconds() + " s", "above 0");
        }
        BlacklistEntry entry = new BlacklistEntry(miner, reason, details, now, time.map(now::plus));
        GridAllowance.await(grid.newCall(), grid.records().blacklist().put(key(entry), entry));
        tell(
                EventType.MINER_BLACKLISTED,
                entry,
                "gets no jobs " + entry.until().map(until -> "until " + until).orElse("until it is removed"));
        return entry;
    }

    /** How long an entry holds if nobody says: empty for always. */
    Optional<Duration> usualTime(BlacklistReason reason) {
        return switch (reason) {
            case MANUAL -> Optional.empty();
            case JOB_FAILED ->
                Optional.of(Duration.ofSeconds(parameters.current().jobFailureBlacklistTimeSeconds()));
            case JOB_CHEATED ->
                Optional.of(Duration.ofSeconds(parameters.current().jobCheatedBlacklistTimeSeconds()));
        };
    }

    @Override
    public List<BlacklistEntry> remove(Hotkey miner, Optional<BlacklistReason> reason) {
        List<BlacklistEntry> removed = entries().stream()
                .filter(entry -> entry.miner().equals(miner))
                .filter(entry -> reason.isEmpty() || entry.reason() == reason.get())
                .toList();
        forget(removed);
        removed.forEach(entry -> tell(EventType.BLACKLISTING_REMOVED, entry, "was taken off the blacklist"));
        return removed;
    }

    /** Forgets the entries whose time is over. */
    void prune() {
        Instant now = now();
        List<BlacklistEntry> over = grid.records().blacklist().entries().values().stream()
                .filter(entry -> !entry.holdsAt(now))
                .toList();
        forget(over);
        over.forEach(entry -> tell(EventType.BLACKLISTING_EXPIRED, entry, "gets jobs again"));
    }

    private void forget(List<BlacklistEntry> entries) {
        if (!entries.isEmpty()) {
            GridAllowance.await(
                    grid.newCall(),
                    grid.records()
                            .blacklist()
                            .remove(entries.stream().map(GridBlacklist::key).toList()));
        }
    }

    private static String key(BlacklistEntry entry) {
        return entry.miner() + "/" + entry.reason();
    }

    private Instant now() {
        return Instant.ofEpochMilli(grid.nowMillis());
    }

    private void tell(EventType type, BlacklistEntry entry, String what) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(SystemEvent.MINER, entry.miner().value());
        fields.put("reason", entry.reason().name());
        fields.put("details", entry.details());
        entry.until().ifPresent(until -> fields.put("until", until.toString()));
        events.record(new SystemEvent(
                now(),
                type,
                fields,
                "miner " + entry.miner() + " " + what + " (" + entry.reason()
                        + (entry.details().isEmpty() ? "" : ": " + entry.details()) + ")"));
    }
}
