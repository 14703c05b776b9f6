package io.quartermaster.ops;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * That the process is told to stop, by Ctrl-C or TERM. It ends only once this is closed, or after 20 s: so what the main thread
 * has open is closed in order.
 */
final class StopSignal implements AutoCloseable {
    private static final long LONGEST_SECONDS = 20;

    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    private StopSignal() {}

    /** Listens from now on. */
    static StopSignal listen() {
        StopSignal signal = new StopSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(signal::stop, "stop"));
        return signal;
    }

    /**
     * Waits for it.
     *
     * @param patience how long at most
     * @return whether the process is to stop
     */
    boolean within(Duration patience) throws InterruptedException {
        return told.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void stop() {
        told.countDown();
        try {
            if (!closed.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("qm: it did not close within " + LONGEST_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
