package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeView;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ResizeTest {
    private static final Map<String, String> PINNED = spec("""
            {'resources':{'requests':{'cpu':'4','memory':'8Gi'},'limits':{'cpu':'4','memory':'8Gi'}},
             'containers':[
               {'name':'db','resources':{'requests':{'cpu':'2','memory':'4Gi'},'limits':{'cpu':'2','memory':'4Gi'}}},
               {'name':'log'}]}""");
    private static final Map<String, String> SHARED = spec("""
            {'resources':{'requests':{'cpu':'1500m','memory':'4Gi'},'limits':{'cpu':'1500m','memory':'4Gi'}},
             'containers':[{'name':'a'},{'name':'b','resources':{'limits':{'cpu':'500m','memory':'1Gi'}}}]}""");

    private final BrainFixture node = new BrainFixture();

    private @Nullable Refusal resize(String sandboxId, LinuxResources to) {
        return resize(sandboxId, LinuxResources.NONE, to);
    }

    private @Nullable Refusal resize(String sandboxId, LinuxResources overhead, LinuxResources to) {
        return switch (node.decide(new NodeRequest.UpdatePodSandbox(sandboxId, Map.of(), overhead, to))) {
            case Verdict.Refuse(Refusal refusal) -> refusal;
            case Verdict.Proceed proceed -> BrainFixture.complete(proceed, sandboxId);
        };
    }

    /** Returns all that the pods have and that a refused resize must leave unchanged. */
    private List<Object> held() {
        List<Object> held = new ArrayList<>(List.of(node.brain.snapshot().nodeSharedPool()));
        for (NodeView.PodView pod : node.brain.snapshot().pods()) {
            held.addAll(List.of(pod.allocated(), pod.cpus(), pod.sharedPool(), pod.cgroupValues()));
            pod.containers().forEach(container -> held.addAll(List.of(container.allocated(), container.cpus())));
        }
        return held;
    }

    private Refusal refused(String sandboxId, LinuxResources to) {
        Map<String, String> before = node.files.everything();
        List<Object> held = held();
        Refusal refusal = resize(sandboxId, to);
        assertThat(node.files.everything()).isEqualTo(before);
        assertThat(held()).isEqualTo(held);
        if (refusal == null) {
            throw new AssertionError("not refused");
        }
        return refusal;
    }

    private PodSandboxRequest pinned() {
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", PINNED);
        node.run(pod, "sb1");
        node.create(pod, "sb1", "db");
        node.create(pod, "sb1", "log");
        node.steps.clear();
        return pod;
    }

    private PodSandboxRequest shared() {
        PodSandboxRequest pod = node.pod("s", "/kubepods/pods", SHARED);
        node.run(pod, "sb1");
        node.create(pod, "sb1", "a");
        node.create(pod, "sb1", "b");
        node.steps.clear();
        return pod;
    }

    @Test
    void upThePodsCgroupComesBeforeItsContainersAndMemoryBeforeCpu() {
        shared();

        assertThat(resize("sb1", cpuAndMemory(3000, 8 * GI))).isNull();

        assertThat(node.steps)
                .containsExactly(
                        "write /kubepods/pods/memory.max: 4294967296 -> 8589934592",
                        "write /kubepods/pods/sb1-a/memory.max: 4294967296 -> 8589934592",
                        "write /kubepods/pods/cpu.max: 150000 100000 -> 300000 100000",
                        "write /kubepods/pods/cpu.weight: 59 -> 118",
                        "write /kubepods/pods/sb1-a/cpu.max: 150000 100000 -> 300000 100000");
    }

    @Test
    void downItsContainersComeFirst() {
        shared();

        assertThat(resize("sb1", cpuAndMemory(1000, 2 * GI))).isNull();

        assertThat(node.steps)
                .containsExactly(
                        "write /kubepods/pods/sb1-a/memory.max: 4294967296 -> 2147483648",
                        "write /kubepods/pods/memory.max: 4294967296 -> 2147483648",
                        "write /kubepods/pods/sb1-a/cpu.max: 150000 100000 -> 100000 100000",
                        "write /kubepods/pods/cpu.weight: 59 -> 39",
                        "write /kubepods/pods/cpu.max: 150000 100000 -> 100000 100000");
    }

    @Test
    void aPinnedPodGrowsAfterTheOthersHaveGivenWay() {
        pinned();

        assertThat(resize("sb1", cpuAndMemory(6000, 8 * GI))).isNull();

        assertThat(node.steps)
                .containsExactly(
                        "write /kubepods/besteffort/cpuset.cpus: 2-15,18-31 -> 3-15,19-31",
                        "write /kubepods/burstable/cpuset.cpus: 2-15,18-31 -> 3-15,19-31",
                        "write /kubepods/podp/cpu.max: 400000 100000 -> 600000 100000",
                        "write /kubepods/podp/cpu.weight: 157 -> 235",
                        "write /kubepods/podp/sb1/cpuset.cpus: 1,17 -> 1-2,17-18",
                        "write /kubepods/podp/sb1-log/cpuset.cpus: 1,17 -> 1-2,17-18",
                        "write /kubepods/podp/sb1-log/cpu.max: 400000 100000 -> 600000 100000");
        assertThat(node.cpusOf("p", "db")).isEqualTo(CpuSet.parse("0,16"));
    }

    @Test
    void aPinnedPodShrinksBeforeTheOthersGetItsCpus() {
        pinned();
        resize("sb1", cpuAndMemory(6000, 8 * GI));
        node.steps.clear();

        assertThat(resize("sb1", cpuAndMemory(3000, 8 * GI))).isNull();

        assertThat(node.steps)
                .containsExactly(
                        "write /kubepods/podp/sb1/cpuset.cpus: 1-2,17-18 -> 1",
                        "write /kubepods/podp/sb1-log/cpuset.cpus: 1-2,17-18 -> 1",
                        "write /kubepods/podp/sb1-log/cpu.max: 600000 100000 -> 300000 100000",
                        "write /kubepods/podp/cpu.weight: 235 -> 118",
                        "write /kubepods/podp/cpu.max: 600000 100000 -> 300000 100000",
                        "write /kubepods/besteffort/cpuset.cpus: 3-15,19-31 -> 2-15,17-31",
                        "write /kubepods/burstable/cpuset.cpus: 3-15,19-31 -> 2-15,17-31");
    }

    @Test
    void theKubeletsStepsAddUp() {
        pinned();

        // Limit up with the old request, then the request: the pod is sized by its limit.
        assertThat(resize("sb1", cpuAndMemory(6000, 8 * GI).withCpuShares(4096)))
                .isNull();
        assertThat(node.view("p").cpus().size()).isEqualTo(6);
        assertThat(node.files.get("/kubepods/podp", "cpu.weight")).isEqualTo("157");
        assertThat(resize("sb1", cpuAndMemory(6000, 8 * GI))).isNull();
        assertThat(node.files.get("/kubepods/podp", "cpu.weight")).isEqualTo("235");
    }

    @Test
    void whatIsNotSaidStays() {
        pinned();

        assertThat(resize("sb1", LinuxResources.NONE.withMemoryLimit(10 * GI))).isNull();

        assertThat(node.steps)
                .containsExactly(
                        "write /kubepods/podp/memory.max: 8589934592 -> 10737418240",
                        "write /kubepods/podp/sb1-log/memory.max: 8589934592 -> 10737418240");
    }

    @Test
    void theSameAgainWritesNothing() {
        pinned();

        assertThat(resize("sb1", cpuAndMemory(4000, 8 * GI))).isNull();

        assertThat(node.steps).isEmpty();
    }

    @Test
    void overheadComesOnTop() {
        shared();

        assertThat(resize("sb1", cpuAndMemory(500, GI), cpuAndMemory(2000, 4 * GI)))
                .isNull();

        assertThat(node.files.get("/kubepods/pods", "cpu.max")).isEqualTo("250000 100000");
        assertThat(node.files.get("/kubepods/pods", "memory.max")).isEqualTo("5368709120");
        assertThat(node.files.get("/kubepods/pods/" + idOf("sb1", "a"), "cpu.max"))
                .isEqualTo("200000 100000");
    }

    @Test
    void aPinnedPodsLimitMustBeWhole() {
        pinned();

        Refusal refusal = refused("sb1", cpuAndMemory(4500, 8 * GI));

        assertThat(refusal.text())
                .isEqualTo("Infeasible: asked a CPU limit of 4500m; the pod has 4 CPUs of its own (0-1,16-17), which"
                        + " come whole: ask for 5");
    }

    @Test
    void itsContainersOwnCpusAreNotTaken() {
        pinned();

        assertThat(refused("sb1", cpuAndMemory(2000, 8 * GI)).text())
                .startsWith(
                        "Infeasible: asked 2 CPUs, at least 3 would fit; asked 2 CPUs; 2 of the pod's 4 are containers' own (0,16)");
    }

    @Test
    void itsContainersLimitsMustFit() {
        shared();

        assertThat(refused("sb1", cpuAndMemory(400, 4 * GI)).text())
                .isEqualTo("Infeasible: pod cpu limit of 400m must be greater than or equal to aggregate container"
                        + " requests of 500m");
    }

    @Test
    void whatIsTakenNowIsDeferredWithTheNumbers() {
        pinned();
        node.run(node.pod("big", "/kubepods/podbig", spec("""
                {'resources':{'requests':{'cpu':'26','memory':'8Gi'},'limits':{'cpu':'26','memory':'8Gi'}},
                 'containers':[{'name':'a'}]}""")), "sb2");

        Refusal refusal = refused("sb1", cpuAndMemory(6000, 8 * GI));

        assertThat(refusal.reason()).isEqualTo("Deferred");
        assertThat(refusal.kind()).isEqualTo(Refusal.Kind.EXHAUSTED);
        assertThat(refusal.message())
                .startsWith("asked 6 CPUs, 1 free, 5 fit; asked 6 CPUs, 2 more than the pod's 4 (0-1,16-17); free");
    }

    @Test
    void memoryBelowWhatIsUsedIsRefused() {
        shared();
        node.files.set(new CgroupPath("/kubepods/pods"), "memory.current", "3000000000");

        assertThat(refused("sb1", LinuxResources.NONE.withMemoryLimit(2 * GI)).text())
                .isEqualTo("Deferred: cannot decrease memory limits: attempting to set pod memory limit (2147483648)"
                        + " below current usage (3000000000)");
    }

    @Test
    void whatHasBeenTakenBetweenCheckAndAnswerIsRefusedThen() throws RefusedException {
        pinned();
        Verdict.Proceed proceed = (Verdict.Proceed) node.decide(
                new NodeRequest.UpdatePodSandbox("sb1", Map.of(), LinuxResources.NONE, cpuAndMemory(8000, 8 * GI)));
        node.run(node.pod("big", "/kubepods/podbig", spec("""
                {'resources':{'requests':{'cpu':'26','memory':'8Gi'},'limits':{'cpu':'26','memory':'8Gi'}},
                 'containers':[{'name':'a'}]}""")), "sb2");
        Map<String, String> before = node.files.everything();

        assertThat(BrainFixture.complete(proceed, "sb1"))
                .extracting(Refusal::reason)
                .isEqualTo("Deferred");
        assertThat(node.files.everything()).isEqualTo(before);
    }

    @Test
    void whenTheRuntimeFailsNothingHasChanged() {
        pinned();
        Map<String, String> before = node.files.everything();

        Verdict.Proceed proceed = (Verdict.Proceed) node.decide(
                new NodeRequest.UpdatePodSandbox("sb1", Map.of(), LinuxResources.NONE, cpuAndMemory(8000, 8 * GI)));
        proceed.completion().failed();

        assertThat(node.files.everything()).isEqualTo(before);
    }

    @Test
    void aStepThatTheKernelRefusesUndoesTheOthers() {
        pinned();
        node.files.beforeWrite = (file, value) -> {
            if (file.equals("/kubepods/podp/sb1-log/cpuset.cpus")) {
                throw new CgroupException(Errno.EBUSY, file, value, "writing");
            }
        };

        Refusal refusal = refused("sb1", cpuAndMemory(6000, 10 * GI));

        assertThat(refusal.kind()).isEqualTo(Refusal.Kind.INTERNAL);
        assertThat(refusal.message()).contains("EBUSY").contains("steps undone");
    }

    @Test
    void containersThatAreGoneDoNotMatter() {
        pinned();
        node.files.removeAll(new CgroupPath("/kubepods/podp/" + idOf("sb1", "log")));

        assertThat(resize("sb1", cpuAndMemory(6000, 10 * GI))).isNull();
    }

    @Test
    void anUpdateAfterTheResizeKeepsTheNewLimits() {
        pinned();
        resize("sb1", cpuAndMemory(6000, 10 * GI));

        Verdict verdict = node.decide(
                new NodeRequest.UpdateContainer(idOf("sb1", "log"), Map.of(), LinuxResources.NONE.withCpuShares(512)));

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Proceed.class, proceed -> {
            LinuxResources kept = proceed.resources();
            assertThat(kept).isNotNull();
            assertThat(List.of(kept == null ? "" : kept.cpusetCpus())).containsExactly("1-2,17-18");
            assertThat(kept == null ? 0 : kept.cpuQuotaMicros()).isEqualTo(600_000);
            assertThat(kept == null ? 0 : kept.memoryLimitBytes()).isEqualTo(10 * GI);
        });
    }

    @Test
    void unknownSandboxesPass() {
        assertThat(node.decide(new NodeRequest.UpdatePodSandbox(
                        "nobody", Map.of(), LinuxResources.NONE, cpuAndMemory(1000, GI))))
                .isEqualTo(new Verdict.Proceed(null, Completion.NONE));
    }
}
