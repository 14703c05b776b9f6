package io.quartermaster.ops.chaos;

import io.quartermaster.ops.chaos.ChaosFigures.Recovery;
import io.quartermaster.ops.chaos.ChaosFigures.Second;
import io.quartermaster.ops.chaos.ChaosRun.Happened;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The time line of faults, throughput and latency as a page that needs nothing else. */
final class ChaosReport {
    private static final int WIDTH = 1100;
    private static final int PLOT = 120;
    private static final int LANES = 14;

    private ChaosReport() {}

    static String page(String title, List<ChaosRun.Result> results, Map<String, Recovery> recoveries) {
        StringBuilder page = new StringBuilder();
        page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>")
                .append(title)
                .append("</title><style>body{font:14px system-ui;margin:2em;color:#222;background:#fff}")
                .append("table{border-collapse:collapse}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;")
                .append("text-align:right}td:first-child,th:first-child{text-align:left}")
                .append(".ok{fill:#2b8a3e}.no{fill:#f08c00}.bad{fill:#c92a2a}.fault{fill:#4263eb55}")
                .append("text{font:10px system-ui;fill:#333}</style><h1>")
                .append(title)
                .append("</h1><p>Green: succeeded, orange: refused by the books, red: unavailable or unknown; ")
                .append("lines: median and 99th percentile of the answers' time, logarithmic, 1 ms to 10 s.</p>");
        page.append("<table><tr><th>fault<th>").append(String.join("<th>", ChaosFigures.RECOVERY));
        recoveries.forEach((fault, recovery) ->
                page.append("<tr><td>").append(fault).append("<td>").append(String.join("<td>", recovery.cells())));
        page.append("</table>");
        int run = 0;
        for (ChaosRun.Result result : results) {
            page.append("<h2>Run ")
                    .append(++run)
                    .append(": ")
                    .append(result.findings().count())
                    .append(" violations in ");
            page.append(result.findings().calls())
                    .append(" calls, ")
                    .append(result.happened().size());
            page.append(" faults</h2>").append(timeLine(result));
            if (result.findings().count() > 0) {
                page.append("<pre>")
                        .append(String.join("\n", ChaosChecker.words(result.findings())))
                        .append("</pre>");
            }
        }
        return page.append("</html>\n").toString();
    }

    private static String timeLine(ChaosRun.Result result) {
        List<Second> seconds = ChaosFigures.seconds(result);
        int most = Math.max(
                1,
                seconds.stream()
                        .mapToInt(second -> second.succeeded() + second.refused() + second.failed())
                        .max()
                        .orElse(1));
        double step = (double) WIDTH / seconds.size();
        int height = 2 * PLOT + LANES * 6 + 30;
        StringBuilder svg = new StringBuilder("<svg width=\"" + WIDTH + "\" height=\"" + height + "\" role=\"img\">");
        int lane = 0;
        for (Happened fault : result.happened()) {
            double x = (fault.beganMillis() - result.beganMillis()) / 1000.0 * step;
            double width = Math.max(2, (fault.endedMillis() - fault.beganMillis()) / 1000.0 * step);
            svg.append(rect("fault", x, 0, width, height));
            svg.append(String.format(
                    Locale.ROOT, "<text x=\"%.0f\" y=\"%d\">%s</text>", x, 10 + 11 * (lane++ % 8), fault.words()));
        }
        StringBuilder median = new StringBuilder();
        StringBuilder worst = new StringBuilder();
        double base = LANES * 6 + 10 + PLOT;
        for (int i = 0; i < seconds.size(); i++) {
            Second second = seconds.get(i);
            double y = base;
            int[] parts = {second.succeeded(), second.refused(), second.failed()};
            String[] colours = {"ok", "no", "bad"};
            for (int part = 0; part < parts.length; part++) {
                double tall = (double) PLOT * parts[part] / most;
                y -= tall;
                svg.append(rect(colours[part], i * step, y, step * 0.9, tall));
            }
            median.append(point(i * step, base + PLOT, second.p50Millis()));
            worst.append(point(i * step, base + PLOT, second.p99Millis()));
        }
        svg.append("<polyline fill=\"none\" stroke=\"#1864ab\" points=\"")
                .append(median)
                .append("\"/>");
        svg.append("<polyline fill=\"none\" stroke=\"#862e9c\" points=\"")
                .append(worst)
                .append("\"/>");
        svg.append(
                String.format(Locale.ROOT, "<text x=\"0\" y=\"%.0f\">%d calls a second</text>", base - PLOT + 8, most));
        return svg.append("</svg>").toString();
    }

    private static String rect(String style, double x, double y, double width, double height) {
        return String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
                style,
                x,
                y,
                width,
                height);
    }

    private static String point(double x, double base, double millis) {
        double tall = Math.log10(Math.max(1.0, Math.min(10_000.0, millis))) / 4 * (PLOT - 10);
        return String.format(Locale.ROOT, "%.1f,%.1f ", x, base - tall);
    }
}
