package io.quartermaster.node.app.metrics;

import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A gauge with a row for each of things that come and go. What is not among the rows that were shown last is not shown any more.
 * Used by one thread at a time.
 */
final class Rows {
    private final MultiGauge gauge;
    private Map<Tags, Double> shown = Map.of();

    Rows(Meters meters, String name, String description) {
        this.gauge = MultiGauge.builder(name).description(description).register(meters.registry());
    }

    /** Shows these rows, and no others, from now on. */
    void show(Map<Tags, Double> rows) {
        if (!rows.equals(shown)) {
            shown = new LinkedHashMap<>(rows);
            gauge.register(
                    shown.entrySet().stream()
                            .map(row -> MultiGauge.Row.of(row.getKey(), row.getValue()))
                            .toList(),
                    true);
        }
    }
}
