package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.Verdict;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Writes that the kernel checks against other files of the cgroup, which an administrator has set. */
final class CheckedWritesTest {
    private static final CgroupPath POD = new CgroupPath("/kubepods/burstable/podp");
    private static final Map<String, String> SPEC = spec("""
            {'resources':{'requests':{'cpu':'1500m','memory':'4Gi'},'limits':{'cpu':'4','memory':'4Gi'}},
             'containers':[{'name':'a'},
               {'name':'b','resources':
                 {'requests':{'cpu':'250m','memory':'1Gi'},'limits':{'cpu':'3','memory':'1Gi'}}}]}""");

    private final BrainFixture node = new BrainFixture();

    private PodSandboxRequest run(String name) {
        PodSandboxRequest pod = node.pod(name, "/kubepods/burstable/pod" + name, SPEC);
        assertThat(node.run(pod, "sb-" + name)).isNull();
        node.create(pod, "sb-" + name, "a");
        node.create(pod, "sb-" + name, "b");
        node.steps.clear();
        return pod;
    }

    private ResizeAnswer resize(String requests, String limits) {
        ResourceRequirements to =
                new ResourceRequirements(ResourceList.of(requests, "4Gi"), ResourceList.of(limits, "4Gi"));
        return node.brain.resize(new ResizeRequest("default", "p", Optional.of(to), new TreeMap<>(), 0, false));
    }

    private @Nullable Refusal resizeByCri(LinuxResources to) {
        return switch (node.decide(new NodeRequest.UpdatePodSandbox("sb-p", Map.of(), LinuxResources.NONE, to))) {
            case Verdict.Refuse(Refusal refusal) -> refusal;
            case Verdict.Proceed proceed -> BrainFixture.complete(proceed, "sb-p");
        };
    }

    @Test
    void aLimitBelowTheBurstLowersTheBurstFirst() {
        run("p");
        node.files.set(POD, "cpu.max.burst", "350000");

        assertThat(resize("1500m", "3")).isInstanceOf(ResizeAnswer.Done.class);

        assertThat(node.steps)
                .containsSubsequence(
                        "write /kubepods/burstable/podp/cpu.max.burst: 350000 -> 300000",
                        "write /kubepods/burstable/podp/cpu.max: 400000 100000 -> 300000 100000");

        node.files.set(POD, "cpu.max.burst", "300000");
        assertThat(resizeByCri(cpuAndMemory(3000, 4 * GI).withCpuShares(1536))).isNull();
        assertThat(node.files.read(POD, "cpu.max.burst")).isEqualTo("300000");
        node.files.set(new CgroupPath("/kubepods/burstable/podp/sb-p-b"), "cpu.max.burst", "300000");
        ResourceRequirements b = new ResourceRequirements(ResourceList.of("250m", "1Gi"), ResourceList.of("2", "1Gi"));
        assertThat(node.brain.resize(
                        new ResizeRequest("default", "p", Optional.empty(), new TreeMap<>(Map.of("b", b)), 0, false)))
                .isInstanceOf(ResizeAnswer.Done.class);
        assertThat(node.files.get("/kubepods/burstable/podp/sb-p-b", "cpu.max")).isEqualTo("200000 100000");
    }

    @Test
    void aResizeThatFailsPutsTheBurstBack() {
        run("p");
        node.files.set(POD, "cpu.max.burst", "350000");
        Map<String, String> before = node.files.everything();
        node.files.beforeWrite = (file, value) -> {
            if (file.equals(POD + "/cpu.weight")) {
                throw new CgroupException(Errno.EBUSY, file, value, "made to fail");
            }
        };

        assertThat(resize("1", "3")).isInstanceOf(ResizeAnswer.Failed.class);

        assertThat(node.files.everything()).isEqualTo(before);
    }

