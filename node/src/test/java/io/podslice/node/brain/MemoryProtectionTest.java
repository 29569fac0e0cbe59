package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeProtection;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Verdict;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Values of memory.min, memory.low and memory.high at all levels, and the moment of their writes. */
final class MemoryProtectionTest {
    private static final long MI = 1L << 20;
    private static final long ALLOCATABLE = 120L << 30;
    private static final MemoryQos TIERED = new MemoryQos(true, OptionalDouble.of(0.9), 4096, ALLOCATABLE);

    private static final String GUARANTEED = """
            {'containers': [
              {'name': 'a', 'resources': {'requests': {'cpu': '1', 'memory': '300Mi'},
                                          'limits': {'cpu': '1', 'memory': '300Mi'}}},
              {'name': 'b', 'resources': {'requests': {'cpu': '1', 'memory': '100Mi'},
                                          'limits': {'cpu': '1', 'memory': '100Mi'}}}]}""";
    private static final String BURSTABLE = """
            {'containers': [
              {'name': 'a', 'resources': {'requests': {'memory': '256Mi'}, 'limits': {'memory': '512Mi'}}},
              {'name': 'b', 'resources': {'requests': {'memory': '128Mi'}}}]}""";
    private static final String BEST_EFFORT = "{'containers': [{'name': 'a'}]}";

    private final BrainFixture node = new BrainFixture(BrainFixture.MACHINE, config(TIERED));
    private final PodSandboxRequest guaranteed =
            node.pod("g", "/kubepods/podg", BrainFixture.spec(GUARANTEED), BrainFixture.cpuAndMemory(2000, 400 * MI));
    private final PodSandboxRequest burstable = node.pod("b", "/kubepods/burstable/podb", BrainFixture.spec(BURSTABLE));
    private final PodSandboxRequest bestEffort =
            node.pod("e", "/kubepods/besteffort/pode", BrainFixture.spec(BEST_EFFORT));

    private static NodeConfig config(MemoryQos qos) {
        return new NodeConfig(
                PlacementPolicy.DEFAULT, new CgroupPath("/kubepods"), Cfs.DEFAULT, NodeConfig.DEFAULT.lostAfter(), qos);
    }

    private void restart(MemoryQos qos) {
        node.config = config(qos);
        node.start();
    }

    private void runAll() {
        start(guaranteed, "a", "b");
        start(burstable, "a", "b");
        start(bestEffort, "a");
    }

    /** Writes the container's cgroup files as the runtime does: with the values that it was created with. */
    private void start(PodSandboxRequest pod, String... containers) {
        String sandbox = "sb-" + pod.name();
        assertThat(node.run(pod, sandbox)).isNull();
        for (String name : containers) {
            LinuxResources resources = node.create(pod, sandbox, name);
            CgroupPath path = new CgroupPath(pod.cgroupParent() + "/" + BrainFixture.idOf(sandbox, name));
            resources.unified().forEach((file, value) -> node.files.set(path, file, value));
        }
    }

    private void remove(PodSandboxRequest pod) {
        node.stopSandbox(pod, "sb-" + pod.name());
        node.brain.happened(new NodeEvent.SandboxRemoved("sb-" + pod.name()));
    }

    private String min(String path) {
        return node.files.get(path, "memory.min");
    }

    private String low(String path) {
        return node.files.get(path, "memory.low");
    }

    private String high(String path) {
        return node.files.get(path, "memory.high");
    }

    private static String mebi(long amount) {
        return Long.toString(amount * MI);
    }

    /** The formula of KEP-2570. */
    private static String between(long request, long limit) {
        return Long.toString((long) Math.floor((request + 0.9 * (limit - request)) / 4096) * 4096);
    }

