package io.quartermaster.node.routing;

import io.quartermaster.api.JobId;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Lets one thread at a time work on a job. Few different jobs share a lock, and then only wait for each other. */
final class JobLocks {
    private static final int STRIPES = 1024;

    private final ReentrantLock[] locks = new ReentrantLock[STRIPES];

    JobLocks() {
        for (int i = 0; i < STRIPES; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    <T> T withLock(JobId job, Supplier<T> work) {
        int hash = job.hashCode();
        ReentrantLock lock = locks[(hash ^ (hash >>> 16)) & (STRIPES - 1)];
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
