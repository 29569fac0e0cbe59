package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.RuntimeContents;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.Verdict;
import io.podslice.node.state.NodeState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A limit that differs from its record is not written by an action that is not about it. */
final class UnaskedLimitsTest {
    private static final long MI = 1L << 20;
    private static final String DB =
            "{'name':'db','resources':{'requests':{'cpu':'2','memory':'512Mi'},'limits':{'cpu':'2','memory':'512Mi'}}}";
    private static final String LOG =
            "{'name':'log','resources':{'requests':{'cpu':'1','memory':'512Mi'},'limits':{'cpu':'1','memory':'512Mi'}}}";
    private static final Map<String, String> WITH_POD =
            spec("""
            {'resources':{'requests':{'cpu':'6','memory':'4Gi'},'limits':{'cpu':'6','memory':'4Gi'}},
             'containers':[DB,LOG]}""".replace("DB", DB).replace("LOG", LOG));
    private static final Map<String, String> CONTAINERS_ALONE =
            spec("{'containers':[DB,LOG]}".replace("DB", DB).replace("LOG", LOG));

    private final BrainFixture node = new BrainFixture();
    private final List<LinuxResources> told = new ArrayList<>();

    /** The memory limit that the runtime has stored for each container, in bytes. */
    private long stored = GI;

    @BeforeEach
    void runtime() {
        node.runtime = new RuntimeUpdates() {
            @Override
            public boolean isConnected() {
                return true;
            }

            @Override
            public boolean update(String containerId, LinuxResources resources) {
                told.add(resources);
                return true;
            }

            @Override
            public long storedMemoryLimit(String containerId) {
                return stored;
            }
        };
        node.start();
    }

    private PodSandboxRequest run(Map<String, String> annotations, LinuxResources accounted) {
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", annotations, accounted);
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db", cpuAndMemory(2000, 512 * MI));
        node.create(pod, "sb", "log", cpuAndMemory(1000, 512 * MI));
        return pod;
    }

    /** Starts "db" anew with 1Gi, of which it uses 900Mi. */
    private CgroupPath startedAnew(PodSandboxRequest pod) {
        CgroupPath path = new CgroupPath("/kubepods/podp/" + idOf("sb", "db"));
        node.brain.happened(new NodeEvent.ContainerStopped(idOf("sb", "db")));
        node.files.removeAll(path);
        ContainerRequest request = new ContainerRequest("sb", pod, "db", 1, Map.of(), Map.of(), cpuAndMemory(2000, GI));
        Verdict.Proceed proceed = (Verdict.Proceed) node.decide(new NodeRequest.CreateContainer(request));
        assertThat(BrainFixture.complete(proceed, idOf("sb", "db"))).isNull();
        node.files.create(path);
        node.files.set(path, "memory.max", Long.toString(GI));
        node.files.set(path, "memory.current", Long.toString(900 * MI));
        return path;
    }

    private ResizeAnswer resize(Map<String, ResourceRequirements> containers) {
        return node.brain.resize(
                new ResizeRequest("default", "p", Optional.empty(), new TreeMap<>(containers), 0, false));
    }

    private static ResourceRequirements cpu(String amount) {
        ResourceList amounts = ResourceList.EMPTY.with(ResourceName.CPU, Quantity.parse(amount));
        return new ResourceRequirements(amounts, amounts);
    }

    private static ResourceRequirements memory(String amount) {
        ResourceList amounts = ResourceList.EMPTY.with(ResourceName.MEMORY, Quantity.parse(amount));
        return new ResourceRequirements(amounts, amounts);
    }

    private void assertMemoryStays(CgroupPath path) {
        assertThat(node.files.read(path, "memory.max")).isEqualTo(Long.toString(GI));
        assertThat(told)
                .isNotEmpty()
                .allSatisfy(update -> assertThat(update.memoryLimitBytes()).isNotEqualTo(512 * MI));
    }

    @Test
    void aContainerThatTheKubeletHasStartedWithMoreMemoryKeepsItWhenItsCpuIsResized() {
        CgroupPath db = startedAnew(run(WITH_POD, cpuAndMemory(6000, 4 * GI)));

        assertThat(resize(Map.of("db", cpu("3")))).isInstanceOf(ResizeAnswer.Done.class);

        assertMemoryStays(db);
        assertThat(node.cpusOf("p", "db").size()).isEqualTo(3);
    }

