package io.quartermaster.node.app.web;

import io.quartermaster.api.ExecutorClass;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * An open page. What it is sent waits in a queue, so that one that reads slowly holds up nobody; one that falls too far behind is cut
 * off, comes back, and begins anew. Safe for use by several threads.
 */
final class PageViewer {
    private static final Logger LOG = LoggerFactory.getLogger(PageViewer.class);
    private static final long NO_TIMEOUT = 0;

    /** In characters: some seconds of a large subnet under load. */
    private static final long MOST_WAITING = 8 << 20;

    private final ExecutorClass executorClass;
    private final Executor sender;
    private final SseEmitter emitter = new SseEmitter(NO_TIMEOUT);

    /** Guards what follows, too. */
    private final Deque<Message> waiting = new ArrayDeque<>();

    private long waitingLength;
    private boolean sending;
    private boolean closed;

    private record Message(String kind, String json) {}

    PageViewer(ExecutorClass executorClass, Executor sender, Consumer<PageViewer> gone) {
        this.executorClass = executorClass;
        this.sender = sender;
        emitter.onCompletion(() -> gone.accept(this));
        emitter.onTimeout(() -> gone.accept(this));
        emitter.onError(failure -> gone.accept(this));
    }

    /** The class whose heat map it shows. */
    ExecutorClass executorClass() {
        return executorClass;
    }

    SseEmitter emitter() {
        return emitter;
    }

    void send(String kind, Object value) {
        sendText(kind, Json.MAPPER.writeValueAsString(value));
    }

    void sendText(String kind, String json) {
        synchronized (waiting) {
            if (closed) {
                return;
            }
            if (waitingLength + json.length() > MOST_WAITING) {
                closed = true;
                waiting.clear();
                sender.execute(this::complete);
                return;
            }
            waiting.addLast(new Message(kind, json));
            waitingLength += json.length();
            if (!sending) {
                sending = true;
                sender.execute(this::drain);
            }
        }
    }

    private void drain() {
        try {
            for (Message message = next(); message != null; message = next()) {
                emitter.send(SseEmitter.event().name(message.kind()).data(message.json(), MediaType.TEXT_PLAIN));
            }
        } catch (IOException | IllegalStateException e) {
            LOG.debug("A page was closed", e);
            close();
        }
    }

    private @Nullable Message next() {
        synchronized (waiting) {
            Message message = waiting.pollFirst();
            if (message == null) {
                sending = false;
            } else {
                waitingLength -= message.json().length();
            }
            return message;
        }
    }

    void close() {
        synchronized (waiting) {
            closed = true;
            waiting.clear();
        }
        complete();
    }

    private void complete() {
        try {
            emitter.complete();
        } catch (IllegalStateException e) {
            LOG.debug("A page had gone before it was closed", e);
        }
    }
}
