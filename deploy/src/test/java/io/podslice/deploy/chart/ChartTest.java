package io.podslice.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.LintResult;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.deploy.policies.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart is well-formed, and what it renders is what podslice reads. */
class ChartTest {
    @TempDir
    private Path folder;

    @Test
    void helmHasNothingToSayAgainstIt() {
        LintResult lint = Chart.lint();
        assertThat(lint.isFailed()).as(lint.getMessages().toString()).isFalse();
    }

    @Test
    void itsConfigurationIsOneThatPodsliceTakes() throws IOException {
        for (Path values : Chart.values()) {
            String text = configuration(values);
            ConfigurationFile file = ConfigurationFile.parse(text);
            assertThat(file.errors()).as(values + "\n" + text).isEmpty();
            assertThat(file.notes()).as(values + "\n" + text).isEmpty();
            assertThat(file.configuration().nri().enabled()).isTrue();
        }
    }

    @Test
    void valuesReachTheObjects() throws IOException {
        Map<String, Map<String, Object>> objects = objects(Chart.FOLDER.resolve("ci/bounded-values.yaml"));
        JsonNode set = JsonMapper.shared().valueToTree(objects.get("DaemonSet"));
        assertThat(set.at("/spec/template/spec/containers/0/image").asString())
                .isEqualTo("registry.example.com/podslice:1.2.3");
        assertThat(set.at("/spec/updateStrategy/rollingUpdate/maxUnavailable").asString())
                .isEqualTo("10%");
        assertThat(JsonMapper.shared().writeValueAsString(objects.get("ClusterRole")))
                .contains("pods/status", "patch");
        assertThat(configuration(Chart.FOLDER.resolve("ci/bounded-values.yaml")))
                .contains("timeout: 500ms")
                .contains("serviceAccount: /var/run/secrets/kubernetes.io/serviceaccount");

        objects = objects(Chart.FOLDER.resolve("ci/no-api-server-values.yaml"));
        set = JsonMapper.shared().valueToTree(objects.get("DaemonSet"));
        assertThat(objects).doesNotContainKeys("ClusterRole", "ClusterRoleBinding");
        assertThat(set.at("/spec/updateStrategy/type").asString()).isEqualTo("OnDelete");
        assertThat(set.at("/spec/template/spec/hostNetwork").isMissingNode()).isTrue();
        assertThat(set.at("/spec/template/spec/automountServiceAccountToken").asBoolean())
                .isFalse();
    }

    @Test
    void wrongValuesAreRefusedBySchema() throws IOException {
        for (String wrong : List.of(
                "updateStrategy: Recreate",
                "maxUnavailable: 0",
                "config: {cpuManagerPolici: static}",
                "probes: {periodSeconds: 1}",
                "host: {nri: relative}",
                "nodeselector: {}")) {
            Path values = Files.writeString(folder.resolve("values.yaml"), wrong + "\n");
            assertThatThrownBy(() -> Chart.render(values)).as(wrong).hasMessageContaining("schema");
        }
    }

    /** Keys of a section are podslice's to check: it says what is wrong with them. */
    @Test
    void theSchemaKnowsEveryKeyOfTheConfiguration() throws IOException {
        JsonNode schema = JsonMapper.shared().readTree(Files.readString(Chart.FOLDER.resolve("values.schema.json")));
        assertThat(schema.at("/properties/config/properties").propertyNames())
                .containsExactlyInAnyOrderElementsOf(
                        ConfigurationFile.parse(ConfigurationFile.defaults()).fields().stream()
                                .map(path -> path.replaceFirst("\\..*", ""))
                                .filter(key -> !key.equals("apiVersion") && !key.equals("kind"))
                                .collect(Collectors.toSet()));
    }

    private static String configuration(Path values) throws IOException {
        Map<String, Object> map = objects(values).getOrDefault("ConfigMap", Map.of());
        return String.valueOf(Documents.object(map, "data").get("podslice.yaml"));
    }

    /** Returns the rendered objects by kind; each kind occurs once. */
    private static Map<String, Map<String, Object>> objects(Path values) {
        Map<String, Map<String, Object>> objects = new HashMap<>();
        for (Map<String, Object> object : Documents.read(Chart.render(values))) {
            assertThat(objects.put(String.valueOf(object.get("kind")), object)).isNull();
        }
        return objects;
    }
}