    @Test
    void allLevelsSayWhatTheTableSays() {
        runAll();

        assertThat(min("/kubepods")).isEqualTo(mebi(400 + 384));
        assertThat(low("/kubepods")).isEqualTo(mebi(384));
        assertThat(min("/kubepods/burstable")).isEqualTo("0");
        assertThat(low("/kubepods/burstable")).isEqualTo(mebi(384));
        assertThat(low("/kubepods/besteffort")).isEqualTo("0");

        assertThat(min("/kubepods/podg")).isEqualTo(mebi(400));
        assertThat(low("/kubepods/podg")).isEqualTo("0");
        assertThat(high("/kubepods/podg")).isEqualTo("max");
        assertThat(min("/kubepods/podg/sb-g-a")).isEqualTo(mebi(300));
        assertThat(high("/kubepods/podg/sb-g-a")).isEqualTo("max");
        assertThat(min("/kubepods/podg/sb-g-b")).isEqualTo(mebi(100));

        assertThat(min("/kubepods/burstable/podb")).isEqualTo("0");
        assertThat(low("/kubepods/burstable/podb")).isEqualTo(mebi(384));
        assertThat(low("/kubepods/burstable/podb/sb-b-a")).isEqualTo(mebi(256));
        assertThat(high("/kubepods/burstable/podb/sb-b-a")).isEqualTo("510025728");
        assertThat(high("/kubepods/burstable/podb/sb-b-b")).isEqualTo(between(128 * MI, ALLOCATABLE));

        assertThat(min("/kubepods/besteffort/pode")).isEqualTo("0");
        assertThat(low("/kubepods/besteffort/pode")).isEqualTo("0");
        assertThat(high("/kubepods/besteffort/pode/sb-e-a")).isEqualTo(between(0, ALLOCATABLE));

        assertThat(node.brain.snapshot().memoryProtection()).isEqualTo(new NodeProtection(400 * MI, 384 * MI));
    }

    @Test
    void theRulesOf136ThrottleNoBestEffortContainerAndIgnoreThePodsLimit() {
        restart(new MemoryQos(true, OptionalDouble.of(0.9), MemoryQosVersion.V1_36, 0, 4096, ALLOCATABLE));
        PodSandboxRequest whole = node.pod("w", "/kubepods/burstable/podw", BrainFixture.spec("""
                        {'resources': {'requests': {'memory': '256Mi'}, 'limits': {'memory': '1Gi'}},
                         'containers': [{'name': 'a', 'resources': {'requests': {'memory': '64Mi'}}}]}"""));
        start(bestEffort, "a");
        start(whole, "a");

        assertThat(high("/kubepods/besteffort/pode/sb-e-a")).isEqualTo("max");
        assertThat(high("/kubepods/burstable/podw")).isEqualTo("max");
        // By the node's allocatable memory it would be above the pod's limit, where it would never throttle.
        assertThat(high("/kubepods/burstable/podw/sb-w-a")).isEqualTo("max");
        assertThat(node.files.get("/kubepods/burstable/podw/sb-w-a", "memory.max"))
                .isEqualTo(mebi(1024));
    }

    @Test
    void aPodWithResourcesAsAWholeIsThrottledItselfAndItsContainersByItsLimit() {
        PodSandboxRequest whole = node.pod("w", "/kubepods/burstable/podw", BrainFixture.spec("""
                        {'resources': {'requests': {'memory': '256Mi'}, 'limits': {'memory': '1Gi'}},
                         'containers': [{'name': 'a', 'resources': {'requests': {'memory': '64Mi'}}}]}"""));
        start(whole, "a");

        assertThat(high("/kubepods/burstable/podw")).isEqualTo(between(256 * MI, 1024 * MI));
        assertThat(high("/kubepods/burstable/podw/sb-w-a")).isEqualTo(between(64 * MI, 1024 * MI));
    }

    @Test
    void theSumsFollowEachPodAtOnce() {
        runAll();

        remove(burstable);

        assertThat(low("/kubepods/burstable")).isEqualTo("0");
        assertThat(low("/kubepods")).isEqualTo("0");
        assertThat(min("/kubepods")).isEqualTo(mebi(400));

        remove(guaranteed);

        assertThat(min("/kubepods")).isEqualTo("0");
        assertThat(node.brain.snapshot().memoryProtection()).isEqualTo(NodeProtection.NONE);
    }

    @Test
    void aGuaranteedPodBelowTheWrongClassIsProtectedThereToo() {
        PodSandboxRequest misplaced =
                node.pod("g", "/kubepods/burstable/podg", BrainFixture.spec(GUARANTEED), LinuxResources.NONE);
        PodSandboxRequest low = node.pod("b", "/kubepods/podb", BrainFixture.spec(BURSTABLE));
        start(misplaced, "a", "b");
        start(low, "a");

        assertThat(min("/kubepods/burstable")).isEqualTo(mebi(400));
        assertThat(low("/kubepods/burstable")).isEqualTo("0");
        assertThat(min("/kubepods")).isEqualTo(mebi(784));
        assertThat(low("/kubepods")).isEqualTo(mebi(384));
        remove(misplaced);
        assertThat(min("/kubepods/burstable")).isEqualTo("0");
    }

