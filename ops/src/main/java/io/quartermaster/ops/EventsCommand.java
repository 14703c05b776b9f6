package io.quartermaster.ops;

import io.quartermaster.api.InvalidArgument;
import io.quartermaster.node.app.web.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
        name = "events",
        description =
                "Shows what happened on all replicas: which job went where, incidents, manifests that went wrong.",
        footer = {
            "%nOldest first. Each line is an event; --details adds its particulars. With --json: an array, or with",
            "--follow an object on each line. Times are those of the chain: a simulated one may go faster."
        })
final class EventsCommand extends AskingCommand {
    private static final int DEFAULT_LIMIT = 50;

    /** What arrives late is still shown, if it is not older than this. */
    private static final Duration LATE = Duration.ofSeconds(30);

    private static final int MOST_REMEMBERED = 20_000;
    private static final int FOLLOWED_AT_ONCE = 10_000;

    @Option(names = "--type", paramLabel = "TYPE", description = "Only events of this type, such as JOB_NOT_ROUTED.")
    private @Nullable String type;

    @Option(names = "--miner", paramLabel = "HOTKEY", description = "Only events that concern this miner.")
    private @Nullable String miner;

    @Option(names = "--job", paramLabel = "JOB", description = "Only events that concern this job.")
    private @Nullable String job;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Only from then on: an instant such as 2026-11-16T03:00:00Z, or how long ago, such as 15m or 2h.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only before then: as --since.")
    private @Nullable String until;

    @Option(
            names = "--limit",
            defaultValue = "" + DEFAULT_LIMIT,
            description = "The newest so many (default: ${DEFAULT-VALUE}).")
    private int limit = DEFAULT_LIMIT;

    @Option(names = "--follow", description = "Go on and show new ones as they come, until Ctrl-C.")
    private boolean follow;

    @Option(names = "--details", description = "Show each event's particulars, too.")
    private boolean details;

    /** Those that were shown last, in case they are answered again. */
    private final Set<JsonNode> shown = new LinkedHashSet<>();

    private Instant newest = Instant.MIN;

    @Override
    JsonNode ask(ReplicaClient client) {
        Map<String, Object> query = new TreeMap<>();
        put(query, "type", type == null ? null : type.toUpperCase(Locale.ROOT).replace('-', '_'));
        put(query, "miner", miner);
        put(query, "job", job);
        put(query, "until", until == null ? null : instant("--until", until));
        if (shown.isEmpty()) {
            put(query, "since", since == null ? null : instant("--since", since));
            query.put("limit", limit);
        } else {
            query.put("since", newest.minus(LATE));
            query.put("limit", FOLLOWED_AT_ONCE);
        }
        return client.get("/v1/events", query);
    }

    private static void put(Map<String, Object> query, String name, @Nullable Object value) {
        if (value != null) {
            query.put(name, value);
        }
    }

    /** An instant, or how long ago. */
    static Instant instant(String option, String text) {
        try {
            return isSpan(text) ? Instant.now().minus(span(text)) : Instant.parse(text);
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new InvalidArgument(
                    option,
                    text,
                    "an instant such as 2026-11-16T03:00:00Z, or how long ago, such as 90s, 15m, 2h or 1d");
        }
    }

    /** Whether a text is a length of time, such as 90s, 15m, 2h or 1d. */
    static boolean isSpan(String text) {
        return text.matches("\\d{1,9}[smhd]");
    }

    static Duration span(String text) {
        boolean days = text.endsWith("d");
        return Duration.parse((days ? "P" : "PT") + text.toUpperCase(Locale.ROOT));
    }

    @Override
    void print(JsonNode events, PrintWriter out) {
        for (JsonNode event : unseen(events)) {
            out.println(text(event, "time") + "  " + text(event, "type") + "  " + text(event, "message"));
            if (details) {
                event.path("fields")
                        .forEachEntry((name, value) -> out.println("    " + name + ": " + value.asString()));
            }
        }
    }

    @Override
    void printJson(JsonNode events, PrintWriter out) {
        if (!follow) {
            super.printJson(events, out);
            return;
        }
        unseen(events).forEach(event -> out.println(Json.MAPPER.writeValueAsString(event)));
    }

    private List<JsonNode> unseen(JsonNode events) {
        List<JsonNode> unseen = new ArrayList<>();
        for (JsonNode event : events) {
            if (!shown.contains(event)) {
                unseen.add(event);
            }
        }
        Collections.reverse(unseen);
        for (JsonNode event : unseen) {
            Instant time = Instant.parse(text(event, "time"));
            newest = time.isAfter(newest) ? time : newest;
            shown.add(event);
        }
        for (Iterator<JsonNode> oldest = shown.iterator(); shown.size() > MOST_REMEMBERED; ) {
            oldest.next();
            oldest.remove();
        }
        return unseen;
    }

    @Override
    boolean asksAgain() {
        if (follow) {
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        }
        return follow && !Thread.currentThread().isInterrupted();
    }
}
