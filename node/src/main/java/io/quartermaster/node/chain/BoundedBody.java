package io.quartermaster.node.chain;

import java.io.IOException;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** The bytes of an answer of HTTP, unless there are too many: then the rest is not read, and the request fails. */
public final class BoundedBody implements BodySubscriber<byte[]> {
    private final BodySubscriber<byte[]> bytes = BodySubscribers.ofByteArray();
    private final long most;
    private long came;
    private @Nullable Subscription subscription;

    private BoundedBody(long most) {
        this.most = most;
    }

    /**
     * Reads answers that are not too long.
     *
     * @param bytes the most that are read
     * @return a handler for any number of requests
     */
    public static BodyHandler<byte[]> ofAtMost(long bytes) {
        return head -> new BoundedBody(bytes);
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return bytes.getBody();
    }

    @Override
    public void onSubscribe(Subscription begun) {
        subscription = begun;
        bytes.onSubscribe(begun);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        came += buffers.stream().mapToLong(ByteBuffer::remaining).sum();
        Subscription open = subscription;
        if (came <= most) {
            bytes.onNext(buffers);
        } else if (open != null) {
            open.cancel();
            bytes.onError(new IOException("the answer has more than " + most + " bytes"));
        }
    }

    @Override
    public void onError(Throwable failure) {
        bytes.onError(failure);
    }

    @Override
    public void onComplete() {
        bytes.onComplete();
    }
}
