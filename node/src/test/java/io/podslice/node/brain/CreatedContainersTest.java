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
import io.podslice.node.Door;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A container that is created and not started never starts on CPUs that its pod has given up. */
final class CreatedContainersTest {
    private static final Map<String, String> SIX = spec("""
            {'resources':{'requests':{'cpu':'6','memory':'6Gi'},'limits':{'cpu':'6','memory':'6Gi'}},
             'containers':[
               {'name':'db','resources':{'requests':{'cpu':'2','memory':'1Gi'},'limits':{'cpu':'2','memory':'1Gi'}}},
               {'name':'one'},{'name':'two'}]}""");

    private final BrainFixture node = new BrainFixture();

    /** The CPUs that the runtime has stored, by container. */
    private final Map<String, String> stored = new TreeMap<>();

    private final List<String> told = new ArrayList<>();
    private boolean reachable = true;

    @BeforeEach
    void runtime() {
        node.runtime = new RuntimeUpdates() {
            @Override
            public boolean isConnected() {
                return true;
            }

            @Override
            public boolean update(String containerId, LinuxResources resources) {
                if (reachable) {
                    told.add(containerId + " " + resources.cpusetCpus());
                    stored.put(containerId, viaNri(containerId, resources).cpusetCpus());
                }
                return reachable;
            }

            @Override
            public long storedMemoryLimit(String containerId) {
                return 0;
            }
        };
        node.start();
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", SIX);
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db");
        node.create(pod, "sb", "one");
        Verdict.Proceed two = (Verdict.Proceed)
                node.decide(new NodeRequest.CreateContainer(node.container(pod, "sb", "two", LinuxResources.NONE)));
        assertThat(BrainFixture.complete(two, idOf("sb", "two"))).isNull();
        stored.put(idOf("sb", "two"), Objects.requireNonNull(two.resources()).cpusetCpus());
    }

    /** Asks podslice as its runtime does with NRI on, about an update that comes from podslice itself. */
    private LinuxResources viaNri(String id, LinuxResources sent) {
        Verdict verdict = node.decide(new NodeRequest.UpdateContainer(id, Map.of(), sent, Door.NRI));
        LinuxResources answer = ((Verdict.Proceed) verdict).resources();
        return answer == null ? sent : answer;
    }

    private @Nullable Refusal resize(int cpus, Door door) {
        NodeRequest request = new NodeRequest.UpdatePodSandbox(
                "sb", Map.of(), LinuxResources.NONE, cpuAndMemory(1000L * cpus, 6 * GI), door);
        return switch (node.decide(request)) {
            case Verdict.Refuse(Refusal refusal) -> refusal;
            case Verdict.Proceed proceed -> BrainFixture.complete(proceed, "sb");
        };
    }

    private CpuSet storedOfTwo() {
        return CpuSet.parse(Objects.requireNonNull(stored.get(idOf("sb", "two"))));
    }

    /** Starts the container as the runtime would: it writes the CPUs that it has stored. */
    private CpuSet started() {
        CgroupPath path = node.files.makeAll("/kubepods/podp/" + idOf("sb", "two"));
        node.files.set(path, "cpuset.cpus", storedOfTwo().toString());
        node.brain.happened(new NodeEvent.ContainerStarted(idOf("sb", "two")));
        return CpuSet.parse(node.files.read(path, "cpuset.cpus"));
    }

    @Test
    void aShrinkByCriTakesTheCpusOutOfTheRuntimesRecordFirst() {
        assertThat(storedOfTwo().size()).isEqualTo(4);

        assertThat(resize(4, Door.CRI)).isNull();

        assertThat(storedOfTwo()).isEqualTo(node.cpusOf("p", "two"));
        assertThat(storedOfTwo().size()).isEqualTo(2);
        assertThat(told).hasSize(1);
        assertThat(started()).isEqualTo(node.cpusOf("p", "one"));
    }