    @Test
    void aRequestOfAnIdleCgroupIsRefusedByNameAndGrantedOnceItIsIdleNoMore() {
        run("p");
        node.files.set(POD, "cpu.idle", "1");
        node.files.set(POD, "cpu.weight", "1");

        assertThat(resize("2", "4"))
                .isInstanceOfSatisfying(
                        ResizeAnswer.Deferred.class,
                        answer -> assertThat(answer.refusal().text())
                                .isEqualTo("Deferred: asked a CPU request of 2 in place of 1500m; cpu.idle of"
                                        + " /kubepods/burstable/podp is 1, and the kernel takes no cpu.weight there:"
                                        + " write 0 to it, or ask for other limits alone"));
        Refusal byCri = resizeByCri(LinuxResources.NONE.withCpuShares(2048));
        assertThat(byCri).isNotNull();
        assertThat(byCri == null ? "" : byCri.text()).startsWith("Deferred: ").contains("cpu.idle");
        assertThat(node.steps).isEmpty();

        node.files.set(POD, "cpu.idle", "0");
        assertThat(resize("2", "4")).isInstanceOf(ResizeAnswer.Done.class);
        assertThat(node.files.read(POD, "cpu.weight")).isEqualTo("79");
    }

    @Test
    void limitsOfAnIdleCgroupAreResized() {
        run("p");
        node.files.set(POD, "cpu.idle", "1");
        node.files.set(POD, "cpu.weight", "1");

        assertThat(resize("1500m", "3")).isInstanceOf(ResizeAnswer.Done.class);

        assertThat(node.files.read(POD, "cpu.max")).isEqualTo("300000 100000");
    }

    @Test
    void aRequestOfAnIdleContainerIsRefusedByName() {
        run("p");
        node.files.set(new CgroupPath("/kubepods/burstable/podp/sb-p-b"), "cpu.idle", "1");
        ResourceRequirements b = new ResourceRequirements(ResourceList.of("500m", "1Gi"), ResourceList.of("3", "1Gi"));

        assertThat(node.brain.resize(
                        new ResizeRequest("default", "p", Optional.empty(), new TreeMap<>(Map.of("b", b)), 0, false)))
                .isInstanceOfSatisfying(
                        ResizeAnswer.Deferred.class,
                        answer -> assertThat(answer.refusal().message())
                                .contains("cpu.idle of /kubepods/burstable/podp/sb-p-b is 1"));
        assertThat(node.steps).isEmpty();
    }

    @Test
    void aSweepGoesOnPastAnIdleCgroup() {
        run("p");
        run("q");
        String weight = node.files.read(POD, "cpu.weight");
        node.files.set(POD, "cpu.idle", "1");
        node.files.set(POD, "cpu.weight", "1");
        node.files.set(new CgroupPath("/kubepods/burstable/podq"), "cpu.max", "max 100000");

        node.brain.sweep();

        assertThat(node.steps).containsExactly("write /kubepods/burstable/podq/cpu.max: max 100000 -> 400000 100000");
        node.files.set(POD, "cpu.idle", "0");
        node.files.set(POD, "cpu.weight", "100");
        node.brain.sweep();
        assertThat(node.files.read(POD, "cpu.weight")).isEqualTo(weight);
    }

    @Test
    void aRepairThatTheKernelRefusesDoesNotKeepOtherPodsFromTheirs() {
        run("p");
        run("q");
        node.files.set(POD, "cpu.max", "max 100000");
        node.files.set(new CgroupPath("/kubepods/burstable/podq"), "cpu.max", "max 100000");
        node.files.beforeWrite = (file, value) -> {
            if (file.startsWith(POD.value())) {
                throw new CgroupException(Errno.EINVAL, file, value, "made to fail");
            }
        };

        node.brain.sweep();

        assertThat(node.files.get("/kubepods/burstable/podq", "cpu.max")).isEqualTo("400000 100000");
    }

    @Test
    void aSandboxThatIsMadeAnewRunsInAnIdleCgroupWithABurst() {
        node.files.makeAll(POD.value());
        PodSandboxRequest pod = run("p");
        node.files.set(POD, "cpu.idle", "1");
        node.files.set(POD, "cpu.weight", "1");
        node.files.set(POD, "cpu.max", "max 100000");
        node.files.set(POD, "cpu.max.burst", "500000");
        node.stopSandbox(pod, "sb-p");

        assertThat(node.run(pod, "sb2")).isNull();

        assertThat(node.files.read(POD, "cpu.max")).isEqualTo("400000 100000");
        assertThat(node.files.read(POD, "cpu.max.burst")).isEqualTo("400000");
    }
}
