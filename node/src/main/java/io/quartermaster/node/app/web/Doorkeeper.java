package io.quartermaster.node.app.web;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Sees every request first: turns away those that are too many or too large, those that a page of another site sends through a
 * browser on this machine, and all of them once the replica is being stopped. Health checks always pass.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class Doorkeeper implements Filter {
    private static final Set<String> ALWAYS_IN = Set.of(HealthController.LIVE, HealthController.READY);
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    private final HttpSettings settings;
    private final HandlerExceptionResolver problems;
    private final Semaphore places;
    private volatile boolean closing;

    Doorkeeper(HttpSettings settings, HandlerExceptionResolver problems) {
        this.settings = settings;
        this.problems = problems;
        this.places = new Semaphore(settings.limits().atWork());
    }

    /** Lets nobody in any more, and waits until those that are in have gone; false if they take too long. */
    boolean close(long seconds) throws InterruptedException {
        closing = true;
        return places.tryAcquire(settings.limits().atWork(), seconds, TimeUnit.SECONDS);
    }

    int atWork() {
        return settings.limits().atWork() - places.availablePermits();
    }

    boolean closing() {
        return closing;
    }

    @Override
    public void doFilter(ServletRequest plain, ServletResponse answer, FilterChain next)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) plain;
        if (ALWAYS_IN.contains(request.getRequestURI())) {
            next.doFilter(request, answer);
            return;
        }
        boolean in = places.tryAcquire();
        try {
            if (closing) {
                throw new RequestRefused(
                        ProblemType.CLOSING, "The replica is being stopped: ask another one, or this one later");
            }
            if (!in) {
                throw new RequestRefused(
                        ProblemType.TOO_MANY_REQUESTS,
                        "There are " + settings.limits().atWork() + " requests at work, and no more are let in");
            }
            refuseLongHeaders(request);
            refuseForeign(request);
            next.doFilter(new Measured(request, settings.limits().bodyBytes()), answer);
        } catch (RequestRefused refusal) {
            problems.resolveException(request, (HttpServletResponse) answer, null, refusal);
        } finally {
            if (in) {
                places.release();
            }
        }
    }

    private void refuseLongHeaders(HttpServletRequest request) {
        long bytes = (long) request.getRequestURI().length()
                + String.valueOf(request.getQueryString()).length();
        for (String name : Collections.list(request.getHeaderNames())) {
            for (String value : Collections.list(request.getHeaders(name))) {
                bytes += name.length() + value.length();
            }
        }
        if (bytes > settings.limits().headerBytes()) {
            throw new RequestRefused(
                    ProblemType.HEADERS_TOO_LARGE,
                    "The address and the headers have " + bytes + " bytes: must be at most "
                            + settings.limits().headerBytes());
        }
    }

    /**
     * A browser sends what any page tells it to, also to this machine, and a name that a stranger owns may lead here. Whoever has
     * a token has to send it, which such a page can't.
     */
    private void refuseForeign(HttpServletRequest request) {
        if (!settings.open()) {
            return;
        }
        @Nullable String host = request.getHeader(HttpHeaders.HOST);
        if (host != null && !LOOPBACK_NAMES.contains(request.getServerName().toLowerCase(Locale.ROOT))) {
            throw new RequestRefused(
                    ProblemType.FOREIGN_ORIGIN,
                    "Without tokens only requests to 127.0.0.1 or localhost are answered, by these names");
        }
        @Nullable String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null && !LOOPBACK_NAMES.contains(hostOf(origin))) {
            throw new RequestRefused(ProblemType.FOREIGN_ORIGIN, "Without tokens no page of another site is answered");
        }
    }

    private static String hostOf(String origin) {
        try {
            return String.valueOf(new URI(origin).getHost()).toLowerCase(Locale.ROOT);
        } catch (URISyntaxException e) {
            return origin;
        }
    }

    /** A request of whose body only so much is read. */
    private static final class Measured extends HttpServletRequestWrapper {
        private final int most;

        Measured(HttpServletRequest request, int most) {
            super(request);
            this.most = most;
            if (request.getContentLengthLong() > most) {
                throw tooLarge(most);
            }
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new MeasuredStream(super.getInputStream(), most);
        }

        @Override
        public BufferedReader getReader() throws IOException {
            return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
        }
    }

    private static RequestRefused tooLarge(int most) {
        return new RequestRefused(ProblemType.TOO_LARGE, "The body has more than the " + most + " bytes that are read");
    }

    private static final class MeasuredStream extends ServletInputStream {
        private final ServletInputStream whole;
        private final int most;
        private long read;

        MeasuredStream(ServletInputStream whole, int most) {
            this.whole = whole;
            this.most = most;
        }

        private int counted(int bytes) {
            read += Math.max(0, bytes);
            if (read > most) {
                throw tooLarge(most);
            }
            return bytes;
        }

        @Override
        public int read() throws IOException {
            int next = whole.read();
            counted(next < 0 ? 0 : 1);
            return next;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            return counted(whole.read(into, from, length));
        }

        @Override
        public boolean isFinished() {
            return whole.isFinished();
        }

        @Override
        public boolean isReady() {
            return whole.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            whole.setReadListener(listener);
        }
    }
}
