package io.quartermaster.node.app;

import io.quartermaster.node.app.metrics.CallMeters;
import io.quartermaster.node.app.metrics.ChainMeters;
import io.quartermaster.node.app.metrics.JvmMeters;
import io.quartermaster.node.app.metrics.Meters;

/** All that is measured of a replica: a line for each subject. */
final class ReplicaMeters implements AutoCloseable {
    private final Meters meters = new Meters();
    private final JvmMeters process = new JvmMeters(meters);

    /** Calls are measured by those who make them, from the first one on. */
    private final CallMeters calls = new CallMeters(meters);

    /** What can be asked only once the replica is there. */
    void observe(Replica replica) {
        new ChainMeters(meters, replica::following, replica::nodes);
    }

    Meters meters() {
        return meters;
    }

    CallMeters calls() {
        return calls;
    }

    @Override
    public void close() {
        process.close();
        meters.close();
    }
}