    @Test
    void withoutAPodLimitNothingIsDeferredForMemoryOfWhichNoClientSpoke() {
        CgroupPath db = startedAnew(run(CONTAINERS_ALONE, cpuAndMemory(3000, GI)));

        assertThat(resize(Map.of("db", cpu("3")))).isInstanceOf(ResizeAnswer.Done.class);

        assertMemoryStays(db);
    }

    @Test
    void aContainerThatCrictlHasStartedWithMoreMemoryKeepsIt() {
        CgroupPath db = startedAnew(run(WITH_POD, LinuxResources.NONE));

        assertThat(resize(Map.of("db", cpu("3")))).isInstanceOf(ResizeAnswer.Done.class);

        assertMemoryStays(db);
    }

    @Test
    void aMemoryResizeIsComparedWithTheLimitInForceAndNotWithItsRecord() {
        CgroupPath db = startedAnew(run(WITH_POD, LinuxResources.NONE));

        ResizeAnswer answer = resize(Map.of("db", memory("768Mi")));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        ResizeAnswer.Deferred.class,
                        it -> assertThat(it.refusal().message())
                                .isEqualTo(
                                        "cannot decrease memory limits: attempting to set container \"db\" memory limit"
                                                + " (805306368) below current usage (943718400)"));
        assertThat(node.files.read(db, "memory.max")).isEqualTo(Long.toString(GI));
    }

    @Test
    void aPodsTotalThatTheKubeletHasAccountedStaysWhenAContainersCpuIsResized() {
        run(CONTAINERS_ALONE, cpuAndMemory(3000, GI));
        Verdict.Proceed more = (Verdict.Proceed) node.decide(
                new NodeRequest.UpdatePodSandbox("sb", Map.of(), LinuxResources.NONE, cpuAndMemory(3000, 3 * GI / 2)));
        assertThat(BrainFixture.complete(more, "sb")).isNull();

        assertThat(resize(Map.of("db", cpu("3")))).isInstanceOf(ResizeAnswer.Done.class);

        assertThat(node.files.get("/kubepods/podp", "memory.max")).isEqualTo(Long.toString(3 * GI / 2));
    }

    @Test
    void aRequestAloneWritesNoLimit() {
        Map<String, String> burstable = spec("""
                {'containers':[{'name':'db','resources':{'requests':{'cpu':'1','memory':'256Mi'},
                                                         'limits':{'cpu':'2','memory':'512Mi'}}}]}""");
        PodSandboxRequest pod = node.pod("p", "/kubepods/burstable/podp", burstable);
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db");
        CgroupPath db = new CgroupPath("/kubepods/burstable/podp/" + idOf("sb", "db"));
        node.files.set(db, "memory.max", Long.toString(GI));
        node.files.set(db, "memory.current", Long.toString(900 * MI));
        node.files.set(db, "cpu.max", "150000 100000");

        ResizeAnswer answer = resize(Map.of(
                "db", new ResourceRequirements(ResourceList.of("1500m", "384Mi"), ResourceList.of("2", "512Mi"))));

        assertThat(answer).isInstanceOf(ResizeAnswer.Done.class);
        assertThat(node.files.read(db, "memory.max")).isEqualTo(Long.toString(GI));
        assertThat(node.files.read(db, "cpu.max")).isEqualTo("150000 100000");
        assertThat(node.files.read(db, "cpu.weight")).isEqualTo("138");
        assertThat(told).allSatisfy(update -> {
            assertThat(update.memoryLimitBytes()).isZero();
            assertThat(update.cpuQuotaMicros()).isZero();
        });
    }

    @Test
    void whatACrashLeftIsNotTakenBackBelowWhatIsUsedSince() {
        run(WITH_POD, cpuAndMemory(6000, 4 * GI));
        CgroupPath pod = new CgroupPath("/kubepods/podp");
        node.files.set(pod, "memory.max", Long.toString(8 * GI));
        node.files.set(pod, "memory.current", Long.toString(5 * GI));
        node.store.undo = Plan.of(
                new Step.WriteFile(pod, "memory.max", Long.toString(4 * GI)),
                new Step.WriteFile(pod, "cpu.weight", "17"));

        node.start();

        assertThat(node.files.read(pod, "memory.max")).isEqualTo(Long.toString(8 * GI));
        assertThat(node.files.read(pod, "cpu.weight")).isEqualTo("17");
    }

    @Test
    void anAdoptedContainerIsNotLimitedBelowWhatItUses() throws IOException {
        Map<String, String> inheriting = spec("""
                {'resources':{'requests':{'cpu':'2','memory':'1Gi'},'limits':{'cpu':'2','memory':'1Gi'}},
                 'containers':[{'name':'db'}]}""");
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", inheriting);
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db");
        CgroupPath db = new CgroupPath("/kubepods/podp/" + idOf("sb", "db"));
        node.files.set(db, "memory.max", "max");
        node.files.set(db, "memory.current", Long.toString(2 * GI));
        node.files.set(new CgroupPath("/kubepods/podp"), "memory.max", "max");
        node.files.set(new CgroupPath("/kubepods/podp"), "memory.current", Long.toString(2 * GI));
        node.store.saved = NodeState.EMPTY;
        node.start();

        var _ = node.brain.synchronize(known -> new RuntimeContents(
                List.of(new RuntimeContents.Sandbox("sb", pod, true, 0)),
                List.of(new RuntimeContents.Container(
                        idOf("sb", "db"), "sb", "db", true, 1, LinuxResources.NONE.withCpuShares(2048)))));

        assertThat(node.view("p").containers()).hasSize(1);
        assertThat(node.files.read(db, "memory.max")).isEqualTo("max");
    }

    /** The runtime writes all that it has stored with any update, and the kernel kills for a limit below what is used. */
    @Test
    void theRuntimeIsToldOfAContainerThatAnotherProgramHasRaisedOnceItUsesLess() {
        run(WITH_POD, cpuAndMemory(6000, 4 * GI));
        CgroupPath db = new CgroupPath("/kubepods/podp/" + idOf("sb", "db"));
        stored = 512 * MI;
        node.files.set(db, "memory.max", "max");
        node.files.set(db, "memory.current", Long.toString(900 * MI));

        assertThat(resize(Map.of("db", cpu("3")))).isInstanceOf(ResizeAnswer.Done.class);
        node.brain.sweep();

        assertThat(node.cpusOf("p", "db").size()).isEqualTo(3);
        assertThat(told).as("while 900Mi are in use").isEmpty();

        node.files.set(db, "memory.current", Long.toString(300 * MI));
        node.brain.sweep();

        assertThat(told).hasSize(1);
        node.brain.sweep();
        assertThat(told).hasSize(1);
    }

    @Test
    void aRunningContainerIsConfirmedWithNoLimitBelowItsPresentOne() {
        PodSandboxRequest pod = run(WITH_POD, cpuAndMemory(6000, 4 * GI));
        CgroupPath db = new CgroupPath("/kubepods/podp/" + idOf("sb", "db"));
        LinuxResources limited = LinuxResources.NONE.withMemoryLimit(512 * MI);
        node.files.set(db, "memory.max", Long.toString(512 * MI));

        assertThat(confirmed(pod, limited)).get().satisfies(update -> {
            assertThat(update.cpusetCpus()).isNotEmpty();
            assertThat(update.memoryLimitBytes()).isEqualTo(512 * MI);
        });

        node.files.set(db, "memory.max", "max");
        assertThat(confirmed(pod, limited)).as("raised by another program").isEmpty();
        node.files.set(db, "memory.max", Long.toString(GI));
        assertThat(confirmed(pod, limited)).as("raised by another program").isEmpty();
    }

    @Test
    void aRunningContainerWithoutALimitGetsNone() {
        Map<String, String> inheriting = spec("""
                {'resources':{'requests':{'cpu':'2','memory':'1Gi'},'limits':{'cpu':'2','memory':'1Gi'}},
                 'containers':[{'name':'db'}]}""");
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", inheriting);
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db");
        node.files.set(new CgroupPath("/kubepods/podp/" + idOf("sb", "db")), "memory.max", "max");

        assertThat(confirmed(pod, LinuxResources.NONE)).get().satisfies(update -> {
            assertThat(update.cpusetCpus()).isNotEmpty();
            assertThat(update.memoryLimitBytes()).isZero();
        });
    }

    /** Returns what the runtime would be told of "db", which runs, where that differs from what it has stored. */
    private Optional<LinuxResources> confirmed(PodSandboxRequest pod, LinuxResources stored) {
        ContainerRequest request = new ContainerRequest("sb", pod, "db", 0, Map.of(), Map.of(), stored);
        Verdict verdict = node.decide(new NodeRequest.ConfirmContainer(idOf("sb", "db"), request, true));
        return Optional.ofNullable(((Verdict.Proceed) verdict).resources());
    }
}
