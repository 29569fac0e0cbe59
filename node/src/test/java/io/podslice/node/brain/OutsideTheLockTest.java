package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RuntimeContents;
import io.podslice.node.Verdict;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pod's annotations are read, and its devices looked up, while the rest of the node goes on: on every way into the brain. */
final class OutsideTheLockTest {
    private static final Map<String, String> PLAIN =
            spec("{'resources':{'requests':{'cpu':'2','memory':'1Gi'},'limits':{'cpu':'2','memory':'1Gi'}},"
                    + "'containers':[{'name':'a','resources':{'limits':{'cpu':'1','memory':'512Mi'}}},{'name':'b'}]}");

    private final BrainFixture node = new BrainFixture(
            BrainFixture.MACHINE,
            BrainFixture.withPolicy(
                    PlacementPolicy.DEFAULT.withTopologyManager(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD)));
    private int lookups;

    @BeforeEach
    void devicesThatNeedTheNodeToGoOn() {
        node.devices = device -> {
            lookups++;
            CompletableFuture<Integer> other = CompletableFuture.supplyAsync(
                    () -> node.brain.snapshot().pods().size());
            try {
                assertThat(other.get(30, TimeUnit.SECONDS)).isNotNegative();
            } catch (TimeoutException | InterruptedException | ExecutionException e) {
                throw new AssertionError("device " + device + " is looked up under the lock", e);
            }
            if (device.equals("/dev/none")) {
                throw new IOException("device \"" + device + "\": no such file");
            }
            return CpuSet.of(1);
        };
        node.start();
    }

    private PodSandboxRequest withDevice(String name, String device) {
        Map<String, String> annotations = new HashMap<>(PLAIN);
        annotations.put("podslice.io/devices.a", device);
        return node.pod(name, "/kubepods/pod" + name, annotations);
    }

    @Test
    void ofANewPod() {
        assertThat(node.run(withDevice("x", "/dev/near"), "sb1")).isNull();

        assertThat(lookups).isEqualTo(1);
        assertThat(node.view("x").numaNodes()).isEqualTo(CpuSet.of(1));
    }

    @Test
    void ofANewPodByNri() {
        Verdict verdict = node.decide(new NodeRequest.ConfirmPodSandbox("sb1", withDevice("x", "/dev/near")));

        assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        assertThat(lookups).isEqualTo(1);
    }

    @Test
    void ofAPodThatItsContainerShows() {
        PodSandboxRequest pod = withDevice("x", "/dev/near");
        node.files.makeAll(pod.cgroupParent() + "/sb1");

        assertThat(node.decide(new NodeRequest.CreateContainer(node.container(pod, "sb1", "a", LinuxResources.NONE))))
                .isInstanceOf(Verdict.Proceed.class);
        assertThat(lookups).isEqualTo(1);
        assertThat(node.cpusOf("x", "a").size()).isEqualTo(1);

        PodSandboxRequest other = withDevice("y", "/dev/near");
        node.files.makeAll(other.cgroupParent() + "/sb2");
        NodeRequest confirmation =
                new NodeRequest.ConfirmContainer("c2", node.container(other, "sb2", "a", LinuxResources.NONE));
        assertThat(node.decide(confirmation)).isInstanceOf(Verdict.Proceed.class);
        assertThat(node.decide(confirmation)).isInstanceOf(Verdict.Proceed.class);
        assertThat(lookups).isEqualTo(2);
        assertThat(node.cpusOf("y", "a").size()).isEqualTo(1);
    }

    @Test
    void ofAPodThatRunsAlready() throws IOException {
        PodSandboxRequest pod = withDevice("x", "/dev/near");
        node.files.makeAll(pod.cgroupParent() + "/sb1");

        node.brain.synchronize(
                known -> new RuntimeContents(List.of(new RuntimeContents.Sandbox("sb1", pod, true, 1)), List.of()));

        assertThat(lookups).isEqualTo(1);
        assertThat(node.view("x").numaNodes()).isEqualTo(CpuSet.of(1));
    }

    @Test
    void ofAnExplanation() {
        assertThat(node.brain.explain(withDevice("x", "/dev/near")).hints()).isNotEmpty();
    }

    @Test
    void aDeviceThatIsGoneTakesNothingFromAPodWhoseSandboxIsMadeAnew() {
        PodSandboxRequest pod = withDevice("x", "/dev/near");
        assertThat(node.run(pod, "sb1")).isNull();
        node.devices = device -> {
            throw new IOException("device \"" + device + "\": no such file");
        };
        node.start();

        assertThat(node.run(pod, "sb2")).isNull();
        assertThat(node.run(withDevice("y", "/dev/none"), "sb3"))
                .extracting(Refusal::message)
                .asString()
                .isEqualTo("podslice.io/devices.a: device \"/dev/none\": no such file");
    }
}
