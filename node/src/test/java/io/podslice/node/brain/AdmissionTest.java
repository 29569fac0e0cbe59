package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.ResourceList;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeView;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
    private static final Map<String, String> FOUR =
            spec("{'resources':{'requests':{'cpu':'4','memory':'4Gi'},'limits':{'cpu':'4','memory':'4Gi'}},"
                    + "'containers':[{'name':'a','resources':{'limits':{'cpu':'2','memory':'1Gi'}}},{'name':'b'}]}");
    private static final Map<String, String> FORTY =
            spec("{'resources':{'limits':{'cpu':'40','memory':'4Gi'}}," + "'containers':[{'name':'a'}]}");
    private static final Map<String, String> BURSTABLE = spec("{'resources':{'requests':{'cpu':'1'},"
            + "'limits':{'cpu':'2','memory':'4Gi'}},'containers':[{'name':'a'}]}");

    private final BrainFixture node = new BrainFixture();

    private Refusal refused(PodSandboxRequest pod) {
        Verdict verdict = node.decide(new NodeRequest.RunPodSandbox(pod));
        assertThat(verdict).isInstanceOf(Verdict.Refuse.class);
        return ((Verdict.Refuse) verdict).refusal();
    }

    private Verdict.Proceed let(PodSandboxRequest pod) {
        Verdict verdict = node.decide(new NodeRequest.RunPodSandbox(pod));
        assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        return (Verdict.Proceed) verdict;
    }

    @Test
    void aPodThatDoesNotFitIsRefusedWithTheNumbersAndLeavesNothing() {
        Map<String, String> before = node.files.everything();

        Refusal refusal = refused(node.pod("big", "/kubepods/podbig", FORTY));

        assertThat(refusal.reason()).isEqualTo("UnexpectedAdmissionError");
        assertThat(refusal.kind()).isEqualTo(Refusal.Kind.PRECONDITION);
        assertThat(refusal.message()).contains("requested=40, available=31");
        assertThat(node.files.everything()).isEqualTo(before);
        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    @Test
    void aPodThatDoesNotFitNowIsTriedAgainLater() {
        node.run(node.pod("one", "/kubepods/podone", many(28)), "sb1");

        Refusal refusal = refused(node.pod("two", "/kubepods/podtwo", FOUR));
        assertThat(refusal.kind()).isEqualTo(Refusal.Kind.EXHAUSTED);

        node.brain.happened(new NodeEvent.SandboxStopped("sb1"));
        assertThat(node.run(node.pod("two", "/kubepods/podtwo", FOUR), "sb2")).isNull();
    }

    private static Map<String, String> many(int cpus) {
        return spec("{'resources':{'limits':{'cpu':'" + cpus + "','memory':'4Gi'}},'containers':[{'name':'a'}]}");
    }

    @Test
    void aBurstablePodGetsItsBudgetAndNoCpus() {
        node.run(node.pod("b", "/kubepods/burstable/podb", BURSTABLE), "sb1");

        assertThat(node.files.get("/kubepods/burstable/podb", "cpu.max")).isEqualTo("200000 100000");
        assertThat(node.files.get("/kubepods/burstable/podb", "cpu.weight")).isEqualTo("39");
        assertThat(node.files.get("/kubepods/burstable/podb", "memory.max")).isEqualTo("4294967296");
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(node.machine.cpuSet());
        assertThat(node.files.get("/kubepods/burstable/podb", "cpuset.cpus")).isEmpty();
    }

    @Test
    void aCgroupThatIsThereAlreadyIsBroughtToTheBudget() {
        CgroupPath path = node.files.makeAll("/kubepods/podb");
        node.files.set(path, "cpu.max", "100000 100000");

        node.run(node.pod("b", "/kubepods/podb", FOUR), "sb1");
        assertThat(node.files.get("/kubepods/podb", "cpu.max")).isEqualTo("400000 100000");

        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));
        assertThat(node.files.exists(path)).isTrue();
    }

    @Test
    void whenTheRuntimeFailsEverythingIsAsBefore() {
        Map<String, String> before = node.files.everything();

        let(node.pod("a", "/kubepods/poda", FOUR)).completion().failed();

        assertThat(node.files.everything()).isEqualTo(before);
        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    @Test
    void whenTheRuntimeFailsACgroupThatWasThereSaysWhatItSaid() {
        node.files.makeAll("/kubepods/poda");
        node.files.set(new CgroupPath("/kubepods/poda"), "cpu.max", "50000 100000");
        Map<String, String> before = node.files.everything();

        Verdict.Proceed first = let(node.pod("a", "/kubepods/poda", FOUR));
        let(node.pod("a", "/kubepods/poda", FOUR)).completion().failed();
        first.completion().failed();

        assertThat(node.files.everything()).isEqualTo(before);
    }

    @Test
    void aCallThatIsTriedAgainFindsThePodsCpus() {
        PodSandboxRequest pod = node.pod("a", "/kubepods/poda", FOUR);
        Verdict.Proceed first = let(pod);
        CpuSet cpus = node.view("a").cpus();

        Verdict.Proceed second = let(pod);
        first.completion().failed();
        assertThat(BrainFixture.complete(second, "sb1")).isNull();

        assertThat(node.view("a").cpus()).isEqualTo(cpus);
        assertThat(node.view("a").phase()).isEqualTo("RUNNING");
        assertThat(node.brain.snapshot().nodeSharedPool().size()).isEqualTo(28);
    }

    @Test
    void aNewSandboxOfThePodHasTheSameCpus() {
        PodSandboxRequest pod = node.pod("a", "/kubepods/poda", FOUR);
        node.run(pod, "sb1");
        node.run(node.pod("other", "/kubepods/podother", FOUR), "sb9");
        CpuSet cpus = node.view("a").cpus();

        node.run(pod, "sb2");
        node.brain.happened(new NodeEvent.SandboxStopped("sb1"));
        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));

        assertThat(node.view("a").cpus()).isEqualTo(cpus);
        assertThat(node.view("a").sandboxId()).isEqualTo("sb2");
    }

    @Test
    void aNewSandboxThatFailsLeavesTheRunningPodItsCpus() {
        PodSandboxRequest pod = node.pod("a", "/kubepods/poda", FOUR);
        node.run(pod, "sb1");
        NodeView before = node.brain.snapshot();

        let(pod).completion().failed();

        assertThat(node.brain.snapshot()).isEqualTo(before);
    }

    @Test
    void aPodThatWasStoppedIsPlacedAnew() {
        PodSandboxRequest pod = node.pod("a", "/kubepods/poda", FOUR);
        node.run(pod, "sb1");
        node.stopSandbox(pod, "sb1");
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(node.machine.cpuSet());
        assertThat(node.view("a").phase()).isEqualTo("STOPPED");

        node.run(pod, "sb2");
        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));

        assertThat(node.view("a").cpus().size()).isEqualTo(4);
    }

    @Test
    void anotherLivePodsCgroupIsRefused() {
        node.run(node.pod("a", "/kubepods/poda", FOUR), "sb1");

        assertThat(refused(node.pod("b", "/kubepods/poda", FOUR)).text())
                .isEqualTo("InvalidCgroupParent: linux.cgroup_parent \"/kubepods/poda\": is the cgroup of pod default/a"
                        + " (uid uid-a, cgroup /kubepods/poda)");
        assertThat(refused(node.pod("b", "/kubepods/poda/x", FOUR)).message())
                .startsWith("linux.cgroup_parent \"/kubepods/poda/x\": overlaps the cgroup of pod default/a");
    }

    @Test
    void anotherLivePodsUidIsRefused() {
        PodSandboxRequest first = node.pod("a", "/kubepods/poda", FOUR);
        node.run(first, "sb1");
        PodSandboxRequest copied = new PodSandboxRequest(
                "uid-a",
                "default",
                "copied",
                0,
                "/kubepods/podcopied",
                Map.of(),
                FOUR,
                LinuxResources.NONE,
                LinuxResources.NONE);

        assertThat(refused(copied).text())
                .isEqualTo("InvalidPodSpec: metadata.uid \"uid-a\": is that of pod default/a (uid uid-a, cgroup"
                        + " /kubepods/poda)");
        assertThat(node.view("a").cpus().size()).isEqualTo(4);

        node.stopSandbox(first, "sb1");
        assertThat(node.run(copied, "sb2")).isNull();
    }

    @Test
    void theCgroupOfALostPodIsTaken() {
        node.run(node.pod("a", "/kubepods/poda", FOUR), "sb1");
        node.files.removeAll(new CgroupPath("/kubepods/poda"));
        node.clock.advance(node.config.lostAfter().plusSeconds(1));

        assertThat(node.run(node.pod("b", "/kubepods/poda", FOUR), "sb2")).isNull();
        assertThat(node.brain.snapshot().pods())
                .extracting(NodeView.PodView::name)
                .containsExactly("b");
    }

    @Test
    void aWriteThatTheKernelRefusesUndoesTheAdmission() {
        Map<String, String> before = node.files.everything();
        node.files.beforeWrite = (file, value) -> {
            if (file.equals("/kubepods/burstable/cpuset.cpus") && !value.isEmpty()) {
                throw new CgroupException(Errno.EINVAL, file, value, "writing");
            }
        };

        Refusal refusal = refused(node.pod("a", "/kubepods/poda", FOUR));

        assertThat(refusal.kind()).isEqualTo(Refusal.Kind.INTERNAL);
        assertThat(refusal.message())
                .contains("/kubepods/burstable/cpuset.cpus")
                .contains("EINVAL");
        assertThat(node.files.everything()).isEqualTo(before);
        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    @Test
    void aStateThatCannotBeSavedUndoesTheAdmission() {
        Map<String, String> before = node.files.everything();
        node.store.broken = true;

        assertThat(refused(node.pod("a", "/kubepods/poda", FOUR)).message()).contains("disk full");
        assertThat(node.files.everything()).isEqualTo(before);
    }

    @Test
    void cpusThatTheParentDoesNotHaveAreNotGiven() {
        node.files.set(node.files.makeAll("/mine"), "cpuset.cpus", "8-15");
        Map<String, String> before = node.files.everything();

        Refusal refusal = refused(node.pod("a", "/mine/poda", FOUR));

        assertThat(refusal.kind()).isEqualTo(Refusal.Kind.PRECONDITION);
        assertThat(refusal.message())
                .contains("CPUs 0-1,16-17 of the pod's 0-1,16-17 are not in cpuset.cpus.effective of /mine, which"
                        + " is 8-15");
        assertThat(node.files.everything()).isEqualTo(before);
    }

    @Test
    void aPodOutsideTheRootOfPodsCanHaveCpusToo() {
        node.run(node.pod("a", "/mine/pods/a", FOUR), "sb1");
        node.run(node.pod("s", "/mine/pods/s", BURSTABLE), "sb2");

        assertThat(node.view("a").cpus()).isEqualTo(CpuSet.parse("0-1,16-17"));
        assertThat(node.files.get("/kubepods/burstable", "cpuset.cpus")).isEqualTo("2-15,18-31");
        assertThat(node.files.get("/mine/pods/s", "cpuset.cpus")).isEqualTo("2-15,18-31");
    }

    @Test
    void aGuaranteedPodOfTheKubeletIsTakenAtItsCriValues() {
        node.files.makeAll("/kubepods/podk");
        PodSandboxRequest pod = node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(2000, GI));

        assertThat(node.run(pod, "sb1")).isNull();

        assertThat(node.view("k").cpus()).isEqualTo(CpuSet.parse("0,16"));
        assertThat(node.view("k").inferred()).isTrue();
        // Its values are the kubelet's care.
        assertThat(node.files.get("/kubepods/podk", "cpu.max")).isEqualTo("max 100000");
    }

    @Test
    void theCgroupOfAPodThatNobodyMadeGetsItsCriValues() {
        node.run(node.pod("k", "/kubepods/burstable/podk", Map.of(), cpuAndMemory(1500, GI)), "sb1");

        assertThat(node.files.get("/kubepods/burstable/podk", "cpu.max")).isEqualTo("150000 100000");
        assertThat(node.files.get("/kubepods/burstable/podk", "memory.max")).isEqualTo("1073741824");
        node.files.removeAll(new CgroupPath("/kubepods/burstable/podk/sb1"));
        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));
        assertThat(node.files.exists(new CgroupPath("/kubepods/burstable/podk")))
                .isFalse();
    }

    @Test
    void overheadIsPartOfWhatTheCgroupGets() {
        PodSandboxRequest plain = node.pod("k", "/kubepods/burstable/podk", Map.of(), cpuAndMemory(1500, GI));
        PodSandboxRequest pod = new PodSandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                0,
                plain.cgroupParent(),
                Map.of(),
                Map.of(),
                plain.resources(),
                cpuAndMemory(250, GI));

        node.run(pod, "sb1");

        assertThat(node.files.get("/kubepods/burstable/podk", "cpu.max")).isEqualTo("175000 100000");
        assertThat(node.files.get("/kubepods/burstable/podk", "memory.max")).isEqualTo("2147483648");
    }

    @Test
    void desiredAllocatedAndActualAmountsAreAllWithoutTheOverhead() {
        for (String kind : List.of("inferred", "stated", "ofContainers")) {
            PodSandboxRequest plain = node.pod(
                    kind,
                    "/kubepods/burstable/pod" + kind,
                    switch (kind) {
                        case "stated" ->
                            spec(
                                    "{'resources':{'requests':{'cpu':'1500m','memory':'1Mi'},'limits':{'cpu':'1500m','memory':'1Gi'}},"
                                            + "'containers':[{'name':'a'}]}");
                        case "ofContainers" ->
                            spec("{'containers':[{'name':'a','resources':{'requests':{'cpu':'1500m','memory':'1Mi'},"
                                    + "'limits':{'cpu':'1500m','memory':'1Gi'}}}]}");
                        default -> Map.of();
                    },
                    cpuAndMemory(1500, GI));
            node.run(
                    new PodSandboxRequest(
                            plain.uid(),
                            plain.namespace(),
                            plain.name(),
                            0,
                            plain.cgroupParent(),
                            Map.of(),
                            plain.annotations(),
                            plain.resources(),
                            cpuAndMemory(250, GI)),
                    "sb-" + kind);

            NodeView.PodView view = node.view(kind);
            assertThat(node.files.get("/kubepods/burstable/pod" + kind, "cpu.max"))
                    .as(kind)
                    .isEqualTo("175000 100000");
            assertThat(view.allocated().limits()).as(kind).isEqualTo(ResourceList.of("1500m", "1Gi"));
            assertThat(view.desired()).as(kind).isEqualTo(view.allocated());
            assertThat(node.brain.actual(view).pod().resources().limits())
                    .as(kind)
                    .isEqualTo(view.allocated().limits());
            assertThat(view.overhead()).as(kind).isEqualTo(ResourceList.of("250m", "1Gi"));
        }
    }

    @Test
    void anInferredPodThatDoesNotFitShares() {
        node.files.makeAll("/kubepods/podk");

        assertThat(node.run(node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(64_000, GI)), "sb1"))
                .isNull();
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(node.machine.cpuSet());
    }

    @Test
    void whateverIsWrongAPodThatAsksNothingGoesOn() {
        node.run(node.pod("a", "/kubepods/poda", FOUR), "sb1");
        node.files.makeAll("/kubepods/podk");
        node.store.broken = true;
        node.files.beforeWrite = (file, value) -> {
            throw new CgroupException(Errno.EIO, file, value, "writing");
        };

        Verdict.Proceed proceed = let(node.pod("k", "/kubepods/podk", Map.of(), cpuAndMemory(2000, GI)));
        assertThat(proceed.resources()).isNull();
        assertThat(BrainFixture.complete(proceed, "sb2")).isNull();
    }

    @Test
    void podsThatAskNothingArePassedThroughWithoutAWrite() {
        node.files.makeAll("/kubepods/burstable/podk");
        LinuxResources shares = LinuxResources.NONE.withCpuShares(512);

        let(node.pod("k", "/kubepods/burstable/podk", Map.of(), shares));
        let(node.pod("l", "", Map.of(), shares));
        let(node.pod("m", "/kubepods.slice/kubepods-pod1.slice", Map.of(), cpuAndMemory(1000, GI)));
        let(node.pod("n", "/elsewhere/n", Map.of(), cpuAndMemory(1000, GI)));
        let(node.pod("o", "../o", Map.of(), cpuAndMemory(1000, GI)));

        assertThat(node.files.writes).isEmpty();
        assertThat(node.brain.snapshot().pods()).isEmpty();
    }
}
