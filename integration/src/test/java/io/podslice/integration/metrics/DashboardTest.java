package io.podslice.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The dashboard and the alert rules ask for nothing that a scripted day does not serve. */
class DashboardTest {
    private static final Path DASHBOARD = Path.of("../deploy/grafana/podslice.json");
    private static final Path RULES = Path.of("../deploy/prometheus/podslice.rules.yaml");
    private static final Path ALERTS = Path.of("../docs/alerts.md");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{ *(?:\\$labels\\.)?([a-z_]+) *}}");

    private static MetricsPage page;

    @BeforeAll
    static void live() throws Exception {
        try (ScriptedDay day = new ScriptedDay()) {
            day.live();
            page = day.scrape();
        }
    }

    private static List<JsonNode> targets() {
        List<JsonNode> targets = new ArrayList<>();
        for (JsonNode panel : new ObjectMapper().readTree(DASHBOARD).get("panels")) {
            panel.path("targets").forEach(targets::add);
        }
        return targets;
    }

    private static List<JsonNode> rules() {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode group : new YAMLMapper().readTree(RULES).get("groups")) {
            group.get("rules").forEach(rules::add);
        }
        return rules;
    }

    private static List<String> missing(List<JsonNode> of) {
        return of.stream()
                .flatMap(one -> new Expression(one.get("expr").asString()).missingFrom(page).stream())
                .toList();
    }

    @Test
    void everyPanelReadsWhatIsServed() {
        assertThat(targets()).hasSizeGreaterThan(20);
        assertThat(missing(targets())).isEmpty();
    }

    @Test
    void everyRuleReadsWhatIsServed() {
        assertThat(rules()).hasSizeGreaterThan(10);
        assertThat(missing(rules())).isEmpty();
    }

    /** Sums keep only the labels that they name: a legend with another one is empty. */
    @Test
    void legendsNameLabelsThatAreLeft() {
        for (JsonNode target : targets()) {
            assertThat(target.get("expr").asString())
                    .satisfies(expression -> placeholders(
                                    target.get("legendFormat").asString())
                            .forEach(
                                    label -> assertThat(expression).containsPattern("by \\([^)]*\\b" + label + "\\b")));
        }
    }

    private static Set<String> placeholders(String text) {
        Set<String> labels = new TreeSet<>();
        Matcher placeholder = PLACEHOLDER.matcher(text);
        while (placeholder.find()) {
            labels.add(placeholder.group(1));
        }
        return labels;
    }

    @Test
    void theDashboardShowsEveryMetric() throws IOException {
        String dashboard = Files.readString(DASHBOARD);
        Set<String> families = new TreeSet<>();
        page.series().forEach(one -> families.add(one.name().replaceFirst("_(bucket|count|sum)$", "")));
        // A histogram of "..._count" would lose its name's end above; there is none.
        families.remove("podslice_cpu_manager_exclusive_cpu_allocation");
        families.add("podslice_cpu_manager_exclusive_cpu_allocation_count");
        families.remove("podslice_pod_spec_source_pods"); // of use beside one node's log only
        assertThat(families)
                .isNotEmpty()
                .allSatisfy(family -> assertThat(dashboard).contains(family));
    }

    @Test
    void everyAlertIsExplained() throws IOException {
        String page = Files.readString(ALERTS);
        for (JsonNode rule : rules()) {
            assertThat(page).contains("\n## " + rule.get("alert").asString() + "\n");
            assertThat(rule.at("/labels/severity").asString()).isIn("critical", "warning", "info");
            assertThat(rule.at("/annotations/summary").asString()).contains("{{ $labels.instance }}");
        }
    }

    @Test
    void anExpressionThatReadsWhatNobodyServesIsNoticed() {
        assertThat(new Expression("sum by (colour) (podslice_pods{phase=~\"running|gone\"})").missingFrom(page))
                .hasSize(2)
                .anyMatch(line -> line.startsWith("phase=\"gone\""))
                .anyMatch(line -> line.startsWith("label colour"));
        assertThat(new Expression("rate(podslice_pod_total[5m])").missingFrom(page))
                .hasSize(1);
        assertThat(new Expression("up == 0").missingFrom(page)).hasSize(1);
    }
}
