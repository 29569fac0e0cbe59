package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Verdict;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another program overwrites podslice's values: they are repaired, and not fought over. */
final class DriftTest {
    private static final CgroupPath POD = new CgroupPath("/kubepods/podp");
    private static final CgroupPath BURSTABLE = new CgroupPath("/kubepods/burstable");
    private static final Map<String, String> PINNED = spec("""
            {'resources':{'requests':{'cpu':'4','memory':'8Gi'},'limits':{'cpu':'4','memory':'8Gi'}},
             'containers':[
               {'name':'db','resources':{'requests':{'cpu':'2','memory':'4Gi'},'limits':{'cpu':'2','memory':'4Gi'}}},
               {'name':'log'}]}""");

    private final BrainFixture node = new BrainFixture();

    @BeforeEach
    void aPodRuns() {
        PodSandboxRequest pod = node.pod("p", POD.value(), PINNED);
        node.run(pod, "sb1");
        node.create(pod, "sb1", "db");
        node.steps.clear();
    }

    private String budget() {
        return node.files.read(POD, "cpu.max") + ", " + node.files.read(POD, "memory.max") + ", "
                + node.files.read(POD, "cpu.weight");
    }

    /** Resets the pod's values, as {@code systemctl daemon-reload} does. */
    private void reset() {
        node.files.set(POD, "cpu.max", "max 100000");
        node.files.set(POD, "memory.max", "max");
        node.files.set(POD, "cpu.weight", "100");
    }

    @Test
    void aBudgetThatIsResetIsPutRight() {
        String before = budget();
        reset();

        node.brain.sweep();

        assertThat(budget()).isEqualTo(before);
        node.steps.clear();
        node.brain.sweep();
        assertThat(node.steps).isEmpty();
    }

    /** ARM kernels may have pages of 64 KiB. */
    @Test
    void aMemoryLimitThatTheKernelHasRoundedDownIsRight() {
        node.files.pageBytes = 65_536;
        node.run(node.pod("odd", "/kubepods/pododd", spec("""
                        {'resources':{'requests':{'cpu':'1','memory':'1000000000'},
                                      'limits':{'cpu':'1','memory':'1000000000'}},'containers':[{'name':'a'}]}""")), "sb-odd");
        assertThat(node.files.get("/kubepods/pododd", "memory.max")).isEqualTo("999948288");
        node.steps.clear();
        node.files.writes.clear();

        for (int i = 0; i < 8; i++) {
            node.brain.sweep();
        }

        assertThat(node.steps).isEmpty();
        assertThat(node.files.writes).isEmpty();
    }

    @Test
    void aMemoryLimitIsNotPutRightBelowWhatThePodUses() {
        String before = node.files.read(POD, "memory.max");
        node.files.set(POD, "memory.max", "max");
        node.files.set(POD, "memory.current", before);

        node.brain.sweep();

        assertThat(node.files.read(POD, "memory.max")).isEqualTo("max");

        node.files.set(POD, "memory.current", "4096");
        node.brain.sweep();
        assertThat(node.files.read(POD, "memory.max")).isEqualTo(before);
    }

    @Test
    void aBudgetThatSomebodyKeepsWritingIsPutRightOnceAMinute() {
        for (int i = 0; i < 10; i++) {
            reset();
            node.brain.sweep();
        }

        assertThat(budget()).isEqualTo("max 100000, max, 100");
        assertThat(node.steps).hasSize(3 * (3 + 1));
    }

    @Test
    void aValueOfABudgetThatSomebodyKeepsWritingDoesNotKeepTheOthersFromBeingPutRight() {
        for (int i = 0; i < 5; i++) {
            node.files.set(POD, "cpu.weight", "100");
            node.brain.sweep();
        }
        String before = node.files.read(POD, "memory.max");
        node.files.set(POD, "memory.max", "max");

        node.brain.sweep();

        assertThat(node.files.read(POD, "memory.max")).isEqualTo(before);
        assertThat(node.files.read(POD, "cpu.weight")).isEqualTo("100");
    }

