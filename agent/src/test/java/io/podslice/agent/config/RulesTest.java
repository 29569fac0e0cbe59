package io.podslice.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The table of keys: each row against the reader, the schema, and the pages made of it. With the system property {@code
 * podslice.docs.write} the pages are written anew.
 */
final class RulesTest {
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");
    private static final Path SCHEMA = Path.of("..", "docs", "configuration.schema.json");
    private static final String BEGIN = "<!-- made by RulesTest -->\n";
    private static final String HEAD = "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n";
    private static final String ENTRY = "reservedMemory";

    /** A value other than the default of each key, and one that is wrong, in YAML. */
    private record Sample(String other, String wrong) {}

    private static final Map<String, Sample> SAMPLES = Map.ofEntries(
            Map.entry("topologyManagerPolicy", new Sample("restricted", "some")),
            Map.entry("topologyManagerScope", new Sample("container", "node")),
            Map.entry("cpuManagerPolicy", new Sample("none", "dynamic")),
            Map.entry("reservedSystemCPUs", new Sample("\"0-1\"", "\"a\"")),
            Map.entry("isolation", new Sample("partition", "core")),
            Map.entry("memoryManagerPolicy", new Sample("None", "static")),
            Map.entry("cpuCFSQuotaPeriod", new Sample("50ms", "soon")),
            Map.entry("memoryReservationPolicy", new Sample("TieredReservation", "Some")),
            Map.entry("memoryThrottlingFactor", new Sample("0.8", "1.5")),
            Map.entry("memoryQoSVersion", new Sample("\"1.36\"", "\"1.35\"")),
            Map.entry("memoryMinHeadroomPercent", new Sample("10", "101")),
            Map.entry("bounds.namespaces", new Sample("[a]", "[A_b]")),
            Map.entry("bounds.exclusiveCPUsPerPod", new Sample("4", "-1")),
            Map.entry("bounds.exclusiveCPUsPerNamespace", new Sample("4", "-1")),
            Map.entry("bounds.exclusivePercent", new Sample("50", "101")),
            Map.entry("bounds.sharedPoolCPUs", new Sample("2", "0")),
            Map.entry("bounds.guardedMemory", new Sample("1Gi", "much")),
            Map.entry("bounds.isolated", new Sample("false", "maybe")),
            Map.entry("podSpecs.source", new Sample("podsAPI", "kubelet")),
            Map.entry("podSpecs.timeout", new Sample("2s", "now")),
            Map.entry("podSpecs.podsAPI", new Sample("unix:///a", "/a")),
            Map.entry("podSpecs.apiServer.kubeconfig", new Sample("/a", "a")),
            Map.entry("podSpecs.apiServer.serviceAccount", new Sample("/a, server: \"https://a\"", "a")),
            Map.entry("podSpecs.apiServer.server", new Sample("\"https://a\"", "\"http://a\"")),
            Map.entry("podSpecs.apiServer.nodeName", new Sample("n", "_")),
            Map.entry("podSpecs.apiServer.events", new Sample("true, kubeconfig: /a", "yes")),
            Map.entry("podSpecs.staticPods", new Sample("/a", "a")),
            Map.entry("podResources", new Sample("unix:///a", "/a")),
            Map.entry("admission.refused", new Sample("fail", "never")),
            Map.entry("shim.listen", new Sample("unix:///a", "/a")),
            Map.entry("shim.runtime", new Sample("unix:///a", "/a")),
            Map.entry("shim.allowedUids", new Sample("[7]", "[-1]")),
            Map.entry("shim.decisionBudget", new Sample("1m30s", "9")),
            Map.entry("nri.enabled", new Sample("true", "1")),
            Map.entry("nri.socket", new Sample("unix:///a", "/a")),
            Map.entry("nri.name", new Sample("a", "\"a b\"")),
            Map.entry("nri.index", new Sample("\"11\"", "\"1\"")),
            Map.entry("cgroups.root", new Sample("/a", "a")),
            Map.entry("cgroups.driver", new Sample("systemd", "runc")),
            Map.entry("cgroups.kubepods", new Sample("/a/kubepods", "a")),
            Map.entry("cgroups.sysfs", new Sample("/a", "a")),
            Map.entry("cgroups.procfs", new Sample("/a", "a")),
            Map.entry("state.dir", new Sample("/a", "a")),
            Map.entry("api.listen", new Sample("unix:///a", "/a")),
            Map.entry("api.allowedUids", new Sample("[7]", "[-1]")),
            Map.entry("api.metrics", new Sample("\"127.0.0.1:9\"", "\"here\"")),
            Map.entry("api.record.dir", new Sample("/a", "a")),
            Map.entry("api.record.maxBytes", new Sample("16Mi", "much")),
            Map.entry("api.page", new Sample("\"[::1]:9\"", "\"10.0.0.1:9\"")),
            Map.entry("topologyManagerPolicyOptions.prefer-closest-numa-nodes", new Sample("true", "yes")),
            Map.entry("topologyManagerPolicyOptions.max-allowable-numa-nodes", new Sample("9", "7")));

