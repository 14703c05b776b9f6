package io.quartermaster.node.app.web;

import io.quartermaster.node.events.EventQuery;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader of events. Nothing here waits: what the connection does not take now is sent later, or not at all. Safe for use by
 * several threads.
 */
final class EventReader implements WriteListener, AsyncListener {
    private static final Logger LOG = LoggerFactory.getLogger(EventReader.class);
    private static final byte[] HEARTBEAT = ": still here\n\n".getBytes(StandardCharsets.UTF_8);

    private final AsyncContext context;
    private final Runnable hangUp;
    private final ServletOutputStream out;
    private final EventQuery query;
    private final StreamPace pace;
    private long position;
    private long wroteAt = System.nanoTime();
    private boolean writable;
    private boolean unflushed;
    private boolean gone;

    EventReader(
            HttpServletRequest request, HttpServletResponse response, EventQuery query, long position, StreamPace pace)
            throws IOException {
        response.setContentType("text/event-stream");
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        response.setHeader("Cache-Control", "no-store");
        this.query = query;
        this.position = position;
        this.pace = pace;
        this.hangUp = HangUp.of(request);
        this.context = request.startAsync();
        this.context.setTimeout(0);
        this.context.addListener(this);
        this.out = response.getOutputStream();
        this.out.setWriteListener(this);
    }

    @Override
    public synchronized void onWritePossible() throws IOException {
        if (!writable) {
            writable = true;
            unflushed = true;
            out.write(HEARTBEAT);
        }
        flush();
    }

    @Override
    public void onError(Throwable broken) {
        end();
    }

    @Override
    public void onError(AsyncEvent broken) {
        end();
    }

    @Override
    public void onTimeout(AsyncEvent never) {
        end();
    }

    @Override
    public synchronized void onComplete(AsyncEvent over) {
        gone = true;
    }

    @Override
    public void onStartAsync(AsyncEvent never) {
        // Nothing here begins anew.
    }

    synchronized boolean gone() {
        return gone;
    }

    /** Sends what is new to this reader, at most so many bytes, if the connection takes any. */
    synchronized void send(EventFeed.Kept kept, int mostBytes) {
        if (gone) {
            return;
        }
        try {
            long now = System.nanoTime();
            if (!writable || unflushed || !out.isReady()) {
                if (now - wroteAt > pace.patience().toNanos()) {
                    LOG.info(
                            "A reader of events has taken nothing for {} s: its connection is closed",
                            pace.patience().toSeconds());
                    gone = true;
                    hangUp.run();
                }
                return;
            }
            byte[] bytes = next(kept, mostBytes);
            if (bytes.length == 0 && now - wroteAt > pace.heartbeat().toNanos()) {
                bytes = HEARTBEAT;
            }
            if (bytes.length > 0) {
                wroteAt = now;
                unflushed = true;
                out.write(bytes);
                flush();
            }
        } catch (IOException | IllegalStateException e) {
            end();
        }
    }

    private void flush() throws IOException {
        if (unflushed && out.isReady()) {
            unflushed = false;
            out.flush();
        }
    }

    private byte[] next(EventFeed.Kept kept, int mostBytes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (position < kept.first()) {
            bytes.writeBytes(("event: left-out\ndata: {\"count\":" + (kept.first() - position) + "}\n\n")
                    .getBytes(StandardCharsets.UTF_8));
            position = kept.first();
        }
        while (position < kept.end()) {
            for (EventFeed.Frame frame : kept.from(position)) {
                if (query.matches(frame.event())) {
                    if (bytes.size() > 0 && bytes.size() + frame.bytes().remaining() > mostBytes) {
                        return bytes.toByteArray();
                    }
                    bytes.writeBytes(frame.bytes().array());
                }
                position++;
            }
        }
        return bytes.toByteArray();
    }

    synchronized void end() {
        if (!gone) {
            gone = true;
            try {
                context.complete();
            } catch (IllegalStateException alreadyOver) {
                // The connection was closed from the other side.
                return;
            }
        }
    }
}
