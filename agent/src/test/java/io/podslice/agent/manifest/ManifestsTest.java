package io.podslice.agent.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.pod.ResourceList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
            spec:
              containers:
              - name: main
            """;

    private static List<Pod> pods(String text) throws DocumentException {
        return Manifests.read("pod.yaml", text, 0).pods();
    }

    @Test
    void readsAPodWithEveryKindOfContainer() throws DocumentException {
        Pod pod = pods("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: db
                  namespace: prod
                  uid: 0b5e
                  labels: {app: db}
                  annotations:
                    podslice.io/exclusive.proxy: "true"
                    example.com/note: any
                spec:
                  priorityClassName: high
                  overhead: {cpu: 250m, memory: 120Mi}
                  resources:
                    limits: {cpu: 8, memory: 16Gi}
                  containers:
                  - name: main
                    image: db:1
                    resources:
                      limits: {cpu: "6", memory: 12Gi, example.com/fpga: 1}
                  ephemeralContainers:
                  - name: debug
                  initContainers:
                  - name: setup
                  - name: proxy
                    restartPolicy: Always
                    resources: {requests: {cpu: 1}}
                """).getFirst();
        assertThat(pod.fullName()).isEqualTo("prod/db");
        assertThat(pod.uid()).isEqualTo("0b5e");
        assertThat(pod.spec().containers())
                .extracting(ContainerSpec::name, ContainerSpec::kind)
                .containsExactly(
                        tuple("setup", ContainerKind.INIT),
                        tuple("proxy", ContainerKind.SIDECAR),
                        tuple("main", ContainerKind.APP),
                        tuple("debug", ContainerKind.EPHEMERAL));
        assertThat(pod.spec().containers().get(2).resources().requests().cpuMillis())
                .isEqualTo(6000);
        // KEP-2837: the request of a pod that names none is that of its containers, not its limit.
        assertThat(pod.spec().resources().requests()).isEqualTo(ResourceList.of("7", "12Gi"));
        assertThat(QosClass.of(pod.spec())).isEqualTo(QosClass.BURSTABLE);
        assertThat(pod.overhead()).isEqualTo(ResourceList.of("250m", "120Mi"));
        assertThat(pod.exclusive()).isEqualTo(Map.of("proxy", true));
        assertThat(pod.images()).isEqualTo(Map.of("main", "db:1"));
    }

    @Test
    void readsSeveralDocumentsAndLeavesOutEmptyOnes() throws DocumentException {
        List<Pod> pods = pods("# pods\n---\n" + POD + "---\n---\n# nothing\n---\n" + POD.replace("web", "web2"));
        assertThat(pods).extracting(Pod::name).containsExactly("web", "web2");
        assertThat(pods.getFirst().uid()).isNotEqualTo(pods.getLast().uid());
        assertThat(pods.getFirst().namespace()).isEqualTo("default");
    }

    @ParameterizedTest
    @ValueSource(strings = {"List", "PodList"})
    void readsAListAsKubectlWritesIt(String kind) throws DocumentException {
        String json = """
                {"apiVersion": "v1", "kind": "%s", "metadata": {"resourceVersion": ""}, "items": [
                \t{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "creationTimestamp": null, "uid": "1"},
                \t "spec": {"nodeName": "n", "containers": [{"name": "c", "resources": {}}]},
                \t "status": {"phase": "Running"}},
                \t{"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "b-"},
                \t "spec": {"containers": [{"name": "c"}]}}]}
                """.formatted(kind);
        assertThat(pods(json)).extracting(Pod::name).containsExactly("a", "b-2");
    }

    @Test
    void makesNamesThatDifferOverAllFiles() throws DocumentException {
        String text = POD.replace("name: web", "generateName: web-");
        assertThat(Manifests.read("a.yaml", text, 4).pods())
                .extracting(Pod::name)
                .containsExactly("web-5");
    }

    @Test
    void notesWhatItDoesNotKnow() throws DocumentException {
        Manifests read = Manifests.read("pod.yaml", POD + "    quickstart: true\n  fooBarBaz: 1\n", 0);
        assertThat(read.notes())
                .extracting(note -> note.text("pod.yaml"))
                .containsExactly(
                        "pod.yaml:8:5: spec.containers[0].quickstart: is not a known field, and is ignored",
                        "pod.yaml:9:3: spec.fooBarBaz: is not a known field, and is ignored");
    }

    static Stream<Arguments> mistakes() {
        String resources = POD + "    resources: {%s}\n";
        return Stream.of(
                Arguments.of("", "pod.yaml: holds no pod"),
                Arguments.of("---\n# nothing\n", "pod.yaml: holds no pod"),
                Arguments.of("kind: [", "pod.yaml:1:8: not valid YAML: "),
                Arguments.of("{\"kind\": ", "not valid JSON: "),
                Arguments.of("web", "pod.yaml:1:1: must be a mapping, not a string (web)"),
                Arguments.of("metadata: {}", "pod.yaml:1:1: kind: is missing; must be Pod"),
                Arguments.of(
                        POD.replace("Pod", "Deployment"),
                        "pod.yaml:2:1: kind: \"Deployment\": must be Pod, or List with Pods as items; of what makes pods,"
                                + " give its pod template as a Pod"),
                Arguments.of(POD.replace("v1", "v2"), "pod.yaml:1:1: apiVersion: \"v2\": must be v1"),
                Arguments.of(POD.replace("apiVersion: v1\n", ""), "pod.yaml:1:1: apiVersion: is missing; must be v1"),
                Arguments.of(
                        POD.replace("  name: web\n", "  labels: {}\n"),
                        "metadata.name: Required value: name or generateName is required"),
                Arguments.of(
                        POD.replace("web", "Web"),
                        "pod.yaml:4:9: metadata.name: \"Web\": a lowercase RFC 1123 subdomain"),
                Arguments.of(
                        POD.replace("main", "a.b"), "spec.containers[0].name: \"a.b\": a lowercase RFC 1123 label"),
                Arguments.of(POD.replace("main", "a".repeat(64)), "must be no more than 63 bytes"),
                Arguments.of(
                        POD.replace("- name: main", "- image: x"),
                        "pod.yaml:7:5: spec.containers[0].name: Required value"),
                Arguments.of(
                        POD.replace("containers:\n  - name: main", "restartPolicy: Never"),
                        "spec.containers: Required value"),
                Arguments.of(POD.substring(0, POD.indexOf("spec")), "spec.containers: Required value"),
                Arguments.of(
                        POD + "  - name: main\n",
                        "pod.yaml:8:5: spec.containers[1].name: Invalid value: \"main\": is the name of another container already"),
                Arguments.of(
                        POD + "    resource: {}\n",
                        "pod.yaml:8:5: spec.containers[0].resource: no such field; did you mean resources?"),
                Arguments.of(
                        POD + "  initContainer: []\n",
                        "pod.yaml:8:3: spec.initContainer: no such field; did you mean initContainers?"),
                Arguments.of(
                        resources.formatted("limit: {cpu: 1}"),
                        "pod.yaml:8:17: spec.containers[0].resources.limit: no such field; did you mean limits?"),
                Arguments.of(
                        resources.formatted("limits: {cpu: 1x}"),
                        "pod.yaml:8:31: spec.containers[0].resources.limits[cpu]: \"1x\": quantities must match the regular"),
                Arguments.of(
                        resources.formatted("limits: {cpu: -1}"),
                        "pod.yaml:8:26: spec.containers[0].resources.limits[cpu]: Invalid value: \"-1\": must be greater than or"
                                + " equal to 0"),
                Arguments.of(
                        resources.formatted("requests: {cpu: 2}, limits: {cpu: 1}"),
                        "spec.containers[0].resources.requests[cpu]: Invalid value: \"2\": must be less than or equal to cpu"
                                + " limit of 1"),
                Arguments.of(
                        resources.formatted("limits: {cpu: 2}") + "  resources: {limits: {cpu: 1}}\n",
                        "pod.yaml:9:3: spec.resources.requests[cpu]: Invalid value: \"2\": must be less than or equal to cpu limit of 1"),
                Arguments.of(
                        resources.formatted("limits: {cpu: 2}") + "  resources: {requests: {cpu: 1}}\n",
                        "pod.yaml:9:26: spec.resources.requests[cpu]: Invalid value: \"1\": must be greater than or equal to"
                                + " aggregate container requests of 2"),
                Arguments.of(
                        POD + "  resources: {claims: []}\n",
                        "pod.yaml:8:15: spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level"),
                Arguments.of(
                        POD + "  initContainers:\n  - name: i\n    restartPolicy: Sometimes\n",
                        "pod.yaml:10:20: spec.initContainers[0].restartPolicy: \"Sometimes\": Unsupported value: supported"
                                + " values: \"Always\", \"Never\", \"OnFailure\""),
                Arguments.of(
                        POD + "  initContainers:\n  - name: i\n    resources: {limits: {cpu: -1}}\n",
                        "pod.yaml:10:26: spec.initContainers[0].resources.limits[cpu]: Invalid value"),
                Arguments.of(
                        POD.replace("spec:", "  annotations: {podslice.io/exclusive.other: \"true\"}\nspec:"),
                        "pod.yaml:5:17: metadata.annotations[podslice.io/exclusive.other]: Invalid value: \"true\": the pod has no"
                                + " container \"other\""),
                Arguments.of(
                        POD.replace("spec:", "  annotations: {podslice.io/exclusive.main: true}\nspec:"),
                        "pod.yaml:5:45: metadata.annotations[podslice.io/exclusive.main]: must be a string, not a boolean (true);"
                                + " put it into quotes"),
                Arguments.of(
                        POD.replace("spec:", "  annotations: {podslice.io/exclusive.main: \"yes\"}\nspec:"),
                        "metadata.annotations[podslice.io/exclusive.main]: Invalid value: \"yes\": must be \"true\" or \"false\""),
                Arguments.of(
                        POD.replace(
                                "spec:",
                                "  annotations: {podslice.io/pod-spec: '{\"containers\": [{\"name\": \"other\"}]}'}\nspec:"),
                        "metadata.annotations[podslice.io/pod-spec]: Invalid value: \"{\"containers\": [{\"name\": \"other\"}]}\": contradicts"
                                + " the pod's own spec"),
                Arguments.of(
                        POD.replace("spec:", "  annotations: {podslice.io/pod-spec: '{\"containers\": 1}'}\nspec:"),
                        "metadata.annotations[podslice.io/pod-spec]: containers: Invalid value: \"1\": must be an array"),
                Arguments.of(
                        "apiVersion: v1\nkind: List\nitems:\n- kind: Service\n",
                        "pod.yaml:4:3: items[0].kind: \"Service\": must be Pod"),
                Arguments.of("apiVersion: v1\nkind: List\nitems: []\n", "pod.yaml: holds no pod"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void namesLineFieldAndValueOfAMistake(String text, String message) {
        assertThatThrownBy(() -> pods(text))
                .isInstanceOf(DocumentException.class)
                .message()
                .startsWith("pod.yaml:")
                .contains(message);
    }

    @Test
    void namesAMistakeOnce() {
        assertThatThrownBy(() -> pods(POD + "  resources: {claims: [{name: gpu}]}\n"))
                .hasMessage("pod.yaml:8:15: spec.resources.claims: Forbidden: claims may not be set for Resources at"
                        + " pod-level");
        assertThatThrownBy(() -> pods(POD + "  initContainers:\n  - name: i\n"
                        + "    resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]\n"))
                .hasMessage(
                        "pod.yaml:10:5: spec.initContainers[0].resizePolicy: Invalid value: \"RestartContainer\": must"
                                + " not be set for init containers without restartPolicy=Always");
    }

    @Test
    void aTerminalGetsNothingOfAManifestButText() {
        assertThatThrownBy(() -> pods(POD.replace("web", "\"w\\e[2J\\n\\u202E\"")))
                .message()
                .contains("w\\x1b[2J\\n\\u202e")
                .doesNotContain("\u001b", "\n", "\u202e");
    }

    @Test
    void namesTheMistakesOfEveryDocument() {
        assertThatThrownBy(() -> pods(POD.replace("web", "W") + "---\n" + POD.replace("kind: Pod", "kind: Job")))
                .message()
                .contains("pod.yaml:4:9: metadata.name", "pod.yaml:10:1: kind: \"Job\"");
    }

    @Test
    void takesAnAnnotationThatSaysTheSame() throws DocumentException {
        String annotation = "{\"containers\": [{\"name\": \"main\", \"resources\": {}}]}";
        Pod pod = pods(POD.replace("spec:", "  annotations: {podslice.io/pod-spec: '" + annotation + "'}\nspec:"))
                .getFirst();
        assertThat(pod.annotations()).containsValue(annotation);
    }
}
