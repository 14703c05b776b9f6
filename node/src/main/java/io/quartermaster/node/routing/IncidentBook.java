package io.quartermaster.node.routing;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.JobId;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Incidents in memory. Safe for use by several threads. */
public final class IncidentBook implements Incidents {
    private final ConcurrentMap<Hotkey, OfMiner> miners = new ConcurrentHashMap<>();

    @Override
    public int count(Hotkey miner, ExecutorClass executorClass, Instant since) {
        OfMiner incidents = miners.get(miner);
        return incidents == null ? 0 : incidents.count(executorClass, since);
    }

    @Override
    public boolean record(Incident incident) {
        // Asked and answered while the miner's entry is locked, so that a prune can't drop the book in between.
        boolean[] isNew = new boolean[1];
        miners.compute(incident.miner(), (miner, there) -> {
            OfMiner incidents = there == null ? new OfMiner() : there;
            isNew[0] = incidents.add(incident);
            return incidents;
        });
        return isNew[0];
    }

    /**
     * Removes old incidents. A report that comes again for one of them counts anew, so keep them well beyond the
     * reliability window.
     *
     * @param before those before this instant go
     */
    public void prune(Instant before) {
        for (Hotkey hotkey : miners.keySet()) {
            miners.computeIfPresent(hotkey, (miner, incidents) -> incidents.prune(before) ? null : incidents);
        }
    }

    /**
     * Removes an incident.
     *
     * @param incident as it was recorded; one that is not there is left out
     */
    public void forget(Incident incident) {
        miners.computeIfPresent(incident.miner(), (miner, incidents) -> incidents.forget(incident) ? null : incidents);
    }

    /** One miner's incidents. Changed by one thread at a time; counted meanwhile. */
    private static final class OfMiner {
        private final Map<JobId, Instant> jobs = new HashMap<>();
        private final Map<ExecutorClass, Instant[]> timesByClass = new ConcurrentHashMap<>();

        private boolean add(Incident incident) {
            if (jobs.putIfAbsent(incident.job(), incident.time()) != null) {
                return false;
            }
            timesByClass.merge(incident.executorClass(), new Instant[] {incident.time()}, (times, added) -> {
                int at = firstFrom(times, added[0]);
                Instant[] more = Arrays.copyOf(times, times.length + 1);
                System.arraycopy(times, at, more, at + 1, times.length - at);
                more[at] = added[0];
                return more;
            });
            return true;
        }

        /** Whether nothing is left. */
        private boolean forget(Incident incident) {
            if (jobs.remove(incident.job(), incident.time())) {
                timesByClass.computeIfPresent(incident.executorClass(), (executorClass, times) -> {
                    int at = firstFrom(times, incident.time());
                    Instant[] fewer = Arrays.copyOf(times, times.length - 1);
                    System.arraycopy(times, at + 1, fewer, at, fewer.length - at);
                    return fewer.length == 0 ? null : fewer;
                });
            }
            return jobs.isEmpty();
        }

        private boolean prune(Instant before) {
            jobs.values().removeIf(time -> time.isBefore(before));
            timesByClass.replaceAll(
                    (executorClass, times) -> Arrays.copyOfRange(times, firstFrom(times, before), times.length));
            timesByClass.values().removeIf(times -> times.length == 0);
            return jobs.isEmpty();
        }

        private int count(ExecutorClass executorClass, Instant since) {
            Instant[] times = timesByClass.get(executorClass);
            return times == null ? 0 : times.length - firstFrom(times, since);
        }

        /** The index of the first time that is not before an instant. */
        private static int firstFrom(Instant[] sortedTimes, Instant since) {
            int low = 0;
            int high = sortedTimes.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (sortedTimes[middle].isBefore(since)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }
    }
}
