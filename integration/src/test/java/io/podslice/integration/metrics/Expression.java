package io.podslice.integration.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An expression of PromQL, as far as it says which series it reads: its metrics, the labels that it selects and groups by,
 * and their values.
 *
 * @param text the expression
 */
record Expression(String text) {
    private static final Pattern METRIC = Pattern.compile("\\b(podslice_[a-z_]+)(?:\\{([^}]*)})?");
    private static final Pattern MATCHER = Pattern.compile("([a-z_]+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without)\\s*\\(([^)]*)\\)");

    /** Labels that Prometheus adds when it scrapes, and the bound of a histogram's bucket. */
    private static final Set<String> ADDED = Set.of("instance", "job", "le");

    /** Returns what the expression reads and the page does not have, one line each. */
    List<String> missingFrom(MetricsPage page) {
        List<String> missing = new ArrayList<>();
        List<MetricsPage.Series> read = new ArrayList<>();
        Matcher metric = METRIC.matcher(text);
        boolean any = false;
        while (metric.find()) {
            any = true;
            List<MetricsPage.Series> served = page.of(metric.group(1));
            read.addAll(served);
            if (served.isEmpty()) {
                missing.add(metric.group(1) + ": not served; in " + text);
            } else if (metric.group(2) != null) {
                selected(metric.group(2), served, missing);
            }
        }
        if (!any) {
            missing.add("no metric of podslice in " + text);
        }
        grouped(read, missing);
        return missing;
    }

    private void selected(String selector, List<MetricsPage.Series> served, List<String> missing) {
        Matcher matcher = MATCHER.matcher(selector);
        while (matcher.find()) {
            String label = matcher.group(1);
            if (!ADDED.contains(label)) {
                for (String value : values(matcher.group(2), matcher.group(3))) {
                    if (served.stream()
                            .noneMatch(one -> value.equals(one.labels().get(label)))) {
                        missing.add(label + "=\"" + value + "\": not served; in " + text);
                    }
                }
            }
        }
    }

    private static List<String> values(String operator, String value) {
        return operator.endsWith("~") ? Arrays.asList(value.split("\\|", -1)) : List.of(value);
    }

    private void grouped(List<MetricsPage.Series> read, List<String> missing) {
        Matcher grouping = GROUPING.matcher(text);
        while (grouping.find()) {
            for (String label : grouping.group(1).split(",", -1)) {
                String name = label.strip();
                if (!ADDED.contains(name)
                        && read.stream().noneMatch(one -> one.labels().containsKey(name))) {
                    missing.add("label " + name + ": not served; in " + text);
                }
            }
        }
    }
}
