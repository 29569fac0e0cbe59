package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.AssignedDevice;
import io.podslice.node.NodeSources;
import io.podslice.node.PodDevices;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RefusalListener;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pods are placed beside the devices that the kubelet has assigned to them. */
final class AssignedDevicesTest {
    private static final String TRAINING = """
            {'resources':{'requests':{'cpu':'4','memory':'4Gi'},'limits':{'cpu':'4','memory':'4Gi'}},
             'containers':[{'name':'train','resources':{'limits':{'cpu':'2','memory':'1Gi'}}},{'name':'log'}]}""";

    private static final AssignedDevice GPU = new AssignedDevice("nvidia.com/gpu", "gpu-0,gpu-1", CpuSet.of(1));

    private final BrainFixture node = new BrainFixture(
            BrainFixture.MACHINE,
            BrainFixture.withPolicy(
                    PlacementPolicy.DEFAULT.withTopologyManager(TopologyPolicy.BEST_EFFORT, TopologyScope.POD)));
    private final FakeSpecs specs = new FakeSpecs();
    private final List<String> asked = new ArrayList<>();
    private PodDevices kubelet = (namespace, name, atMost) -> Map.of("train", List.of(GPU));

    @BeforeEach
    void withAKubelet() {
        node.sources = new NodeSources(
                specs,
                (namespace, name, atMost) -> {
                    asked.add(namespace + "/" + name);
                    return kubelet.of(namespace, name, atMost);
                },
                Duration.ofSeconds(20),
                RefusalListener.NONE);
        node.start();
    }

    private PodSandboxRequest pod(String name, Map<String, String> annotations) {
        node.files.makeAll("/kubepods/pod" + name);
        return node.pod(name, "/kubepods/pod" + name, annotations, cpuAndMemory(4000, 4 * GI));
    }

    @Test
    void aDescribedPodIsPlacedBesideItsDevices() {
        PodSandboxRequest pod = pod("p", Map.of());
        specs.describe(pod, TRAINING);

        assertThat(node.run(pod, "sb")).isNull();

        assertThat(node.view("p").numaNodes()).isEqualTo(CpuSet.of(1));
        assertThat(node.view("p").origin().devices()).containsEntry("train", List.of(GPU));
        assertThat(asked).containsExactly("default/p");
    }

    @Test
    void aPodThatIsKnownByInferenceIsTooThoughItsContainersAreNot() {
        assertThat(node.run(pod("p", Map.of()), "sb")).isNull();

        assertThat(node.view("p").numaNodes()).isEqualTo(CpuSet.of(1));
    }

    @Test
    void devicesThatAreNearToNoNodeChangeNothing() {
        kubelet = (namespace, name, atMost) ->
                Map.of("train", List.of(new AssignedDevice("example.com/tape", "0", CpuSet.empty())));

        assertThat(node.run(pod("p", Map.of()), "sb")).isNull();

        assertThat(node.view("p").numaNodes()).isEqualTo(CpuSet.of(0));
    }

    @Test
    void aKubeletThatDoesNotAnswerIsNoReasonToRefuseAPod() {
        kubelet = (namespace, name, atMost) -> {
            throw new IOException("no answer in time");
        };
        assertThat(node.run(pod("p", Map.of()), "sb")).isNull();
        assertThat(node.view("p").cpus().size()).isEqualTo(4);
        kubelet = (namespace, name, atMost) -> {
            throw new IllegalStateException("a defect");
        };
        assertThat(node.run(pod("q", Map.of()), "sq")).isNull();
        assertThat(node.view("q").cpus().size()).isEqualTo(4);
        assertThat(node.view("q").origin().devices()).isEmpty();
    }

    @Test
    void aPodThatNamesItsDevicesIsNotLookedUp() {
        node.devices = device -> CpuSet.of(0);
        node.start();
        PodSandboxRequest pod = pod("p", Map.of("podslice.io/devices.train", "/dev/gpu"));
        specs.describe(pod, TRAINING);

        assertThat(node.run(pod, "sb")).isNull();

        assertThat(asked).isEmpty();
        assertThat(node.view("p").numaNodes()).isEqualTo(CpuSet.of(0));
    }

    @Test
    void aPodThatGetsNoCpusIsNotLookedUp() {
        node.files.makeAll("/kubepods/burstable/podb");
        assertThat(node.run(node.pod("b", "/kubepods/burstable/podb", Map.of(), cpuAndMemory(500, GI)), "sb"))
                .isNull();
        assertThat(asked).isEmpty();
    }

    @Test
    void theTimeForSpecsAndDevicesIsOne() {
        node.sources = new NodeSources(specs, node.sources.devices(), Duration.ofMillis(30), RefusalListener.NONE);
        node.start();
        specs.late();

        assertThat(node.run(pod("p", Map.of()), "sb")).isNull();

        assertThat(asked).as("no time was left").isEmpty();
        assertThat(node.view("p").cpus().size()).isEqualTo(4);
    }

    @Test
    void theHintsOfAnExplanationKnowTheDevices() {
        PodSandboxRequest pod = pod("p", Map.of());
        specs.describe(pod, TRAINING);

        assertThat(node.brain.explain(pod).origin().devices()).containsOnlyKeys("train");
        assertThat(node.brain.explain(pod).hints().getFirst().hint().nodes().toString())
                .isEqualTo("1");
    }
}
