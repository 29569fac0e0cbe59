package io.podslice.integration.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page in Prometheus' text format.
 *
 * @param series every series, in the page's order
 */
record MetricsPage(List<Series> series) {
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]+)=\"([^\"]*)\"");

    /**
     * A series and its value.
     *
     * @param text its name and labels as the page has them
     */
    record Series(String text, String name, Map<String, String> labels, double value) {}

    static MetricsPage parse(String page) {
        List<Series> series = new ArrayList<>();
        for (String line : (Iterable<String>) page.lines()::iterator) {
            if (!line.startsWith("#")) {
                int blank = line.lastIndexOf(' ');
                series.add(series(line.substring(0, blank), Double.parseDouble(line.substring(blank + 1))));
            }
        }
        return new MetricsPage(List.copyOf(series));
    }

    private static Series series(String text, double value) {
        int brace = text.indexOf('{');
        Map<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(text);
        while (label.find()) {
            labels.put(label.group(1), label.group(2));
        }
        return new Series(text, brace < 0 ? text : text.substring(0, brace), labels, value);
    }

    /** Returns the series of a metric; none if nothing serves it. */
    List<Series> of(String metric) {
        return series.stream().filter(one -> one.name().equals(metric)).toList();
    }
}
