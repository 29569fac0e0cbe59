package io.podslice.deploy.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.manifest.Pod;
import io.podslice.managers.pod.PodAnnotations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The text that the cluster writes into a pod means the same to podslice as the pod's own manifest. */
class PodSpecTextTest {
    static final Path DEMO = Path.of("..", "integration/src/main/resources/io/podslice/integration/demo/pods.yaml");

    /** Every kind of container and of amount; a pod that asks nothing is not of this policy. */
    static final String VARIED = """
            apiVersion: v1
            kind: Pod
            metadata: {name: varied}
            spec:
              resources:
                requests: {cpu: 1500m, memory: 1Gi, hugepages-2Mi: 64Mi}
                limits: {cpu: "4", memory: 4Gi, hugepages-2Mi: 64Mi}
              initContainers:
              - {name: setup, image: a, resources: {requests: {cpu: 100m, ephemeral-storage: 1Gi}}}
              - {name: mesh, image: a, restartPolicy: Always}
              - {name: once, image: a, restartPolicy: Never}
              containers:
              - name: main
                image: a
                resizePolicy:
                - {resourceName: cpu, restartPolicy: NotRequired}
                - {resourceName: memory, restartPolicy: RestartContainer}
                resources:
                  requests: {cpu: "1", memory: 512Mi, hugepages-2Mi: 64Mi, example.com/fpga: "2"}
                  limits: {cpu: "1", memory: 512Mi, hugepages-2Mi: 64Mi, example.com/fpga: "2"}
              - name: helper
                image: a
                resizePolicy:
                - {resourceName: cpu, restartPolicy: NotRequired}
                - {resourceName: memory, restartPolicy: NotRequired}
                resources: {limits: {memory: 100Mi}, requests: {memory: 50Mi}}
            """;

    @Test
    void theDemosPodsHaveTheTextOfTheirSpec() throws Exception {
        String text = Files.readString(DEMO);

        assertThat(texts(text))
                .startsWith(
                        "{\"resources\":{\"requests\":{\"cpu\":\"8\",\"memory\":\"16Gi\"},\"limits\":{\"cpu\":\"8\","
                                + "\"memory\":\"16Gi\"}},\"containers\":[{\"name\":\"metrics-exporter\",\"kind\":\"sidecar\","
                                + "\"resources\":{}},{\"name\":\"backup-agent\",\"kind\":\"sidecar\",\"resources\":{}},"
                                + "{\"name\":\"database\",\"kind\":\"app\",\"resources\":{\"requests\":{\"cpu\":\"6\","
                                + "\"memory\":\"12Gi\"},\"limits\":{\"cpu\":\"6\",\"memory\":\"12Gi\"}}}]}");
        assertSameSpecs(text);
    }

    @Test
    void everyKindOfContainerAndAmountIsInTheText() throws Exception {
        assertSameSpecs(VARIED);
        assertThat(texts(VARIED).getFirst())
                .contains("{\"name\":\"mesh\",\"kind\":\"sidecar\",")
                .contains("{\"name\":\"once\",\"kind\":\"init\",")
                .contains("\"resizePolicy\":[{\"resourceName\":\"cpu\",\"restartPolicy\":\"NotRequired\"},"
                        + "{\"resourceName\":\"memory\",\"restartPolicy\":\"RestartContainer\"}]")
                .containsOnlyOnce("resizePolicy");
    }

    @Test
    void onlyPodsThatAskSomethingGetTheAnnotation() {
        Map<String, Object> plain = Documents.pod("""
                metadata: {name: plain, annotations: {example.com/owner: web}}
                spec: {containers: [{name: app, resources: {requests: {cpu: 2, memory: 1Gi}, limits: {cpu: 2, memory: 1Gi}}}]}
                """);
        assertThat(Evaluation.of(policy(), request(plain)).applies()).isFalse();

        Documents.object(Documents.object(plain, "metadata"), "annotations").put("podslice.io/exclusive.app", "true");
        assertThat(Evaluation.of(policy(), request(plain)).applies()).isTrue();

        Documents.object(Documents.object(plain, "metadata"), "annotations").put("kubernetes.io/config.mirror", "x");
        assertThat(Evaluation.of(policy(), request(plain)).applies()).isFalse();
    }

    @Test
    void aPodOfMoreContainersThanPodsliceReadsIsLeftAlone() {
        StringBuilder text =
                new StringBuilder("metadata: {name: many}\nspec:\n  resources: {limits: {cpu: 2}}\n  containers:\n");
        for (int i = 0; i < 128; i++) {
            text.append("  - {name: c").append(i).append("}\n");
        }
        assertThat(Evaluation.of(policy(), request(Documents.pod(text.toString())))
                        .applies())
                .isTrue();
        text.append("  - {name: last}\n");
        assertThat(Evaluation.of(policy(), request(Documents.pod(text.toString())))
                        .applies())
                .isFalse();
    }

    private static void assertSameSpecs(String manifests) throws Exception {
        List<Pod> pods = Manifests.read("pods", manifests, 0).pods();
        List<String> texts = texts(manifests);
        assertThat(texts).hasSameSizeAs(pods);
        for (int i = 0; i < pods.size(); i++) {
            assertThat(PodAnnotations.of(Map.of(PodAnnotations.POD_SPEC, texts.get(i)))
                            .spec())
                    .contains(pods.get(i).spec());
        }
    }

    private static List<String> texts(String manifests) {
        return Documents.pods(manifests).stream()
                .map(pod -> {
                    Evaluation evaluation = Evaluation.of(policy(), request(pod));
                    assertThat(evaluation.applies()).isTrue();
                    return (String) evaluation.variable("podSpec");
                })
                .toList();
    }

    private static Policy policy() {
        return Policies.all().getFirst();
    }

    private static Map<String, Object> request(Map<String, Object> pod) {
        return new HashMap<>(Map.of("object", pod));
    }
}