    @Test
    void headroomIsLeftOutOfWhatIsNeverReclaimed() {
        restart(new MemoryQos(true, OptionalDouble.empty(), MemoryQosVersion.V1_37, 20, 4096, ALLOCATABLE));
        runAll();

        assertThat(min("/kubepods/podg/sb-g-a")).isEqualTo(mebi(240));
        assertThat(min("/kubepods/podg")).isEqualTo(mebi(320));
        assertThat(min("/kubepods")).isEqualTo(mebi(320 + 384));
        assertThat(low("/kubepods/burstable/podb")).isEqualTo(mebi(384));
        assertThat(high("/kubepods/burstable/podb/sb-b-a")).isEqualTo("max");
    }

    @Test
    void switchedOffItIsTakenBackFromRunningPods() {
        runAll();
        Map<String, String> files = node.files.everything();
        assertThat(files.values()).contains(mebi(784));

        restart(MemoryQos.OFF);

        node.files.everything().forEach((file, value) -> {
            if (file.endsWith("memory.min") || file.endsWith("memory.low")) {
                assertThat(value).as(file).isEqualTo("0");
            }
            if (file.endsWith("memory.high")) {
                assertThat(value).as(file).isEqualTo("max");
            }
        });
        assertThat(node.store.saved.memoryQos()).isEqualTo(MemoryQos.OFF);
    }

    @Test
    void switchedOffItLeavesWhatOthersHaveWritten() {
        runAll();
        node.files.makeAll("/kubepods/podother");
        node.files.set(new CgroupPath("/kubepods/podother"), "memory.min", mebi(50));
        node.files.set(new CgroupPath("/kubepods"), "memory.min", mebi(5000));
        node.files.set(new CgroupPath("/kubepods/podg"), "memory.min", mebi(401));

        restart(MemoryQos.OFF);

        assertThat(min("/kubepods/podother")).isEqualTo(mebi(50));
        assertThat(min("/kubepods")).isEqualTo(mebi(5000));
        assertThat(min("/kubepods/podg")).isEqualTo(mebi(401));
        assertThat(min("/kubepods/podg/sb-g-a")).isEqualTo("0");
    }

    @Test
    void otherSettingsReachRunningPodsAtTheNextStart() {
        runAll();

        restart(new MemoryQos(true, OptionalDouble.of(0.5), 4096, ALLOCATABLE));

        assertThat(high("/kubepods/burstable/podb/sb-b-a")).isEqualTo(mebi(384));
        assertThat(min("/kubepods/podg")).isEqualTo(mebi(400));
        restart(new MemoryQos(true, OptionalDouble.empty(), 4096, ALLOCATABLE));
        assertThat(high("/kubepods/burstable/podb/sb-b-a")).isEqualTo("max");
    }

    @Test
    void whatSomebodyWroteOverIsPutRightByTheSweep() {
        runAll();
        node.files.set(new CgroupPath("/kubepods/burstable/podb/sb-b-a"), "memory.low", "0");
        node.files.set(new CgroupPath("/kubepods/burstable"), "memory.low", "4096");

        node.brain.sweep();

        assertThat(low("/kubepods/burstable/podb/sb-b-a")).isEqualTo(mebi(256));
        assertThat(low("/kubepods/burstable")).isEqualTo(mebi(384));
    }

    @Test
    void whatIsWrittenOverAgainAndAgainIsLeftForAMinuteOrUntilSomethingChanges() {
        runAll();
        CgroupPath path = new CgroupPath("/kubepods");
        for (int i = 0; i < 3; i++) {
            node.files.set(path, "memory.min", "4096");
            node.brain.sweep();
            assertThat(min("/kubepods")).isEqualTo(mebi(784));
        }
        node.files.set(path, "memory.min", "4096");

        node.brain.sweep();
        node.brain.sweep();

        assertThat(min("/kubepods")).isEqualTo("4096");
        remove(burstable);
        assertThat(min("/kubepods")).isEqualTo(mebi(400));
    }

    @Test
    void aSweepWithNothingToDoWritesNothing() {
        runAll();
        node.brain.sweep();
        node.files.writes.clear();

        node.brain.sweep();

        assertThat(node.files.writes).isEmpty();
    }

    @Test
    void aKubeletsLargerSumStays() {
        runAll();
        node.files.set(new CgroupPath("/kubepods"), "memory.min", mebi(2000));

        for (int i = 0; i < 5; i++) {
            node.brain.sweep();
        }
        remove(burstable);

        assertThat(min("/kubepods")).isEqualTo(mebi(2000));
    }

