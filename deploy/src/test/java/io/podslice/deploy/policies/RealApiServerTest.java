package io.podslice.deploy.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.manifest.Pod;
import io.podslice.integration.apiserver.RealApiServer;
import io.podslice.managers.pod.PodAnnotations;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The committed policies in a real API server, as its objects and as its static manifests. */
@Tag("cluster")
class RealApiServerTest {
    private static final String PODS = "/api/v1/namespaces/tenant/pods";
    private static final String REGISTRATION = "/apis/admissionregistration.k8s.io/v1/";
    private static final Path POLICIES = Path.of("policies");
    private static final String FORGED = "{\"containers\":[{\"name\":\"stranger\"}]}";

    @TempDir
    Path folder;

    private Path assets = Path.of("");

    @BeforeEach
    void theProgramsAreThere() {
        String set = System.getenv("KUBEBUILDER_ASSETS");
        assumeTrue(
                set != null && !set.isEmpty(),
                "KUBEBUILDER_ASSETS is not set, which names a folder with etcd and kube-apiserver");
        assets = Path.of(String.valueOf(set));
    }

    @Test
    void policiesOfTheApiWriteTheSpecAndRefuseForgeries() throws Exception {
        try (RealApiServer server = RealApiServer.start(assets, folder)) {
            makeNamespace(server);
            for (Policy policy : Policies.all()) {
                apply(server, POLICIES.resolve(policy.name() + ".yaml"));
            }
            specsAreWritten(server);
            forgeriesAreRefused(server);

            // Where no policy writes the annotation, a forged one is refused at the pod's creation too.
            good(server.send("DELETE", REGISTRATION + "mutatingadmissionpolicybindings/podslice-pod-spec", ""));
            await(server, "late", pod("late", "podslice.io/pod-spec: '" + FORGED + "'"), "is not this pod's spec");
        }
    }

    @Test
    void staticManifestsDoTheSameAndProtectThoseOfTheApi() throws Exception {
        Path configuration = folder.resolve("admission.yaml");
        Files.writeString(
                configuration, """
                apiVersion: apiserver.config.k8s.io/v1
                kind: AdmissionConfiguration
                plugins:
                - name: MutatingAdmissionPolicy
                  configuration:
                    apiVersion: apiserver.config.k8s.io/v1
                    kind: MutatingAdmissionPolicyConfiguration
                    staticManifestsDir: %1$s/mutating
                - name: ValidatingAdmissionPolicy
                  configuration:
                    apiVersion: apiserver.config.k8s.io/v1
                    kind: ValidatingAdmissionPolicyConfiguration
                    staticManifestsDir: %1$s/validating
                """.formatted(POLICIES.resolve("static").toAbsolutePath()));
        try (RealApiServer server = RealApiServer.start(
                assets,
                folder,
                "--feature-gates=ManifestBasedAdmissionControlConfig=true",
                "--admission-control-config-file=" + configuration)) {
            makeNamespace(server);
            specsAreWritten(server);
            forgeriesAreRefused(server);

            Path file = POLICIES.resolve("podslice-annotations.yaml");
            apply(server, file);
            String path = REGISTRATION + "validatingadmissionpolicies/podslice-annotations";
            refused(server.send("DELETE", path, ""), "is protected by podslice-protection.static.k8s.io");
            refused(server.send("PATCH", path, "{\"spec\":{\"failurePolicy\":\"Ignore\"}}"), "is protected by");
            refused(server.send("PATCH", path, "{\"metadata\":{\"labels\":null}}"), "is protected by");
            good(server.send("PATCH", path, "{\"metadata\":{\"annotations\":{\"example.com/owner\":\"me\"}}}"));
            refused(
                    server.send("DELETE", REGISTRATION + "validatingadmissionpolicybindings/podslice-annotations", ""),
                    "is protected by");
        }
    }

    /** Waits until the server's policies are in force, which takes a moment after they were made. */
    private static void specsAreWritten(RealApiServer server) throws Exception {
        await(server, "probe", pod("probe", "podslice.io/unknown: x"), "known: podslice.io/pod-spec");
        for (String manifests : List.of(Files.readString(PodSpecTextTest.DEMO), PodSpecTextTest.VARIED)) {
            for (String manifest : manifests.split("(?m)^---$", -1)) {
                JsonNode made = good(server.send("POST", PODS, manifest));
                String text =
                        made.at("/metadata/annotations/podslice.io~1pod-spec").asString();
                Pod pod = Manifests.read("pod", manifest, 0).pods().getFirst();
                assertThat(PodAnnotations.of(Map.of(PodAnnotations.POD_SPEC, text))
                                .spec())
                        .as(pod.name())
                        .contains(pod.spec());
            }
        }
        JsonNode plain = good(server.send("POST", PODS, pod("plain", "example.com/any: x")));
        assertThat(plain.at("/metadata/annotations").propertyNames()).containsExactly("example.com/any");
    }

