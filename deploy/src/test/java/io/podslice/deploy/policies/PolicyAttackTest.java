package io.podslice.deploy.policies;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What tenants try with podslice's annotations, and what the policies say to it. */
class PolicyAttackTest {
    private static final String SPEC = "podslice.io/pod-spec";

    private final Map<String, Object> pod = Documents.pod("""
            metadata: {name: web, namespace: tenant}
            spec:
              initContainers: [{name: mesh, restartPolicy: Always}]
              containers: [{name: app, resources: {requests: {cpu: 2, memory: 1Gi}}}, {name: half, resources: {requests: {cpu: 500m}}}]
            """);
    private final Map<String, Object> annotations = Documents.object(Documents.object(pod, "metadata"), "annotations");
    private final Map<String, String> labels = new HashMap<>();
    private List<String> groups = List.of("system:authenticated");

    @BeforeEach
    void theNamespaceMayUseAnnotations() {
        labels.put("podslice.io/knobs", "allowed");
    }

    @Test
    void thePodsOwnSpecIsGood() {
        annotations.put(
                SPEC,
                String.valueOf(
                        Evaluation.of(policy("podslice-pod-spec"), request()).variable("podSpec")));

        assertThat(objections("podslice-pod-spec-forged")).isEmpty();
        assertThat(objections("podslice-annotations")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // A larger budget than the spec requests, a container that is not there, no text, another order of
                // keys.
                "{\"resources\":{\"limits\":{\"cpu\":\"64\"}},\"containers\":[{\"name\":\"app\"}]}",
                "{\"containers\":[{\"name\":\"stranger\"}]}",
                "''",
                "nonsense"
            })
    void aForgedSpecIsRefusedWithTheTrueOne(String forged) {
        annotations.put(SPEC, forged);

        assertThat(objections("podslice-pod-spec-forged"))
                .singleElement()
                .asString()
                .startsWith("the annotation podslice.io/pod-spec is not this pod's spec; leave it out")
                .contains("{\"name\":\"mesh\",\"kind\":\"sidecar\",\"resources\":{}}");
    }

    @Test
    void aTenantsMirrorPodIsLookedAtAndANodesIsNot() {
        annotations.put(SPEC, "forged");
        annotations.put("kubernetes.io/config.mirror", "0123");

        assertThat(objections("podslice-pod-spec-forged")).hasSize(1);
        groups = List.of("system:nodes", "system:authenticated");
        assertThat(objections("podslice-pod-spec-forged")).isEmpty();
        assertThat(objections("podslice-annotations")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "podslice.io/exclusive.app     | true                     | ``",
                "podslice.io/exclusive.app     | false                    | ``",
                "podslice.io/exclusive.half    | false                    | ``",
                "podslice.io/devices.mesh      | /dev/dri/card1, 0000:3b:00.0 | ``",
                "podslice.io/isolated.app      | true                     | ``",
                "podslice.io/isolated.app      | yes                      | must be \"true\" or \"false\"",
                "podslice.io/isolated.stranger | true                     | is called 'podslice.io/isolated.stranger'",
                "podslice.io/exclusive.app     | True                     | must be \"true\" or \"false\"",
                "podslice.io/exclusive.half    | true                     | not a whole number of CPUs in half",
                "podslice.io/exclusive.mesh    | true                     | not a whole number of CPUs in mesh",
                "podslice.io/exclusive.stranger | true                    | is called 'podslice.io/exclusive.stranger'",
                "podslice.io/exclusive.        | true                     | is called 'podslice.io/exclusive.'",
                "podslice.io/exclusiv.app      | true                     | is called 'podslice.io/exclusiv.app'",
                "podslice.io/pod-specs         | {}                       | is called 'podslice.io/pod-specs'",
                "podslice.io/devices.app       | /dev/../etc/shadow       | podslice.io/devices.app: must be at most 64 device files",
                "podslice.io/devices.app       | /dev/./null              | must be at most 64 device files",
                "podslice.io/devices.app       | /dev//null               | must be at most 64 device files",
                "podslice.io/devices.app       | /etc/shadow              | must be at most 64 device files",
                "podslice.io/devices.app       | /dev/null,               | must be at most 64 device files",
                "podslice.io/devices.app       | 0000:3b:00.9             | must be at most 64 device files",
            })
    void knobsAreRefusedAsOnTheNode(String name, String value, String objection) {
        annotations.put(name, value);

        List<String> objections = objections("podslice-annotations");
        if (objection.isEmpty()) {
            assertThat(objections).isEmpty();
        } else {
            assertThat(objections).singleElement().asString().contains(objection.replace("'", ""));
        }
    }

    @Test
    void devicesAreBounded() {
        annotations.put("podslice.io/devices.app", "/dev/null,".repeat(63) + "/dev/null");
        assertThat(objections("podslice-annotations")).isEmpty();
        annotations.put("podslice.io/devices.app", "/dev/null,".repeat(64) + "/dev/null");
        assertThat(objections("podslice-annotations")).hasSize(1);
    }