    @Test
    void aCpuSetThatSomebodyKeepsWritingIsPutRightOnceAMinute() {
        int right = 0;
        for (int i = 0; i < 24; i++) {
            node.files.set(BURSTABLE, "cpuset.cpus", "0-7");
            node.brain.sweep();
            right += node.files.read(BURSTABLE, "cpuset.cpus").equals("2-15,18-31") ? 1 : 0;
        }
        assertThat(right).isEqualTo(3 + (24 - 3) / 6);

        // The other program has stopped.
        node.brain.sweep();
        node.brain.sweep();
        node.brain.sweep();
        node.brain.sweep();
        node.brain.sweep();
        node.brain.sweep();
        assertThat(node.files.read(BURSTABLE, "cpuset.cpus")).isEqualTo("2-15,18-31");
        node.files.set(BURSTABLE, "cpuset.cpus", "0-7");
        node.brain.sweep();
        assertThat(node.files.read(BURSTABLE, "cpuset.cpus")).isEqualTo("2-15,18-31");
    }

    @Test
    void aChangeWritesWhateverSomebodyElseKeepsWriting() {
        for (int i = 0; i < 5; i++) {
            node.files.set(BURSTABLE, "cpuset.cpus", "0-7");
            node.brain.sweep();
        }
        assertThat(node.files.read(BURSTABLE, "cpuset.cpus")).isEqualTo("0-7");

        node.run(node.pod("q", "/kubepods/podq", PINNED), "sb2");

        assertThat(node.files.read(BURSTABLE, "cpuset.cpus")).isEqualTo("4-15,20-31");
    }

    /** Each sweep looks at every container that has not started yet, however many there are. */
    @Test
    void aContainerThatStartsOtherwiseThanItWasCreatedIsPutRightByTheNextSweepHoweverManyThereAre() {
        PodSandboxRequest q = node.pod("q", "/kubepods/podq", PINNED);
        node.run(q, "sb2");
        for (int i = 0; i < 20; i++) {
            Verdict verdict = node.decide(
                    new NodeRequest.CreateContainer(node.container(q, "sb2", "debug" + i, LinuxResources.NONE)));
            BrainFixture.complete((Verdict.Proceed) verdict, "debug" + i);
            node.files.set(node.files.makeAll("/kubepods/podq/debug" + i), "cpuset.cpus", "2,18");
        }
        node.brain.sweep();
        Verdict verdict =
                node.decide(new NodeRequest.CreateContainer(node.container(q, "sb2", "db", LinuxResources.NONE)));
        BrainFixture.complete((Verdict.Proceed) verdict, "late");
        CgroupPath late = node.files.makeAll("/kubepods/podq/late");
        node.files.set(late, "cpuset.cpus", "0-31");

        node.brain.sweep();

        assertThat(node.files.read(late, "cpuset.cpus")).isEqualTo("2,18");
    }

    /** A container may start with other CPUs while its runtime is being told its own. */
    @Test
    void aContainerThatComesOtherwiseThanItWasCreatedIsPutRightByTheNextSweep() {
        PodSandboxRequest q = node.pod("q", "/kubepods/podq", PINNED);
        node.run(q, "sb2");
        Verdict verdict =
                node.decide(new NodeRequest.CreateContainer(node.container(q, "sb2", "db", LinuxResources.NONE)));
        BrainFixture.complete((Verdict.Proceed) verdict, "late");
        node.run(node.pod("r", "/kubepods/podr", PINNED), "sb3");
        node.brain.sweep();
        CgroupPath late = node.files.makeAll("/kubepods/podq/late");
        node.files.set(late, "cpuset.cpus", "0-31");

        node.brain.sweep();

        assertThat(node.files.read(late, "cpuset.cpus")).isEqualTo("2,18");
    }
}
