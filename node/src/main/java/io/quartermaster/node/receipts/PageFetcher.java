package io.quartermaster.node.receipts;

import io.quartermaster.api.Miner;
import io.quartermaster.node.receipts.TransferFailure.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Fetches parts of miners' pages of receipts. However much a miner sends and however slowly, a call holds at most
 * {@value #MOST_BYTES} bytes of it and ends in time. Safe for use by several threads.
 */
final class PageFetcher {
    /** As much of a page as is fetched at once. */
    static final int MOST_BYTES = 1 << 20;

    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .connectTimeout(CONNECT)
            .build();

    /**
     * Fetches what is new of a page.
     *
     * @param miner whose
     * @param page the page's number
     * @param from how much of it is known
     * @param patience how long it may take, to the last byte
     * @return the part; without bytes if the miner has nothing more
     * @throws TransferFailure if the miner did not serve it
     */
    PagePart fetch(Miner miner, long page, long from, Duration patience) throws TransferFailure {
        HttpRequest request = request(miner, page, from, patience);
        CompletableFuture<HttpResponse<Body>> sent = http.sendAsync(request, head -> new Body());
        HttpResponse<Body> response;
        try {
            response = sent.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw new TransferFailure(Kind.TIMEOUT, "did not answer within " + patience.toMillis() + " ms");
        } catch (ExecutionException e) {
            boolean late = e.getCause() instanceof HttpTimeoutException;
            throw new TransferFailure(late ? Kind.TIMEOUT : Kind.CONNECTION, String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw new TransferFailure(Kind.CONNECTION, "interrupted");
        }
        return part(response, from);
    }

    private static HttpRequest request(Miner miner, long page, long from, Duration patience) throws TransferFailure {
        String host = miner.shieldAddress().orElse(miner.address());
        String literal = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create("http://" + literal + ":" + miner.port() + "/receipts/" + page + ".jsonl"))
                    .timeout(patience)
                    .GET();
            return from == 0
                    ? request.header("Accept-Encoding", "gzip").build()
                    : request.header("Range", "bytes=" + from + "-")
                            .header("Accept-Encoding", "")
                            .build();
        } catch (IllegalArgumentException e) {
            throw new TransferFailure(Kind.BAD_ADDRESS, "has no address that HTTP could use: " + host);
        }
    }

    private static PagePart part(HttpResponse<Body> response, long from) throws TransferFailure {
        int status = response.statusCode();
        Body body = response.body();
        // 404: the miner has had no receipts in the time of the page, or not yet. 416: it has no more than is known.
        if (status == 404 || status == 416) {
            return new PagePart(from, new byte[0], false);
        }
        if (status != 200 && status != 206) {
            throw new TransferFailure(Kind.STATUS, "answers with status " + status);
        }
        String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
        if (status == 206) {
            Matcher range = CONTENT_RANGE.matcher(
                    response.headers().firstValue("Content-Range").orElse(""));
            if (!range.matches() || Long.parseLong(range.group(1)) != from || !encoding.equals("identity")) {
                throw new TransferFailure(Kind.RANGE, "answers with another part than from byte " + from + " on");
            }
            return new PagePart(from, body.bytes(), body.cut());
        }
        if (encoding.equals("gzip")) {
            return unzipped(body);
        }
        if (!encoding.equals("identity")) {
            throw new TransferFailure(Kind.COMPRESSION, "compresses in a way that was not asked for");
        }
        return new PagePart(0, body.bytes(), body.cut());
    }

    private static PagePart unzipped(Body body) throws TransferFailure {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body.bytes()))) {
            byte[] some = new byte[1 << 13];
            int read = in.read(some);
            while (read >= 0) {
                int room = MOST_BYTES - plain.size();
                plain.write(some, 0, Math.min(room, read));
                if (read > room) {
                    return new PagePart(0, plain.toByteArray(), true);
                }
                read = in.read(some);
            }
            return new PagePart(0, plain.toByteArray(), body.cut());
        } catch (EOFException e) {
            if (body.cut()) {
                return new PagePart(0, plain.toByteArray(), true);
            }
            throw new TransferFailure(Kind.COMPRESSION, "sends half of what it has compressed");
        } catch (IOException e) {
            throw new TransferFailure(Kind.COMPRESSION, "sends what can't be decompressed");
        }
    }

    /** The first bytes of an answer; the rest is not read. */
    private static final class Body implements BodySubscriber<Body> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<Body> done = new CompletableFuture<>();
        private boolean cut;
        private @Nullable Subscription subscription;

        byte[] bytes() {
            return bytes.toByteArray();
        }

        boolean cut() {
            return cut;
        }

        @Override
        public CompletionStage<Body> getBody() {
            return done;
        }

        @Override
        public void onSubscribe(Subscription begun) {
            subscription = begun;
            begun.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                byte[] some = new byte[Math.min(buffer.remaining(), MOST_BYTES - bytes.size())];
                cut |= some.length < buffer.remaining();
                buffer.get(some);
                bytes.writeBytes(some);
            }
            Subscription open = subscription;
            if (cut && open != null) {
                open.cancel();
                done.complete(this);
            }
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            done.complete(this);
        }
    }
}