    private static final Sample OPTION = new Sample("true", "yes");

    /** Keys whose other value counts only beside another key, or changes nothing that is kept. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("topologyManagerPolicyOptions.max-allowable-numa-nodes");

    static List<Rule<?>> scalars() {
        return Rules.all().stream()
                .filter(rule -> !rule.path().startsWith(ENTRY))
                .toList();
    }

    private static Sample sample(Rule<?> rule) {
        return rule.path().startsWith("cpuManagerPolicyOptions.")
                ? OPTION
                : Objects.requireNonNull(SAMPLES.get(rule.path()), rule.path());
    }

    /** Returns a file in which one key has a value. */
    private static String file(Rule<?> rule, String value) {
        String[] steps = rule.path().split("\\.", -1);
        StringBuilder out = new StringBuilder(HEAD);
        for (int i = 0; i < steps.length - 1; i++) {
            out.append(i == 0 ? "" : "{").append(steps[i]).append(": ");
        }
        out.append(steps.length > 1 ? "{" : "")
                .append(steps[steps.length - 1])
                .append(": ")
                .append(value);
        return out.append("}".repeat(steps.length - 1)).append('\n').toString();
    }

    @Test
    void everyKeyThatIsReadHasARowAndNoOther() {
        ConfigurationFile read = ConfigurationFile.parse(
                HEAD + "reservedMemory: [{numaNode: 0, limits: {memory: 1Gi, hugepages-2Mi: 2Mi}}]\n");
        assertThat(read.errors()).isEmpty();
        Set<String> keys = new TreeSet<>(read.fields().stream()
                .map(path -> path.replace("[0]", "[]").replace("hugepages-2Mi", "hugepages-*"))
                .toList());
        keys.removeAll(Set.of("apiVersion", "kind", ENTRY));
        keys.removeIf(path -> read.fields().stream()
                .anyMatch(other -> other.replace("[0]", "[]").startsWith(path + ".")));

        List<String> rows = Rules.all().stream().map(Rule::path).toList();
        assertThat(rows).containsExactlyInAnyOrderElementsOf(keys);
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void theDefaultIsWhatAnEmptyFileGives(Rule<?> rule) {
        if (rule.byDefault().isEmpty()) {
            assertThat(SAMPLES).containsKey(rule.path());
            return;
        }
        ConfigurationFile read = ConfigurationFile.parse(file(rule, rule.byDefault()));

        assertThat(read.errors()).isEmpty();
        assertThat(read.configuration()).isEqualTo(Configuration.DEFAULT);
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void aChangeOfItsValueIsSeenAtItsPath(Rule<?> rule) {
        Configuration changed =
                ConfigurationFile.parse(file(rule, sample(rule).other())).configuration();
        List<String> atOnce = Judgement.countAtOnce(Configuration.DEFAULT, changed);
        List<String> later = Judgement.waitForRestart(Configuration.DEFAULT, changed);

        if (WITHOUT_EFFECT.contains(rule.path())) {
            assertThat(changed).isEqualTo(Configuration.DEFAULT);
        } else {
            assertThat(rule.change() == Rule.Change.RELOAD ? atOnce : later).contains(rule.path());
            assertThat(rule.change() == Rule.Change.RELOAD ? later : atOnce).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void aWrongValueIsRefusedAtItsPath(Rule<?> rule) {
        ConfigurationFile read = ConfigurationFile.parse(file(rule, sample(rule).wrong()));

        assertThat(read.errors())
                .isNotEmpty()
                .allSatisfy(error -> assertThat(error.field()).startsWith(rule.path()));
    }

    /** The schema takes what the reader takes, and of the wrong values those that a schema can tell. */
    @ParameterizedTest
    @MethodSource("scalars")
    void theSchemaTakesWhatTheReaderTakes(Rule<?> rule) {
        JsonNode schema = JsonMapper.shared().readTree(ConfigurationSchema.text());
        for (String step : rule.path().split("\\.", -1)) {
            schema = schema.get("properties").get(step);
        }
        String other = sample(rule).other().replaceAll(", (server|kubeconfig).*", "");

        assertThat(takes(schema, other)).as("%s of %s", other, schema).isTrue();
        if (!rule.byDefault().isEmpty()) {
            assertThat(takes(schema, rule.byDefault())).as("the default").isTrue();
        }
        assertThat(takes(schema, sample(rule).wrong()))
                .as("%s of %s", sample(rule).wrong(), schema)
                .isFalse();
        assertThat(schema.get("description").asString()).isEqualTo(rule.text());
    }

    /** Decides on a value by those words of JSON Schema that the schema uses. */
    private static boolean takes(JsonNode schema, String yaml) {
        if (yaml.startsWith("[")) {
            String items = yaml.substring(1, yaml.length() - 1);
            return schema.get("type").toString().contains("array")
                    && (items.isEmpty() || takes(schema.get("items"), items));
        }
        if (schema.has("anyOf")) {
            return schema.get("anyOf").valueStream().anyMatch(each -> takes(each, yaml));
        }
        boolean quoted = yaml.startsWith("\"");
        String text = quoted ? yaml.substring(1, yaml.length() - 1) : yaml;
        String type = quoted
                ? "string"
                : text.matches("-?[0-9]+")
                        ? "integer"
                        : text.matches("-?[0-9.]+") ? "number" : text.matches("true|false") ? "boolean" : "string";
        if (schema.has("const")) {
            return text.equals(schema.get("const").asString());
        }
        if (schema.has("enum")) {
            return schema.get("enum")
                    .valueStream()
                    .anyMatch(each -> each.asString().equals(text));
        }
        if (!schema.get("type").toString().contains(type)) {
            return false;
        }
        if (type.equals("string")) {
            return !schema.has("pattern")
                    || Pattern.compile(schema.get("pattern").asString())
                            .matcher(text)
                            .find();
        }
        return type.equals("boolean") || inRange(schema, Double.parseDouble(text));
    }

    private static boolean inRange(JsonNode schema, double value) {
        return (!schema.has("minimum") || value >= schema.get("minimum").asDouble())
                && (!schema.has("exclusiveMinimum")
                        || value > schema.get("exclusiveMinimum").asDouble())
                && (!schema.has("maximum") || value <= schema.get("maximum").asDouble());
    }

    private static boolean writes() {
        return Boolean.getBoolean("podslice.docs.write");
    }

    @Test
    void thePageHasTheTable() throws IOException {
        String page = Files.readString(PAGE);
        int at = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf("\n\n", at) + 1;
        if (writes()) {
            Files.writeString(PAGE, page.substring(0, at) + ConfigurationTable.text() + page.substring(end));
            return;
        }
        assertThat(page.substring(at, end)).isEqualTo(ConfigurationTable.text());
    }

    @Test
    void theSchemaInTheDocumentationIsTheProgramsOwn() throws IOException {
        if (writes()) {
            Files.writeString(SCHEMA, ConfigurationSchema.text());
            return;
        }
        assertThat(Files.readString(SCHEMA)).isEqualTo(ConfigurationSchema.text());
    }
}