    @Test
    void whatTheKubeletSendsGivesWayToPodslices() {
        start(burstable);
        LinuxResources sent = LinuxResources.NONE
                .withMemoryLimit(512 * MI)
                .withUnified(Map.of("memory.min", "7", "memory.high", "9", "memory.oom.group", "1"));

        LinuxResources created = node.create(burstable, "sb-b", "a", sent);

        assertThat(created.unified())
                .containsEntry("memory.low", mebi(256))
                .containsEntry("memory.high", "510025728")
                .containsEntry("memory.oom.group", "1");
        Verdict.Proceed updated = (Verdict.Proceed)
                node.decide(new NodeRequest.UpdateContainer(BrainFixture.idOf("sb-b", "a"), Map.of(), sent));
        assertThat(updated.resources())
                .extracting(LinuxResources::unified)
                .isEqualTo(Map.of(
                        "memory.min", "7",
                        "memory.low", mebi(256),
                        "memory.high", "510025728",
                        "memory.oom.group", "1"));
    }

    /** A runtime writes all that it was ever told with each update. */
    @Test
    void anUpdateTakesBackWhatTheRuntimeWasToldBeforeTheSwitch() {
        runAll();
        String id = BrainFixture.idOf("sb-b", "a");
        LinuxResources cpus = LinuxResources.NONE.withCpuset("0-3", "");
        assertThat(unifiedOf(id, cpus))
                .isEqualTo(Map.of("memory.min", "0", "memory.low", mebi(256), "memory.high", "510025728"));

        restart(MemoryQos.OFF);

        assertThat(unifiedOf(id, cpus)).isEqualTo(Map.of("memory.min", "0", "memory.low", "0", "memory.high", "max"));
        assertThat(unifiedOf(id, cpus.withUnified(Map.of("memory.high", "5"))))
                .isEqualTo(Map.of("memory.min", "0", "memory.low", "0", "memory.high", "5"));
    }

    @Test
    void anUpdateUnderProtectionIsRememberedToo() {
        restart(MemoryQos.OFF);
        runAll();
        String id = BrainFixture.idOf("sb-b", "a");
        LinuxResources cpus = LinuxResources.NONE.withCpuset("0-3", "");
        assertThat(unifiedOf(id, cpus)).isEmpty();
        restart(TIERED);
        assertThat(unifiedOf(id, cpus)).containsEntry("memory.low", mebi(256));

        restart(MemoryQos.OFF);

        assertThat(unifiedOf(id, cpus)).containsEntry("memory.low", "0");
    }

    private Map<String, String> unifiedOf(String container, LinuxResources sent) {
        if (!(node.decide(new NodeRequest.UpdateContainer(container, Map.of(), sent))
                instanceof Verdict.Proceed proceed)) {
            throw new AssertionError("refused");
        }
        return proceed.resources() == null
                ? sent.unified()
                : proceed.resources().unified();
    }

    @Test
    void noFileSaysMoreThanTheLimitThatComesWithIt() {
        start(burstable);

        node.create(burstable, "sb-b", "a");

        assertThat(unifiedOf(BrainFixture.idOf("sb-b", "a"), LinuxResources.NONE.withMemoryLimit(200 * MI)))
                // Its request is its limit now: then there is no memory.high.
                .containsEntry("memory.high", "max")
                .containsEntry("memory.low", mebi(200));
    }

    @Test
    void withoutPoliciesNothingIsSaidOrWritten() {
        restart(MemoryQos.OFF);
        start(burstable);

        LinuxResources created = node.create(burstable, "sb-b", "a");

        assertThat(created.unified()).isEmpty();
        assertThat(node.files.writes).noneMatch(write -> write.contains("memory.low") || write.contains("memory.high"));
    }

    @Test
    void withoutAMemoryControllerItHasNoEffect() {
        node.files.set(CgroupPath.ROOT, "cgroup.controllers", "cpuset cpu");
        restart(TIERED);
        start(burstable);

        assertThat(node.create(burstable, "sb-b", "a").unified()).isEmpty();
        assertThat(low("/kubepods/burstable/podb")).isEqualTo("0");
    }

    @Test
    void whoeverSendsNoOomScoreGetsTheKubelets() {
        start(guaranteed);
        start(burstable);
        start(bestEffort);

        assertThat(node.create(guaranteed, "sb-g", "a").oomScoreAdj()).isEqualTo(-997);
        assertThat(node.create(burstable, "sb-b", "a").oomScoreAdj()).isEqualTo(999);
        assertThat(node.create(bestEffort, "sb-e", "a").oomScoreAdj()).isEqualTo(1000);
        LinuxResources critical = LinuxResources.NONE.withOomScoreAdj(-997);
        assertThat(node.create(burstable, "sb-b", "b", critical).oomScoreAdj()).isEqualTo(-997);
        PodSandboxRequest plain = node.pod("p", "/kubepods/burstable/podp", Map.of());
        start(plain);
        assertThat(node.create(plain, "sb-p", "a").oomScoreAdj()).isZero();
    }
}
