package io.quartermaster.ops.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text in which Prometheus is told metrics, version 0.0.4, and refuses what its rules don't allow. The rules:
 * https://prometheus.io/docs/instrumenting/exposition_formats/ (Text-based format).
 */
final class PrometheusText {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) (" + NAME + ") (.*)");
    private static final Pattern SAMPLE = Pattern.compile("(" + NAME + ")(?:\\{(.*)})? ([^ ]+)");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(,|$)");
    private static final Set<String> TYPES = Set.of("counter", "gauge", "histogram", "summary", "untyped");

    private final Map<String, String> types = new HashMap<>();
    private final Map<String, String> helps = new HashMap<>();
    private final List<Sample> samples = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final Set<String> closed = new HashSet<>();
    private String family = "";

    record Sample(String name, Map<String, String> labels, double value) {}

    static PrometheusText parse(String text) {
        if (!text.endsWith("\n")) {
            throw new IllegalArgumentException("the last line does not end");
        }
        PrometheusText parsed = new PrometheusText();
        text.lines().forEach(parsed::line);
        parsed.checkHistograms();
        return parsed;
    }

    List<Sample> samples() {
        return samples;
    }

    /** The value of the one sample with these labels, given as name, value, name, value. */
    double value(String name, String... labels) {
        List<Sample> found = samples.stream()
                .filter(sample -> sample.name().equals(name) && sample.labels().equals(map(labels)))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " samples " + name + map(labels) + " in " + named(name));
        }
        return found.get(0).value();
    }

    List<Sample> named(String name) {
        return samples.stream().filter(sample -> sample.name().equals(name)).toList();
    }

    private static Map<String, String> map(String... labels) {
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < labels.length; i += 2) {
            map.put(labels[i], labels[i + 1]);
        }
        return map;
    }

    private void line(String line) {
        Matcher comment = COMMENT.matcher(line);
        if (comment.matches()) {
            comment(comment.group(1), comment.group(2), comment.group(3));
        } else if (!line.startsWith("#")) {
            sample(line);
        } else {
            throw new IllegalArgumentException("neither HELP nor TYPE: " + line);
        }
    }

    private void comment(String kind, String name, String text) {
        enter(name);
        Map<String, String> known = kind.equals("TYPE") ? types : helps;
        if (known.put(name, text) != null) {
            throw new IllegalArgumentException(kind + " of " + name + " twice");
        }
        if (kind.equals("TYPE") && !TYPES.contains(text)) {
            throw new IllegalArgumentException("type of " + name + ": " + text);
        }
    }

    /** All lines of a metric come as one group. */
    private void enter(String name) {
        if (!name.equals(family)) {
            closed.add(family);
            family = name;
            if (closed.contains(name)) {
                throw new IllegalArgumentException("lines of " + name + " are not together");
            }
        }
    }

    private void sample(String line) {
        Matcher matcher = SAMPLE.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a sample: " + line);
        }
        String name = matcher.group(1);
        String of = familyOf(name);
        if (!of.equals(family) || !types.containsKey(of) || !helps.containsKey(of)) {
            throw new IllegalArgumentException("without HELP and TYPE before it: " + line);
        }
        Sample sample = new Sample(name, labels(matcher.group(2), line), number(matcher.group(3)));
        if ("counter".equals(types.get(of)) && !(sample.value() >= 0 && name.endsWith("_total"))) {
            throw new IllegalArgumentException("no counter: " + line);
        }
        if (!seen.add(name + sample.labels())) {
            throw new IllegalArgumentException("twice: " + line);
        }
        samples.add(sample);
    }

    private String familyOf(String name) {
        for (String suffix : List.of("_bucket", "_count", "_sum")) {
            String stem = name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
            String type = types.getOrDefault(stem, "");
            if (!stem.equals(name) && (type.equals("histogram") || type.equals("summary"))) {
                return stem;
            }
        }
        return name;
    }

    private static Map<String, String> labels(@Nullable String text, String line) {
        Map<String, String> labels = new TreeMap<>();
        if (text == null) {
            return labels;
        }
        Matcher label = LABEL.matcher(text);
        int at = 0;
        while (label.find() && label.start() == at) {
            at = label.end();
            if (labels.put(label.group(1), label.group(2)) != null) {
                throw new IllegalArgumentException("a label twice: " + line);
            }
        }
        if (at != text.length()) {
            throw new IllegalArgumentException("labels: " + line);
        }
        return labels;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            case "NaN" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }

    /** Buckets only grow, the last one is +Inf and equals the count, and there is a sum. */
    private void checkHistograms() {
        types.forEach((name, type) -> {
            if (type.equals("histogram")) {
                Map<Map<String, String>, List<Sample>> series = new HashMap<>();
                for (Sample bucket : named(name + "_bucket")) {
                    Map<String, String> labels = new TreeMap<>(bucket.labels());
                    labels.remove("le");
                    series.computeIfAbsent(labels, key -> new ArrayList<>()).add(bucket);
                }
                series.forEach((labels, buckets) -> checkBuckets(name, labels, buckets));
                if (series.isEmpty()) {
                    throw new IllegalArgumentException("histogram " + name + " has no buckets");
                }
            }
        });
    }

    private void checkBuckets(String name, Map<String, String> labels, List<Sample> buckets) {
        double bound = Double.NEGATIVE_INFINITY;
        double count = 0;
        for (Sample bucket : buckets) {
            double next = number(bucket.labels().getOrDefault("le", ""));
            if (next <= bound || bucket.value() < count) {
                throw new IllegalArgumentException("buckets of " + name + labels + " do not grow at " + next);
            }
            bound = next;
            count = bucket.value();
        }
        boolean whole = bound == Double.POSITIVE_INFINITY
                && named(name + "_sum").stream().anyMatch(sum -> sum.labels().equals(labels))
                && named(name + "_count").stream()
                        .filter(one -> one.labels().equals(labels))
                        .map(Sample::value)
                        .toList()
                        .equals(List.of(count));
        if (!whole) {
            throw new IllegalArgumentException("histogram " + name + labels + " is not whole");
        }
    }
}
