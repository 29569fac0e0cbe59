package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.proto.v1.Container;
import io.podslice.proto.v1.GetPodRequest;
import io.podslice.proto.v1.ListPodsRequest;
import io.podslice.proto.v1.ListPodsResponse;
import io.podslice.proto.v1.NodeCondition;
import io.podslice.proto.v1.PlanPodRequest;
import io.podslice.proto.v1.PlanPodResponse;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodPhase;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.ResizeOutcome;
import io.podslice.proto.v1.ResizePodRequest;
import io.podslice.proto.v1.ResizePodResponse;
import io.podslice.proto.v1.Resources;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.proto.v1.StatusResponse;
import io.podslice.proto.v1.WatchPodsRequest;
import io.podslice.proto.v1.WatchPodsResponse;
import io.podslice.simulator.kubelet.RunningPod;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The node API of a podslice whose pods come through its shim. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NodeApiTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private DoorFixture node;
    private NodeApiClient api;

    @BeforeEach
    void start() throws IOException {
        node = new DoorFixture();
        api = new NodeApiClient(node.folder.resolve("podslice.sock"));
    }

    @AfterEach
    void end() throws IOException {
        api.close();
        node.close();
    }

    private static PodReference named(String name) {
        return PodReference.newBuilder().setNamespace("default").setName(name).build();
    }

    private Pod pod(String name) {
        return api.node(LONG)
                .getPod(GetPodRequest.newBuilder().setPod(named(name)).build())
                .getPod();
    }

    private void end(RunningPod pod) {
        node.kubelet.stop(pod);
        node.kubelet.remove(pod);
    }

    private static Resources both(String cpu, String memory) {
        return Resources.newBuilder()
                .putRequests("cpu", cpu)
                .putRequests("memory", memory)
                .putLimits("cpu", cpu)
                .putLimits("memory", memory)
                .build();
    }

    @Test
    void aPodIsShownWithWhatItHas() {
        node.kubelet.run(DoorFixture.pod("db", 4, 2));
        Pod pod = pod("db");
        assertThat(pod.getPhase()).isEqualTo(PodPhase.POD_PHASE_RUNNING);
        assertThat(pod.getUid()).isEqualTo("db-uid");
        assertThat(pod.getDesired()).isEqualTo(both("4", "2Gi"));
        assertThat(pod.getAllocated()).isEqualTo(both("4", "2Gi"));
        // The kernel keeps no memory request, and a weight does not distinguish 4 CPUs from 3996m.
        assertThat(pod.getActual())
                .isEqualTo(Resources.newBuilder()
                        .putRequests("cpu", "3996m")
                        .putLimits("cpu", "4")
                        .putLimits("memory", "2Gi")
                        .build());
        assertThat(pod.getMemoryProtection().getMemoryMax()).isEqualTo("2147483648");
        assertThat(pod.getCpus()).isEqualTo("0-1,8-9");
        assertThat(pod.getSharedPool()).isEqualTo("1,9");
        assertThat(pod.getNumaNodes()).isEqualTo("0");
        assertThat(pod.getConditionsList()).isEmpty();
        assertThat(pod.getContainersList())
                .extracting(Container::getName, Container::getIsolation, Container::getCpus)
                .containsExactly(tuple("app", "container", "0,8"), tuple("helper", "pod", "1,9"));
        assertThat(pod.getContainers(0).getActual().getLimitsMap()).isEqualTo(Map.of("memory", "1Gi"));
        assertThat(pod.getContainers(1).getActual().getLimitsMap()).isEqualTo(Map.of("cpu", "4", "memory", "2Gi"));
    }

    @Test
    void theNodeIsShownAsAWhole() {
        node.kubelet.run(DoorFixture.pod("db", 4, 2));
        StatusResponse status = api.node(LONG).status(StatusRequest.getDefaultInstance());
        assertThat(status.getCondition()).isEqualTo(NodeCondition.NODE_CONDITION_READY);
        assertThat(status.getCpus()).isEqualTo("0-15");
        assertThat(status.getSharedPool()).isEqualTo("2-7,10-15");
        assertThat(status.getExclusiveCpus()).isEqualTo("0,8");
        assertThat(status.getPods()).isEqualTo(1);
        assertThat(status.getRevision()).isPositive();
    }

    @Test
    void aPodIsResized() {
        RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));
        ResizePodRequest request = ResizePodRequest.newBuilder()
                .setPod(named("db"))
                .setResources(both("6", "3Gi"))
                .build();
        PlanPodResponse plan = api.node(LONG)
                .planPod(PlanPodRequest.newBuilder().setResize(request).build());
        assertThat(plan.getOutcome()).isEqualTo(ResizeOutcome.RESIZE_OUTCOME_DONE);
        assertThat(plan.getWritesList()).anySatisfy(write -> assertThat(write).contains("/cpu.max", "600000 100000"));
        assertThat(node.kernel.read(node.kubelet.cgroup(db.manifest()), "cpu.max"))
                .isEqualTo("400000 100000");

        ResizePodResponse done = api.node(LONG).resizePod(request);
        assertThat(done.getOutcome()).isEqualTo(ResizeOutcome.RESIZE_OUTCOME_DONE);
        assertThat(done.getWritesList())
                .contains("write " + node.kubelet.cgroup(db.manifest()) + "/cpu.max: 400000 100000 -> 600000 100000");
        assertThat(node.kernel.read(node.kubelet.cgroup(db.manifest()), "cpu.max"))
                .isEqualTo("600000 100000");
        assertThat(node.kernel.read(node.kubelet.cgroup(db.manifest()), "memory.max"))
                .isEqualTo("3221225472");
        assertThat(done.getPod().getAllocated()).isEqualTo(both("6", "3Gi"));
        assertThat(done.getPod().getCpus()).isEqualTo("0-2,8-10");
        assertThat(done.getPod()).isEqualTo(pod("db"));
    }

    @Test
    void aResizeThatDoesNotFitIsKeptAndShown() {
        node.kubelet.run(DoorFixture.pod("db", 4, 2));
        node.kubelet.run(DoorFixture.pod("other", 8, 2));
        ResizePodResponse deferred = api.node(LONG)
                .resizePod(ResizePodRequest.newBuilder()
                        .setPod(named("db"))
                        .setResources(both("12", "2Gi"))
                        .build());
        assertThat(deferred.getOutcome()).isEqualTo(ResizeOutcome.RESIZE_OUTCOME_DEFERRED);
        assertThat(deferred.getMessage()).isNotEmpty();
        Pod pod = pod("db");
        assertThat(pod.getDesired()).isEqualTo(both("12", "2Gi"));
        assertThat(pod.getAllocated()).isEqualTo(both("4", "2Gi"));
        assertThat(pod.getConditionsList()).singleElement().satisfies(condition -> {
            assertThat(condition.getType()).isEqualTo("PodResizePending");
            assertThat(condition.getReason()).isEqualTo("Deferred");
            assertThat(condition.getMessage()).isEqualTo(deferred.getMessage());
            assertThat(condition.getSince()).isNotEmpty();
        });
        assertThat(api.node(LONG).status(StatusRequest.getDefaultInstance()).getPendingResizes())
                .isEqualTo(1);
    }

    @Test
    void aWatcherSeesPodsComeChangeAndGo() {
        Iterator<WatchPodsResponse> watch = api.node().watchPods(WatchPodsRequest.getDefaultInstance());
        assertThat(watch.next()).satisfies(first -> {
            assertThat(first.getRelist()).isTrue();
            assertThat(first.getPodsList()).isEmpty();
        });
        RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));
        Pod latest = Pod.getDefaultInstance();
        while (latest.getContainersList().stream()
                .noneMatch(c -> c.getName().equals("helper") && !c.getId().isEmpty())) {
            WatchPodsResponse next = watch.next();
            assertThat(next.getRelist()).isFalse();
            latest = next.getPods(0);
            assertThat(latest.getRevision()).isLessThanOrEqualTo(next.getRevision());
        }
        end(db);
        WatchPodsResponse last = watch.next();
        while (last.getRemovedList().isEmpty()) {
            last = watch.next();
        }
        assertThat(last.getRemovedList())
                .containsExactly(named("db").toBuilder().setUid("db-uid").build());
    }

    @Test
    void aWatchGoesOnFromItsRevision() {
        RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));
        ListPodsResponse list = api.node(LONG).listPods(ListPodsRequest.getDefaultInstance());
        end(db);
        node.kubelet.run(DoorFixture.pod("other", 4, 2));
        WatchPodsResponse first = api.node(LONG)
                .watchPods(WatchPodsRequest.newBuilder()
                        .setRevision(list.getRevision())
                        .build())
                .next();
        assertThat(first.getRelist()).isFalse();
        assertThat(first.getRemovedList()).extracting(PodReference::getName).containsExactly("db");
        assertThat(first.getPodsList()).extracting(Pod::getName).containsExactly("other");
    }

    @Test
    void whoWatchedBeforeARestartGetsTheWholeList() throws IOException {
        node.kubelet.run(DoorFixture.pod("db", 4, 2));
        ListPodsResponse before = api.node(LONG).listPods(ListPodsRequest.getDefaultInstance());
        node.restartAgent();
        WatchPodsResponse first = api.node(LONG)
                .withWaitForReady()
                .watchPods(WatchPodsRequest.newBuilder()
                        .setRevision(before.getRevision())
                        .build())
                .next();
        assertThat(first.getRelist()).isTrue();
        assertThat(first.getPodsList()).extracting(Pod::getName).containsExactly("db");
        assertThat(first.getRevision()).isGreaterThan(before.getRevision());
    }

    @Test
    void whatCannotBeIsSaidWithFieldAndValue() {
        node.kubelet.run(DoorFixture.pod("db", 4, 2));
        expect(
                "INVALID_ARGUMENT: resources.limits[cpu]: \"four\":",
                resize("db", Resources.newBuilder().putLimits("cpu", "four").build()));
        expect(
                "INVALID_ARGUMENT: resources.requests[memory]: \"-1Gi\": must be greater than or equal to 0",
                resize(
                        "db",
                        Resources.newBuilder().putRequests("memory", "-1Gi").build()));
        expect(
                "INVALID_ARGUMENT: resources.limits[example.com/fpga]: \"1\": only cpu and memory resources are mutable",
                resize(
                        "db",
                        Resources.newBuilder()
                                .putLimits("example.com/fpga", "1")
                                .build()));
        expect("INVALID_ARGUMENT: resources: \"\": must name", resize("db", Resources.getDefaultInstance()));
        expect("NOT_FOUND: pod default/nobody: podslice manages no such pod", resize("nobody", both("1", "1Gi")));
        expect("INVALID_ARGUMENT: pod: \"\": must name a pod", ResizePodRequest.getDefaultInstance());
        expect(
                "INVALID_ARGUMENT: pod.namespace: \"\": must not be empty",
                ResizePodRequest.newBuilder()
                        .setPod(PodReference.newBuilder().setName("db"))
                        .build());
        assertThatThrownBy(() -> api.node(LONG)
                        .watchPods(WatchPodsRequest.newBuilder().setRevision(-1).build())
                        .next())
                .hasMessage("INVALID_ARGUMENT: revision: \"-1\": must be greater than or equal to 0");
        assertThatThrownBy(() -> api.node(LONG).planPod(PlanPodRequest.getDefaultInstance()))
                .hasMessage("INVALID_ARGUMENT: change: \"\": must name the change to plan: resize");
    }

    private static ResizePodRequest resize(String pod, Resources resources) {
        return ResizePodRequest.newBuilder()
                .setPod(named(pod))
                .setResources(resources)
                .build();
    }

    private void expect(String message, ResizePodRequest request) {
        assertThatThrownBy(() -> api.node(LONG).resizePod(request)).hasMessageStartingWith(message);
    }
}