    @Test
    void aShrinkByNriIsInForceBeforeTheContainersProcessStarts() {
        assertThat(resize(4, Door.NRI)).isNull();
        assertThat(told).as("the runtime waits for the answer").isEmpty();

        assertThat(started()).isEqualTo(node.cpusOf("p", "one"));

        node.brain.sweep();
        assertThat(storedOfTwo()).isEqualTo(node.cpusOf("p", "two"));
    }

    @Test
    void aSliceThatGrowsByCriTakesItsCpusOutOfTheRuntimesRecordFirst() {
        String db = idOf("sb", "db");
        Verdict verdict = node.decide(new NodeRequest.UpdateContainer(db, Map.of(), cpuAndMemory(4000, GI)));

        assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        assertThat(storedOfTwo()).isEqualTo(node.cpusOf("p", "two"));
        assertThat(storedOfTwo().intersects(node.cpusOf("p", "db"))).isFalse();

        ((Verdict.Proceed) verdict).completion().failed();
        node.brain.sweep();
        assertThat(storedOfTwo()).as("the slice did not grow").isEqualTo(node.cpusOf("p", "two"));
        assertThat(storedOfTwo().size()).isEqualTo(4);
    }

    @Test
    void aRuntimeThatCannotBeToldKeepsTheCpusThePods() {
        reachable = false;

        Refusal refusal = resize(4, Door.CRI);

        assertThat(Objects.requireNonNull(refusal).text())
                .isEqualTo(
                        "Deferred: container \"two\" is created and not started; the runtime cannot be told that it has"
                                + " CPUs 1,17 alone from now on");
        assertThat(node.view("p").cpus().size()).isEqualTo(6);
        reachable = true;
        assertThat(resize(4, Door.CRI)).isNull();
    }

    @Test
    void aShrinkThatFailsInTheEndGivesTheCpusBackToTheRuntimesRecord() {
        node.files.beforeWrite = (file, value) -> {
            if (file.endsWith("/cpuset.cpus")) {
                throw new CgroupException(Errno.EBUSY, file, value, "writing");
            }
        };
        assertThat(resize(4, Door.CRI)).isNotNull();
        node.files.beforeWrite = (file, value) -> {};

        node.brain.sweep();

        assertThat(storedOfTwo().size()).isEqualTo(4);
    }

    @Test
    void runningContainersAreNotToldOf() {
        started();
        told.clear();

        assertThat(resize(4, Door.CRI)).isNull();

        assertThat(told).isEmpty();
    }

    @Test
    void aContainerThatStartsOnItsCpusCausesNoWrite() {
        node.steps.clear();

        started();

        assertThat(node.steps).isEmpty();
    }

    @Test
    void anotherPodThatComesBetweenCreationAndStartHasItsCpusForItself() {
        // Containers of a pod with a slice alone share with the node, and carry the node's shared pool.
        PodSandboxRequest knobbed =
                node.pod("k", "/kubepods/burstable/podk", Map.of("podslice.io/exclusive.app", "true"));
        assertThat(node.run(knobbed, "sk")).isNull();
        node.create(knobbed, "sk", "app", LinuxResources.NONE.withCpuShares(2048));
        Verdict.Proceed side = (Verdict.Proceed) node.decide(
                new NodeRequest.CreateContainer(node.container(knobbed, "sk", "side", LinuxResources.NONE)));
        assertThat(BrainFixture.complete(side, "side")).isNull();
        CpuSet had = CpuSet.parse(Objects.requireNonNull(side.resources()).cpusetCpus());
        assertThat(node.run(node.pod("q", "/kubepods/podq", SIX), "sq")).isNull();
        CpuSet ofOther = node.view("q").cpus();
        assertThat(had.intersects(ofOther)).isTrue();

        CgroupPath path = node.files.makeAll("/kubepods/burstable/podk/side");
        node.files.set(path, "cpuset.cpus", had.toString());
        node.brain.happened(new NodeEvent.ContainerStarted("side"));

        assertThat(CpuSet.parse(node.files.read(path, "cpuset.cpus")).intersects(ofOther))
                .isFalse();
    }
}