    private static void forgeriesAreRefused(RealApiServer server) throws IOException, InterruptedException {
        JsonNode corrected = good(server.send("POST", PODS, pod("forger", "podslice.io/pod-spec: '" + FORGED + "'")));
        assertThat(corrected.at("/metadata/annotations/podslice.io~1pod-spec").asString())
                .isEqualTo("{\"resources\":{},\"containers\":[{\"name\":\"app\",\"kind\":\"app\",\"resources\":"
                        + "{\"requests\":{\"cpu\":\"2\",\"memory\":\"1Gi\"}}}]}");
        String change = "{\"metadata\":{\"annotations\":{\"podslice.io/pod-spec\":\"{}\"}}}";
        refused(server.send("PATCH", PODS + "/forger", change), "stay as they were");
        refused(server.send("PATCH", PODS + "/forger/status", change), "stay as they were");
        refused(server.send("PATCH", PODS + "/plain", change), "changed: podslice.io/pod-spec");
        good(server.send("PATCH", PODS + "/forger", "{\"metadata\":{\"annotations\":{\"example.com/any\":\"y\"}}}"));
        refused(server.send("POST", PODS + "/plain/binding", """
                        apiVersion: v1
                        kind: Binding
                        metadata: {name: plain, annotations: {podslice.io/exclusive.app: "true"}}
                        target: {kind: Node, name: somewhere}
                        """), "changed: podslice.io/exclusive.app");
        good(server.send(
                "POST",
                PODS + "/plain/binding",
                "{apiVersion: v1, kind: Binding, metadata: {name: plain}, target: {kind: Node, name: somewhere}}"));

        refused(
                server.send("POST", PODS, pod("knob", "podslice.io/exclusive.app: 'true'")),
                "label podslice.io/knobs=allowed");
        good(
                server.send(
                        "PATCH",
                        "/api/v1/namespaces/tenant",
                        "{\"metadata\":{\"labels\":{\"podslice.io/knobs\":\"allowed\",\"podslice.io/exclusive-cpus\":\"1\"}}}"));
        await(server, "knob", pod("knob", "podslice.io/exclusive.app: 'true'"), "asks for 2 exclusive CPUs");
        good(server.send(
                "PATCH",
                "/api/v1/namespaces/tenant",
                "{\"metadata\":{\"labels\":{\"podslice.io/exclusive-cpus\":\"2\"}}}"));
        await(server, "knob", pod("knob", "podslice.io/exclusive.app: 'true'"), "");
        refused(
                server.send("POST", PODS, pod("odd", "podslice.io/devices.app: /etc/shadow")),
                "podslice.io/devices.app: must be at most 64 device files");
    }

    /** A pod that asks for 2 CPUs and has one annotation. */
    private static String pod(String name, String annotation) {
        return """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %s
                  annotations:
                    %s
                spec: {containers: [{name: app, image: a, resources: {requests: {cpu: "2", memory: 1Gi}}}]}
                """.formatted(name, annotation);
    }

    private static void makeNamespace(RealApiServer server) throws IOException, InterruptedException {
        good(server.send("POST", "/api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: tenant}}"));
    }

    /** Makes each object of the file. */
    private static void apply(RealApiServer server, Path file) throws IOException, InterruptedException {
        for (Map<String, Object> object : Documents.read(Files.readString(file))) {
            String kind = String.valueOf(object.get("kind"));
            String plural = Stream.of("ValidatingAdmissionPolicy", "MutatingAdmissionPolicy")
                            .anyMatch(kind::equals)
                    ? kind.toLowerCase(Locale.ROOT).replaceFirst("y$", "ies")
                    : kind.toLowerCase(Locale.ROOT) + "s";
            good(server.send("POST", REGISTRATION + plural, JsonMapper.shared().writeValueAsString(object)));
        }
    }

    /** Makes a pod again and again until the answer is the one that is meant; an empty text means that it was made. */
    private static void await(RealApiServer server, String name, String manifest, String text)
            throws IOException, InterruptedException {
        Instant end = Instant.now().plus(Duration.ofMinutes(2));
        while (true) {
            HttpResponse<String> answer = server.send("POST", PODS, manifest);
            boolean made = answer.statusCode() < 300;
            if (text.isEmpty()
                    ? made
                    : answer.statusCode() != 503 && answer.body().contains(text) && !made) {
                return;
            }
            assertThat(Instant.now()).as(answer.body()).isBefore(end);
            if (made) {
                good(server.send("DELETE", PODS + "/" + name + "?gracePeriodSeconds=0", ""));
            }
            Thread.sleep(500);
        }
    }

    private static JsonNode good(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static void refused(HttpResponse<String> answer, String text) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
        assertThat(answer.body()).contains(text);
    }
}
