package io.quartermaster.node.app.web;

import io.quartermaster.node.app.web.EventStreams.Frame;
import io.quartermaster.node.events.EventQuery;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/**
 * One reader of events. Nothing here waits: what the connection does not take now is sent later, or not at all. Safe for use by
 * several threads.
 */
final class EventReader implements WriteListener {
    private static final byte[] HEARTBEAT = ": still here\n\n".getBytes(StandardCharsets.UTF_8);
    private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final AsyncContext context;
    private final ServletOutputStream out;
    private final EventQuery query;
    private final long patienceNanos;
    private long position;
    private long wroteAt = System.nanoTime();
    private boolean writable;
    private boolean unflushed;
    private boolean gone;

    EventReader(
            HttpServletRequest request,
            HttpServletResponse response,
            EventQuery query,
            long position,
            long patienceNanos)
            throws IOException {
        response.setContentType("text/event-stream");
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        response.setHeader("Cache-Control", "no-store");
        this.query = query;
        this.position = position;
        this.patienceNanos = patienceNanos;
        this.context = request.startAsync();
        this.context.setTimeout(0);
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
    public void onError(Throwable gone) {
        end();
    }

    synchronized boolean gone() {
        return gone;
    }

    /** Sends what is new to this reader, at most so many bytes, if the connection takes any. */
    synchronized void send(Collection<Frame> frames, long end, int mostBytes) {
        if (gone) {
            return;
        }
        try {
            long now = System.nanoTime();
            if (!writable || unflushed || !out.isReady()) {
                if (now - wroteAt > patienceNanos) {
                    end();
                }
                return;
            }
            byte[] bytes = next(frames, end, mostBytes);
            if (bytes.length == 0 && now - wroteAt > HEARTBEAT_NANOS) {
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

    private byte[] next(Collection<Frame> frames, long end, int mostBytes) {
        if (position >= end) {
            return new byte[0];
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long oldest = end - frames.size();
        if (position < oldest) {
            bytes.writeBytes(("event: left-out\ndata: {\"count\":" + (oldest - position) + "}\n\n")
                    .getBytes(StandardCharsets.UTF_8));
            position = oldest;
        }
        for (Frame frame : frames) {
            if (frame.position() >= position) {
                if (query.matches(frame.event())) {
                    if (bytes.size() > 0 && bytes.size() + frame.bytes().remaining() > mostBytes) {
                        break;
                    }
                    bytes.writeBytes(frame.bytes().array());
                }
                position = frame.position() + 1;
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
