package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.AppliedPlan;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.Step;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.change.PlanVerifier;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A plan that does harm at any instant is found, with the step that does it. */
final class PlanVerifierTest {
    private static final CgroupPath BURSTABLE = new CgroupPath("/kubepods/burstable");
    private static final CgroupPath POD = new CgroupPath("/kubepods/podp");
    private static final CgroupPath DB = POD.child("sb1-db");
    private static final CgroupPath LOG = POD.child("sb1-log");
    private static final Map<String, String> PINNED = spec("""
            {'resources':{'requests':{'cpu':'4','memory':'8Gi'},'limits':{'cpu':'4','memory':'8Gi'}},
             'containers':[
               {'name':'db','resources':{'requests':{'cpu':'2','memory':'4Gi'},'limits':{'cpu':'2','memory':'4Gi'}}},
               {'name':'log'}]}""");

    private final BrainFixture node = new BrainFixture();

    /** The database has 0,16; log and the sandbox share 1,17; the node shared pool is the rest. */
    @BeforeEach
    void aPodRuns() {
        PodSandboxRequest pod = node.pod("p", POD.value(), PINNED);
        node.run(pod, "sb1");
        node.create(pod, "sb1", "db");
        node.create(pod, "sb1", "log");
        for (String file : new String[] {"memory.min", "memory.low"}) {
            node.files.set(POD, file, "0");
        }
        node.files.set(POD, "memory.high", "max");
    }

    private static Step cpus(CgroupPath path, String cpus) {
        return new Step.WriteFile(path, "cpuset.cpus", cpus);
    }

    private static Step write(CgroupPath path, String file, String value) {
        return new Step.WriteFile(path, file, value);
    }

    private String harm(Step... steps) {
        Map<CgroupPath, CpuSet> present = new TreeMap<>();
        for (CgroupPath path : new CgroupPath[] {BURSTABLE, POD, POD.child("sb1"), DB, LOG}) {
            present.put(path, CpuSet.parse(node.files.read(path, "cpuset.cpus")));
        }
        AppliedPlan plan = new PlanRunner(new DraftCgroups(node.files)).apply(Plan.of(steps));
        return new PlanVerifier(node.files, node.store.saved, present, BrainFixture.MACHINE.cpuSet())
                .harm(plan.steps())
                .orElse("none");
    }

    @Test
    void othersShrinkBeforeAContainerTakes() {
        assertThat(harm(cpus(BURSTABLE, "3-15,19-31"), cpus(DB, "0,2,16,18"))).isEqualTo("none");
        assertThat(harm(cpus(DB, "0,2,16,18"), cpus(BURSTABLE, "3-15,19-31")))
                .isEqualTo("step 1 of 2, write /kubepods/podp/sb1-db/cpuset.cpus: 0,16 -> 0,2,16,18: CPUs 2,18 would be"
                        + " in /kubepods/podp/sb1-db (container default/p/db) and in /kubepods/burstable (the node shared"
                        + " pool)");
    }

    @Test
    void aContainerGivesBeforeOthersWiden() {
        assertThat(harm(cpus(DB, "0"), cpus(LOG, "1,16-17"), cpus(POD.child("sb1"), "1,16-17")))
                .isEqualTo("none");
        assertThat(harm(cpus(LOG, "1,16-17"), cpus(DB, "0"))).contains("step 1 of 2", "CPUs 16 would be in");
        assertThat(harm(cpus(BURSTABLE, ""))).contains("CPUs 1,17", "the shared pool of pod default/p");
    }

    @Test
    void aCgroupAboveThatIsFreedDoesNotFreeThoseBelow() {
        assertThat(harm(cpus(POD, "0-1,16-17"), cpus(POD, ""))).isEqualTo("none");
    }

    @Test
    void aSetIsNeverEmpty() {
        assertThat(harm(cpus(DB, ""))).contains("container default/p/db and would be left without a CPU set");
        assertThat(harm(cpus(DB, "40"))).contains("the set would be empty");
        // If a parent's set has no CPU of the container's set, the container may use the parent's whole set.
        assertThat(harm(cpus(POD, "1,17"))).contains("CPUs 1,17 would be in");
    }

    @Test
    void aContainersLimitIsNeverAboveTheOneOfAPodThatShrinks() {
        Step pod = write(POD, "memory.max", "2147483648");
        Step db = write(DB, "memory.max", "1073741824");
        Step log = write(LOG, "memory.max", "1073741824");
        assertThat(harm(db, log, pod)).isEqualTo("none");
        assertThat(harm(log, pod, db))
                .contains(
                        "step 2 of 3",
                        "memory.max of /kubepods/podp/sb1-db would be 4294967296, above the pod's 2147483648");
        assertThat(harm(db, log, pod, write(DB, "memory.max", "3221225472"))).contains("step 4 of 4");
        // A container without a limit is held to the pod's; while the pod grows its containers may grow first.
        assertThat(harm(write(LOG, "memory.max", "max"), db, pod)).isEqualTo("none");
        assertThat(harm(write(DB, "memory.max", "17179869184"), write(POD, "memory.max", "17179869184")))
                .isEqualTo("none");
    }

    @Test
    void ofCpuTimeToo() {
        Step pod = write(POD, "cpu.max", "100000 100000");
        assertThat(harm(write(LOG, "cpu.max", "50000 100000"), pod)).isEqualTo("none");
        assertThat(harm(pod)).contains("cpu.max of /kubepods/podp/sb1-log would be 400000 100000, above the pod's");
    }

    @Test
    void memoryGuardsNeverPassEachOther() {
        assertThat(harm(write(POD, "memory.high", "4294967296"), write(POD, "memory.min", "1073741824")))
                .isEqualTo("none");
        assertThat(harm(write(POD, "memory.min", "4294967296"), write(POD, "memory.high", "1073741824")))
                .contains("step 2 of 2", "would be out of order: 4294967296, 0, 1073741824, 8589934592");
        assertThat(harm(write(POD, "memory.low", "4096"), write(POD, "memory.min", "8192")))
                .contains("step 2 of 2");
        assertThat(harm(write(POD, "memory.high", "17179869184"))).contains("out of order");
    }

    @Test
    void whatIsWrongFromTheStartIsNotThePlansDoing() {
        node.files.set(DB, "cpuset.cpus", "0-31");
        assertThat(harm(cpus(DB, "0,16"))).isEqualTo("none");
        node.files.set(POD, "memory.min", "17179869184");
        assertThat(harm(write(POD, "memory.min", "12884901888"))).isEqualTo("none");
    }
}
