package io.podslice.integration.vm;

import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.integration.agent.PodManifests;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import io.podslice.simulator.kubelet.Wants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The cluster's pods, from the manifests in integration/vm/cluster.d. */
final class ClusterPods {
    private static final Path FILES = Path.of("/payload/cluster");
    private static final Path STATIC = Path.of("/etc/kubernetes/manifests");
    private static final Path KUBEPODS = Path.of("/sys/fs/cgroup/kubepods");
    private static final String PATH = "/api/v1/namespaces/default/pods";
    private static final String NODE = "podslice-vm";

    private final KubeApi api;

    ClusterPods(KubeApi api) {
        this.api = api;
    }

    /** Returns the resources that a manifest asks for. */
    static PodManifest wants(String file) throws IOException, DocumentException {
        return PodManifests.of(Manifests.read(file, text(file), 0).pods().getFirst());
    }

    /** Returns a pod whose container of that name asks for other resources. */
    static PodManifest with(PodManifest pod, String container, Wants wants) {
        List<ContainerManifest> containers = pod.containers().stream()
                .map(one -> one.name().equals(container)
                        ? new ContainerManifest(one.name(), one.kind(), one.image(), wants)
                        : one)
                .toList();
        return new PodManifest(pod.name(), pod.namespace(), pod.uid(), pod.wants(), containers, pod.annotations());
    }

    private static String text(String file) throws IOException {
        return Files.readString(FILES.resolve(file + ".yaml"));
    }

    /** Makes a pod of a manifest. */
    KubePod create(String file) throws Exception {
        return new KubePod(api.create(PATH, text(file)));
    }

    /** Makes a pod of a manifest with the annotation that repeats its spec. */
    KubePod createAnnotated(String file) throws Exception {
        PodManifest annotated = PodSpecAnnotation.on(wants(file));
        String annotations = JsonMapper.shared().writeValueAsString(annotated.annotations());
        String plain = "metadata: {";
        String manifest = text(file);
        if (!manifest.contains(plain)) {
            throw new IllegalStateException(file + " has no line " + plain);
        }
        return new KubePod(api.create(PATH, manifest.replace(plain, plain + "annotations: " + annotations + ", ")));
    }

    /** Gives the kubelet a manifest as one of its static pods. */
    void createStatic(String file) throws IOException {
        Path unseen = FILES.resolve(file + ".new");
        Files.copy(FILES.resolve(file + ".yaml"), unseen, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(unseen, STATIC.resolve("." + file), StandardCopyOption.REPLACE_EXISTING);
        var _ = Files.move(STATIC.resolve("." + file), STATIC.resolve(file + ".yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Takes every static pod's manifest away. */
    void removeStatic() throws IOException {
        try (var files = Files.list(STATIC)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /** Returns the name of the mirror of a static pod. */
    static String mirror(String name) {
        return name + "-" + NODE;
    }

    /** Returns a pod, or nothing where the API server has none of that name. */
    Optional<KubePod> find(String name) throws IOException, InterruptedException {
        return api.find(PATH + "/" + name).map(KubePod::new);
    }

    /** Returns a pod that is there. */
    KubePod get(String name) throws IOException, InterruptedException {
        return find(name).orElseThrow(() -> new IllegalStateException("there is no pod " + name));
    }

    /** Returns every pod. */
    List<KubePod> all() throws IOException, InterruptedException {
        JsonNode list = api.find(PATH).orElseThrow();
        List<KubePod> pods = new ArrayList<>();
        list.path("items").forEach(pod -> pods.add(new KubePod(pod)));
        return pods;
    }

    /** Returns what the pod's events say, a line for each. */
    String events(String name) throws IOException, InterruptedException {
        StringBuilder text = new StringBuilder();
        api.find("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D" + name)
                .orElseThrow()
                .path("items")
                .forEach(event -> text.append(event.path("reason").asString(""))
                        .append(": ")
                        .append(event.path("message").asString(""))
                        .append('\n'));
        return text.toString();
    }

    /** Waits until every container of a pod runs. */
    KubePod awaitRunning(String name) throws Exception {
        Patience.await(
                name + " runs",
                () -> find(name)
                        .map(pod -> Patience.unless(pod.runs(), pod.summary()))
                        .orElse(Optional.of("the API server does not have it")));
        return get(name);
    }

    /** Changes a pod's resources: {@code spec} as the subresource takes it. */
    void resize(String name, String spec) throws IOException, InterruptedException {
        var _ = api.patch(PATH + "/" + name + "/resize", "{\"spec\":" + spec + "}");
    }

    /** Waits until the kubelet has done a resize. */
    KubePod awaitResized(String name) throws Exception {
        Patience.await(name + " is resized", () -> {
            KubePod pod = get(name);
            return Patience.unless(pod.isUpToDate(), pod.summary());
        });
        return get(name);
    }

    /** Deletes a pod, or takes a static pod's manifest away, and waits until it is gone. */
    void remove(String name) throws Exception {
        if (name.endsWith("-" + NODE)) {
            removeStatic();
        }
        api.delete(PATH + "/" + name);
        Patience.await(name + " is gone", () -> find(name).map(KubePod::summary));
    }

    /** Deletes every pod, and waits until the kubelet has removed its cgroup. */
    void removeAll() throws Exception {
        removeStatic();
        for (KubePod pod : all()) {
            api.delete(PATH + "/" + pod.name());
        }
        Patience.await("no pod is left", () -> {
            List<String> left =
                    new ArrayList<>(all().stream().map(KubePod::summary).toList());
            left.addAll(cgroups());
            return Patience.unless(left.isEmpty(), left);
        });
    }

    private static List<String> cgroups() throws IOException {
        if (!Files.exists(KUBEPODS)) {
            return List.of();
        }
        try (var all = Files.walk(KUBEPODS, 2)) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("pod") && name.length() > "pods".length())
                    .toList();
        }
    }
}
