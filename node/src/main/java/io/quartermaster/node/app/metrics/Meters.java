package io.quartermaster.node.app.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meters of a replica, and the text in which Prometheus reads them. Safe for use by several threads.
 *
 * <p>A subject registers its meters in its constructor. What comes and goes, such as miners, it brings up to date in what it has
 * asked to be run {@linkplain #beforeEachReading before each reading}; nothing is done while nobody reads.
 */
public final class Meters implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Meters.class);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<Runnable> refreshing = new CopyOnWriteArrayList<>();

    /** The formats of the text. */
    public enum Format {
        /** What every version of Prometheus reads. */
        PLAIN("text/plain; version=0.0.4; charset=utf-8"),
        /** The same by the rules of OpenMetrics 1.0.0. */
        OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

        private final String mediaType;

        Format(String mediaType) {
            this.mediaType = mediaType;
        }

        /**
         * What HTTP calls it.
         *
         * @return the value of a Content-Type header
         */
        public String mediaType() {
            return mediaType;
        }
    }

    /** No meters yet. */
    public Meters() {
        // Two meters of one name with different labels are a fault of ours: tests must see it.
        registry.throwExceptionOnRegistrationFailure();
    }

    /**
     * Where meters are registered, for subjects and for programs that embed a replica and measure more.
     *
     * @return the registry of this replica alone
     */
    public MeterRegistry registry() {
        return registry;
    }

    /**
     * Has something done before the meters are read, each time.
     *
     * @param refresh brings the meters of a subject up to date; called by one thread at a time. If it fails, the log says so and
     *     the other meters are read all the same
     */
    public void beforeEachReading(Runnable refresh) {
        refreshing.add(refresh);
    }

    /**
     * All meters as of now.
     *
     * @param format in which format
     * @return the text
     */
    public synchronized String text(Format format) {
        for (Runnable refresh : refreshing) {
            try {
                refresh.run();
            } catch (RuntimeException e) {
                LOG.warn("Some meters are not up to date: {}", e.toString());
            }
        }
        return registry.scrape(format.mediaType());
    }

    /** A figure that is read when the meters are. */
    void gauge(String name, String description, Supplier<Number> figure) {
        gauge(name, description, Tags.empty(), figure);
    }

    /** A figure that is read when the meters are, one of several that differ in labels. */
    void gauge(String name, String description, Tags labels, Supplier<Number> figure) {
        Gauge.builder(name, figure).description(description).tags(labels).register(registry);
    }

    /** A histogram of durations. Its name ends in "_seconds" for those who read it, and is given here without that. */
    Timer timer(String name, String description, Tags labels, Duration... buckets) {
        return Timer.builder(name)
                .description(description)
                .tags(labels)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    /** Bounds of buckets from numbers of microseconds. */
    static Duration[] micros(long... micros) {
        return Arrays.stream(micros)
                .mapToObj(bound -> Duration.ofNanos(bound * 1000))
                .toArray(Duration[]::new);
    }

    @Override
    public void close() {
        registry.close();
    }
}