    @Test
    void aNamespaceWithoutTheLabelHasNoKnobs() {
        labels.clear();
        annotations.put("podslice.io/exclusive.app", "true");

        assertThat(objections("podslice-annotations"))
                .containsExactly("pods of the namespace tenant may not have podslice.io/exclusive.app; an administrator"
                        + " allows it with the label podslice.io/knobs=allowed on the namespace");
        annotations.remove("podslice.io/exclusive.app");
        annotations.put(SPEC, "{}");
        assertThat(objections("podslice-annotations")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"2, ''", "1, asks for 2 exclusive CPUs", "0, asks for 2 exclusive CPUs", "many, must be a whole number"
    })
    void aNamespaceBoundsExclusiveCpus(String most, String objection) {
        labels.put("podslice.io/exclusive-cpus", most);
        annotations.put("podslice.io/exclusive.app", "true");

        if (objection.isEmpty()) {
            assertThat(objections("podslice-annotations")).isEmpty();
        } else {
            assertThat(objections("podslice-annotations"))
                    .singleElement()
                    .asString()
                    .contains(objection);
        }
    }

    @Test
    void annotationsAreAsLargeAsPodsliceReadsThem() {
        annotations.put(SPEC, "x".repeat(32 * 1024 - SPEC.length()));
        annotations.put("example.com/large", "x".repeat(64 * 1024));
        assertThat(objections("podslice-annotations")).isEmpty();

        // A letter of two bytes in UTF-8 counts twice.
        annotations.put(SPEC, "x".repeat(32 * 1024 - SPEC.length() - 1) + "é");
        assertThat(objections("podslice-annotations"))
                .containsExactly("podslice reads at most 32768 bytes of annotations of a pod");
    }

    @Test
    void annotationsStayAsTheyWere() {
        annotations.put(SPEC, "a");
        annotations.put("podslice.io/exclusive.app", "true");
        annotations.put("example.com/any", "1");
        Map<String, Object> before = new LinkedHashMap<>(annotations);

        assertThat(changes(before)).isEmpty();
        annotations.put("example.com/any", "2");
        assertThat(changes(before)).isEmpty();

        annotations.put(SPEC, "b");
        annotations.remove("podslice.io/exclusive.app");
        annotations.put("podslice.io/exclusive.half", "");
        assertThat(changes(before))
                .singleElement()
                .asString()
                .startsWith("podslice's annotations stay as they were when the pod was created; changed: ")
                .contains(SPEC, "podslice.io/exclusive.app", "podslice.io/exclusive.half");
    }

    /** What a binding carries is written into its pod. */
    @Test
    void aBindingCarriesNoAnnotation() {
        annotations.put("example.com/any", "1");
        Map<String, Object> request = request();
        request.put("oldObject", null);
        assertThat(Evaluation.of(policy("podslice-annotations-unchanged"), request)
                        .objections())
                .isEmpty();

        annotations.put(SPEC, "b");
        assertThat(Evaluation.of(policy("podslice-annotations-unchanged"), request)
                        .objections())
                .hasSize(1);
    }

    @Test
    void policiesAreProtectedByAStaticOne() {
        Map<String, Object> policy =
                policy("podslice-pod-spec").trees("", Map.of()).getFirst();
        Map<String, Object> request = new HashMap<>();
        request.put("request", Map.of("operation", "DELETE", "name", "podslice-pod-spec"));
        request.put("object", null);
        request.put("oldObject", policy);
        assertThat(Evaluation.of(Policies.protection(), request).objections())
                .singleElement()
                .asString()
                .startsWith("podslice-pod-spec: is protected by podslice-protection.static.k8s.io");

        request.put("request", Map.of("operation", "UPDATE", "name", "podslice-pod-spec"));
        request.put("object", policy);
        assertThat(Evaluation.of(Policies.protection(), request).objections()).isEmpty();
        Map<String, Object> bare = new HashMap<>(policy);
        bare.put("metadata", Map.of("name", "podslice-pod-spec"));
        request.put("object", bare);
        assertThat(Evaluation.of(Policies.protection(), request).objections()).hasSize(1);
    }

    private List<String> changes(Map<String, Object> before) {
        Map<String, Object> request = request();
        request.put("oldObject", Map.of("metadata", Map.of("annotations", before)));
        return Evaluation.of(policy("podslice-annotations-unchanged"), request).objections();
    }

    private List<String> objections(String policy) {
        return Evaluation.of(policy(policy), request()).objections();
    }

    private Map<String, Object> request() {
        Map<String, Object> request = new HashMap<>();
        request.put("object", pod);
        request.put("namespaceObject", Map.of("metadata", Map.of("name", "tenant", "labels", labels)));
        request.put("request", Map.of("namespace", "tenant", "userInfo", Map.of("groups", groups)));
        return request;
    }

    private static Policy policy(String name) {
        return Policies.all().stream()
                .filter(policy -> policy.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
