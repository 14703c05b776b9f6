package io.quartermaster.ops.metrics;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a query of Prometheus names: metrics with the labels that they must have, and labels that it groups by. */
record PromQl(List<Selector> selectors, Set<String> groupedBy) {
    /** What is no metric although it looks like one. */
    private static final Set<String> WORDS = Set.of(
            "sum",
            "min",
            "max",
            "avg",
            "count",
            "topk",
            "bottomk",
            "rate",
            "increase",
            "changes",
            "time",
            "histogram_quantile",
            "min_over_time",
            "max_over_time",
            "and",
            "or",
            "unless",
            "bool",
            "offset");

    private static final Pattern GROUPED =
            Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");

    private static final Pattern TOKEN =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(\\{[^}]*})?|\"[^\"]*\"|\\[[^]]*]|[0-9][0-9.e]*|.");

    private static final Pattern MATCHER = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)(=~|!~|!=|=)\"([^\"]*)\"");

    /** One metric in a query. */
    record Selector(String metric, List<Match> matches) {}

    /** What a label must be. */
    record Match(String label, String operator, String value) {
        /** The values that it names, as far as they are fixed. */
        List<String> values() {
            boolean fixed = value.indexOf('$') < 0 && (operator.equals("=") || value.matches("[A-Za-z_|]+"));
            return fixed && !operator.startsWith("!") ? List.of(value.split("\\|", -1)) : List.of();
        }
    }

    static PromQl of(String query) {
        List<Selector> selectors = new ArrayList<>();
        Set<String> groupedBy = new HashSet<>();
        // The lists of labels first: what then looks like a name is a metric.
        Matcher grouping = GROUPED.matcher(query);
        while (grouping.find()) {
            for (String label : grouping.group(1).split(",", -1)) {
                groupedBy.add(label.strip());
            }
        }
        Matcher tokens = TOKEN.matcher(grouping.replaceAll(" "));
        while (tokens.find()) {
            @Nullable String name = tokens.group(1);
            if (name != null && !WORDS.contains(name)) {
                selectors.add(new Selector(name, matches(tokens.group(2))));
            }
        }
        return new PromQl(selectors, groupedBy);
    }

    private static List<Match> matches(@Nullable String braces) {
        List<Match> matches = new ArrayList<>();
        Matcher matcher = MATCHER.matcher(braces == null ? "" : braces);
        while (matcher.find()) {
            matches.add(new Match(matcher.group(1), matcher.group(2), matcher.group(3)));
        }
        return matches;
    }
}
