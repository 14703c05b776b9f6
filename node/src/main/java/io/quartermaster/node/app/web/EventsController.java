package io.quartermaster.node.app.web;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import io.quartermaster.api.JobId;
import io.quartermaster.node.app.Replica;
import io.quartermaster.node.events.EventQuery;
import io.quartermaster.node.events.SystemEvent;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What happened, on all replicas. */
@RestController
@RequestMapping("/v1")
final class EventsController {
    private static final int MOST_EVENTS = 10_000;

    private final Replica replica;
    private final EventStreams streams;

    EventsController(Replica replica, EventStreams streams) {
        this.replica = replica;
        this.streams = streams;
    }

    @ApiCall("What happened on all replicas, newest first.")
    @GetMapping("/events")
    List<SystemEvent> events(
            @RequestParam(required = false) @Nullable String type,
            @RequestParam(required = false) @Nullable String miner,
            @RequestParam(required = false) @Nullable String job,
            @RequestParam(required = false) @Nullable String since,
            @RequestParam(required = false) @Nullable String until,
            @RequestParam(defaultValue = "50") int limit) {
        if (limit < 1 || limit > MOST_EVENTS) {
            throw new InvalidArgument("limit", limit, "from 1 to " + MOST_EVENTS);
        }
        EventQuery query = query(type, miner, job, limit);
        return replica.events(new EventQuery(
                query.type(),
                query.miner(),
                query.job(),
                Optional.ofNullable(since).map(text -> Requests.instant("since", text)),
                Optional.ofNullable(until).map(text -> Requests.instant("until", text)),
                limit));
    }

    @ApiCall(
            value =
                    "What happens on all replicas, as it happens (server-sent events). Last-Event-ID goes on where one left off.",
            produces = "text/event-stream")
    @GetMapping("/events/stream")
    void stream(
            @RequestParam(required = false) @Nullable String type,
            @RequestParam(required = false) @Nullable String miner,
            @RequestParam(required = false) @Nullable String job,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastId,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        streams.open(
                query(type, miner, job, 0), Optional.ofNullable(lastId).filter(id -> !id.isEmpty()), request, response);
    }

    private static EventQuery query(@Nullable String type, @Nullable String miner, @Nullable String job, int limit) {
        return new EventQuery(
                Optional.ofNullable(type).map(Requests::eventType),
                Optional.ofNullable(miner).map(Hotkey::new),
                Optional.ofNullable(job).map(JobId::new),
                Optional.empty(),
                Optional.empty(),
                limit);
    }
}
