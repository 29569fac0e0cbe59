package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.proto.v1.Pod;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * Pods without an annotation get from each source exactly what they get with one: at their start, through a resize, with a
 * sandbox made anew after it, and over restarts of podslice.
 */
class SpecsFromEachSourceTest {
    private static Map<String, Map<String, String>> annotated = Map.of();

    @BeforeAll
    static void live() throws IOException {
        annotated = readings(Way.ANNOTATION);
        assertThat(annotated.get("database started"))
                .containsEntry("cpu.max", "800000 100000")
                .containsEntry("app/cpu.max", "max 100000")
                .containsEntry("app/cpuset.cpus.effective", "0-2,16-18");
        assertThat(annotated.get("shared resized")).containsEntry("cpu.max", "400000 100000");
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "ANNOTATION")
    void podsHaveWhatTheyHaveWithAnnotations(Way way) throws IOException {
        Map<String, Map<String, String>> found = readings(way);
        assertThat(found.keySet()).isEqualTo(annotated.keySet());
        found.forEach((moment, reading) -> assertThat(reading).as(moment).isEqualTo(annotated.get(moment)));
    }

    private static List<PodManifest> pods() {
        PodManifest database = ClusterNode.pod("database", 8, 6);
        PodManifest training = ClusterNode.withGpus(ClusterNode.pod("training", 4, 3), 1);
        PodManifest shared = ClusterNode.pod("shared", 2, 1)
                .withContainers(List.of(
                        new ContainerManifest("app", Kind.APP, "example.com/app:v1", Wants.NONE),
                        new ContainerManifest("helper", Kind.APP, "example.com/app:v1", Wants.NONE)));
        return List.of(database, training, shared);
    }

    /** Lives a node's life, and returns the pods' values at each moment. */
    private static Map<String, Map<String, String>> readings(Way way) throws IOException {
        Map<String, Map<String, String>> readings = new LinkedHashMap<>();
        List<String> names = new ArrayList<>();
        List<RunningPod> running = new ArrayList<>();
        try (ClusterNode node = new ClusterNode(Options.of(way))) {
            for (PodManifest pod : pods()) {
                names.add(pod.name());
                running.add(node.kubelet.run(node.prepared(pod)));
            }
            running.forEach(pod -> assertThat(node.specSource(pod)).isEqualTo(way.source()));
            read("started", node, names, running, readings);

            RunningPod shared = running.getLast();
            running.set(
                    2, node.kubelet.resize(shared, shared.manifest().resizedTo(Wants.guaranteed(Amounts.of(4, 4)))));
            read("resized", node, names, running, readings);

            running.set(2, node.kubelet.sandboxAnew(running.get(2), 1));
            running.set(0, node.kubelet.sandboxAnew(running.get(0), 1));
            read("anew", node, names, running, readings);

            node.restartPodslice(true);
            running.set(1, node.kubelet.sandboxAnew(running.get(1), 1));
            read("after a restart", node, names, running, readings);
        }
        return readings;
    }

    private static void read(
            String moment,
            ClusterNode node,
            List<String> names,
            List<RunningPod> running,
            Map<String, Map<String, String>> readings) {
        for (int i = 0; i < names.size(); i++) {
            readings.put(names.get(i) + " " + moment, node.reading(running.get(i)));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PODS_API", "API_SERVER", "STATIC_PODS"})
    void statusShowsPriorityAndDevices(Way way) throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(way))) {
            PodManifest pod =
                    ClusterNode.withGpus(ClusterNode.pod("training", 4, 3), 2).withPriority(1000);
            Pod shown = node.shown(node.kubelet.run(node.prepared(pod)));
            assertThat(shown.getPriority()).isEqualTo(1000);
            assertThat(shown.getDevicesList()).singleElement().satisfies(device -> {
                assertThat(device.getContainer()).isEqualTo("app");
                assertThat(device.getResource()).isEqualTo(ClusterNode.GPU);
                assertThat(device.getIds()).isEqualTo("gpu-0,gpu-1");
                assertThat(device.getNumaNodes()).isEqualTo("1");
            });
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PODS_API", "API_SERVER", "STATIC_PODS"})
    void podsKeepTheirCpusWhenPodsliceLosesItsState(Way way) throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(way))) {
            RunningPod database = node.kubelet.run(node.prepared(ClusterNode.pod("database", 8, 6)));
            database =
                    node.kubelet.resize(database, database.manifest().resizedTo(Wants.guaranteed(Amounts.of(10, 2))));
            Map<String, String> before = node.reading(database);
            assertThat(before).containsEntry("cpu.max", "1000000 100000");
            node.restartPodslice(false);
            // The first call through the door waits until the pods are adopted.
            RunningPod other = node.kubelet.run(node.prepared(ClusterNode.pod("other", 4, 2)));
            assertThat(node.reading(database)).isEqualTo(before);
            assertThat(node.cpus(other, "app").intersects(node.cpus(database, "app")))
                    .isFalse();
        }
    }
}
