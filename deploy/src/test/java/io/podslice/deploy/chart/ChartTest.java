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
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart is well-formed, and what it renders is what podslice reads. */
class ChartTest {
    private static final Path INSTALL = Chart.FOLDER.resolve("ci/install-values.yaml");
    private static final Path UNINSTALL = Chart.FOLDER.resolve("ci/uninstall-values.yaml");

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
            if (values.equals(UNINSTALL)) {
                assertThat(objects(values)).doesNotContainKey("ConfigMap");
                continue;
            }
            String text = configuration(values);
            ConfigurationFile file = ConfigurationFile.parse(text);
            assertThat(file.errors()).as(values + "\n" + text).isEmpty();
            assertThat(file.notes()).as(values + "\n" + text).isEmpty();
            assertThat(file.configuration().nri().enabled())
                    .isEqualTo(container(values).at("/args/0").asString("").equals("serve"));
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
                .contains("pods/status", "patch")
                .contains(
                        "{\"apiGroups\":[\"events.k8s.io\"],\"resources\":[\"events\"],\"verbs\":[\"create\",\"patch\"]}");
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
                "mode: remove",
                "kubelet: {attach: 1}",
                "host: {install: /usr}",
                "host: {install: \"/opt/a b\"}",
                "nodeselector: {}")) {
            Path values = Files.writeString(folder.resolve("values.yaml"), wrong + "\n");
            assertThatThrownBy(() -> Chart.render(values)).as(wrong).hasMessageContaining("schema");
        }
    }

    @Test
    void eventsNeedARoleForNodesAndTheApiServer() throws IOException {
        Path values = Chart.FOLDER.resolve("ci/events-values.yaml");
        assertThat(configuration(values)).contains("events: true").contains("kubeconfig: /etc/kubernetes/kubelet.conf");
        assertThat(configuration(INSTALL)).doesNotContain("events");
        JsonNode role = JsonMapper.shared().valueToTree(objects(values).get("ClusterRole"));
        assertThat(role.get("rules").toString())
                .isEqualTo("[{\"apiGroups\":[\"events.k8s.io\"],\"resources\":[\"events\"],"
                        + "\"verbs\":[\"create\",\"patch\"]}]");
        JsonNode binding = JsonMapper.shared().valueToTree(objects(values).get("ClusterRoleBinding"));
        assertThat(binding.get("subjects").toString())
                .isEqualTo("[{\"kind\":\"Group\",\"name\":\"system:nodes\","
                        + "\"apiGroup\":\"rbac.authorization.k8s.io\"}]");
        Path wrong = Files.writeString(folder.resolve("values.yaml"), "podSource: {apiServer: false, events: true}\n");
        assertThatThrownBy(() -> Chart.render(wrong))
                .hasMessageContaining("podSource.events needs podSource.apiServer");
    }

    /** The pod that installs has no power but systemd's socket, and is none of the node's runtime. */
    @Test
    void anInstallingPodHasNoPrivilegeOfTheHost() {
        for (Path values : List.of(INSTALL, UNINSTALL)) {
            JsonNode pod = set(values).at("/spec/template/spec");
            for (String shared : List.of("hostPID", "hostNetwork", "hostIPC")) {
                assertThat(pod.has(shared)).as(shared).isFalse();
            }
            assertThat(pod.get("automountServiceAccountToken").asBoolean()).isFalse();
            JsonNode context = pod.at("/containers/0/securityContext");
            assertThat(context.at("/capabilities").toString()).isEqualTo("{\"drop\":[\"ALL\"]}");
            assertThat(context.get("allowPrivilegeEscalation").asBoolean()).isFalse();
            assertThat(context.get("readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(context.has("privileged")).isFalse();
            assertThat(objects(values)).doesNotContainKeys("ClusterRole", "ClusterRoleBinding");
        }
    }

    /** Each folder that the program looks at is mounted at its place below --host, and no other of the node's. */
    @Test
    void anInstallingPodSeesTheNodesFolders() {
        for (Path values : List.of(INSTALL, UNINSTALL)) {
            JsonNode pod = set(values).at("/spec/template/spec");
            Map<String, String> folders = new TreeMap<>();
            pod.get("volumes").forEach(volume -> {
                if (volume.has("hostPath")) {
                    folders.put(
                            volume.get("name").asString(),
                            volume.at("/hostPath/path").asString());
                }
            });
            Map<String, String> mounts = new TreeMap<>();
            pod.at("/containers/0/volumeMounts").forEach(mount -> {
                if (folders.containsKey(mount.get("name").asString())) {
                    mounts.put(
                            mount.get("name").asString(), mount.get("mountPath").asString());
                }
            });
            assertThat(mounts)
                    .hasSameSizeAs(folders)
                    .allSatisfy((name, path) -> assertThat(path).isEqualTo("/host" + folders.get(name)));
            assertThat(folders.values())
                    .containsExactlyInAnyOrder(
                            values.equals(UNINSTALL) ? "/var/opt/podslice" : "/opt/podslice",
                            "/etc/podslice",
                            "/etc/systemd/system",
                            "/usr/lib/systemd/system",
                            "/run/systemd",
                            "/run/podslice",
                            "/var/lib/podslice");
        }
    }

    /** Commands and probes are ones that the program takes; the image has no shell to mend them. */
    @Test
    void commandsAreThoseOfTheProgram() {
        String tool = "[\"/opt/podslice/jvm/bin/java\",\"@/opt/podslice/lib/tool.args\",";
        JsonNode install = container(INSTALL);
        assertThat(install.get("command").toString())
                .isEqualTo(tool + "\"install\",\"--stay\",\"--host=/host\",\"--folder=/opt/podslice\","
                        + "\"--config=/etc/podslice/podslice.yaml\",\"--attach\"]");
        JsonNode uninstall = container(UNINSTALL);
        assertThat(uninstall.get("command").toString())
                .isEqualTo(tool + "\"uninstall\",\"--stay\",\"--host=/host\",\"--folder=/var/opt/podslice\"]");
        for (String probe : List.of("startupProbe", "readinessProbe")) {
            assertThat(install.at("/" + probe + "/exec/command").toString())
                    .isEqualTo(tool + "\"install\",\"--check\",\"--host=/host\",\"--folder=/opt/podslice\"]");
            assertThat(uninstall.at("/" + probe + "/exec/command").toString())
                    .isEqualTo(tool + "\"uninstall\",\"--check\",\"--host=/host\",\"--folder=/var/opt/podslice\"]");
        }
        assertThat(install.has("livenessProbe"))
                .as("the service's life is systemd's to watch")
                .isFalse();
    }

    @Test
    void anInstallationIsRolledOutAsTheValuesSayAndARemovalByItself() throws IOException {
        JsonNode install = set(INSTALL);
        assertThat(install.at("/spec/updateStrategy").toString()).isEqualTo("{\"type\":\"OnDelete\"}");
        JsonNode pod = install.at("/spec/template/spec");
        assertThat(pod.get("priorityClassName").asString()).isEqualTo("system-node-critical");
        assertThat(pod.at("/nodeSelector").toString()).contains("podslice.io/enabled", "worker");
        assertThat(pod.at("/tolerations").toString()).isEqualTo("[{\"operator\":\"Exists\"}]");
        assertThat(pod.at("/affinity").toString()).contains("kubernetes.io/arch");
        assertThat(configuration(INSTALL))
                .contains("kubeconfig: /etc/kubernetes/kubelet.conf")
                .contains("refused: fail")
                .doesNotContain("serviceAccount");

        JsonNode uninstall = set(UNINSTALL);
        assertThat(uninstall.at("/spec/updateStrategy/type").asString()).isEqualTo("RollingUpdate");
        assertThat(uninstall
                        .at("/spec/updateStrategy/rollingUpdate/maxUnavailable")
                        .asString())
                .isEqualTo("25%");
        assertThat(uninstall.at("/spec/selector").toString())
                .as("the pods that uninstall take the place of those that have installed")
                .isEqualTo(install.at("/spec/selector").toString());
    }

    private static JsonNode set(Path values) {
        return JsonMapper.shared().valueToTree(objects(values).get("DaemonSet"));
    }

    private static JsonNode container(Path values) {
        return set(values).at("/spec/template/spec/containers/0");
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
