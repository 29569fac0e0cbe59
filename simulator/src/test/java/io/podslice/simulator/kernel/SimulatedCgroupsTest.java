package io.podslice.simulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.AppliedPlan;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Controllers;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.Step;
import io.podslice.cgroups.machine.Machine;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedCgroupsTest {
    private static final Machine MACHINE = Machine.regular(2, 1, 4, 2, 2L << 30).withHugepages(0, 2L << 20, 16);
    private static final CgroupPath PODS = new CgroupPath("/kubepods");
    private static final CgroupPath POD = PODS.child("podx");

    private final SimulatedCgroups cgroups = new SimulatedCgroups(MACHINE);

    private static Plan podPlan() {
        return Plan.of(new Step.CreateCgroup(PODS), new Step.CreateCgroup(POD))
                .then(Controllers.enableAbove(POD))
                .then(Plan.of(
                        new Step.WriteFile(POD, "cpu.max", "800000"),
                        new Step.WriteFile(POD, "memory.max", "16Gi".replace("Gi", "G")),
                        new Step.WriteFile(POD, "hugetlb.2MB.max", "0"),
                        new Step.WriteFile(POD, "cpu.weight", "100")));
    }

    @Test
    void cpusThatGoOfflineLeaveEffectiveSetsAndReturnToThem() {
        new PlanRunner(cgroups).apply(podPlan());
        CgroupPath other = PODS.child("pody");
        cgroups.create(other);
        cgroups.write(POD, "cpuset.cpus", "2-3");
        cgroups.write(other, "cpuset.cpus", "2");

        cgroups.setOnline(MACHINE.cpuSet().minus(CpuSet.of(2)));

        assertThat(cgroups.read(POD, "cpuset.cpus")).isEqualTo("2-3");
        assertThat(cgroups.read(POD, "cpuset.cpus.effective")).isEqualTo("3");
        assertThat(cgroups.read(other, "cpuset.cpus.effective")).isEqualTo("0-1,3-15");
        assertThat(cgroups.read(CgroupPath.ROOT, "cpuset.cpus.effective")).isEqualTo("0-1,3-15");
        cgroups.setOnline(MACHINE.cpuSet());
        assertThat(cgroups.read(POD, "cpuset.cpus.effective")).isEqualTo("2-3");
        assertThat(cgroups.read(other, "cpuset.cpus.effective")).isEqualTo("2");
    }

    @Test
    void carriesOutAPlan() {
        AppliedPlan applied = new PlanRunner(cgroups).apply(podPlan());
        assertThat(cgroups.read(POD, "cpu.max")).isEqualTo("800000 100000");
        assertThat(applied.describe()).isEqualTo("""
                        create /kubepods
                        create /kubepods/podx
                        enable /: "" -> cpuset cpu memory hugetlb pids
                        enable /kubepods: "" -> cpuset cpu memory hugetlb pids
                        write /kubepods/podx/cpu.max: max 100000 -> 800000 100000
                        write /kubepods/podx/memory.max: max -> 17179869184
                        write /kubepods/podx/hugetlb.2MB.max: max -> 0
                        """);
        assertThat(new PlanRunner(cgroups).apply(podPlan()).steps()).isEmpty();
        new PlanRunner(cgroups).apply(applied.inverse());
        assertThat(cgroups.children(CgroupPath.ROOT)).isEmpty();
    }

    @Test
    void processesFollowTheCpusOfTheirCgroup() {
        new PlanRunner(cgroups).apply(podPlan());
        cgroups.start(7, POD);
        assertThat(cgroups.cpusAllowed(7)).isEqualTo(CpuSet.range(0, 15));
        cgroups.write(PODS, "cpuset.cpus", "4-7");
        assertThat(cgroups.cpusAllowed(7)).isEqualTo(CpuSet.range(4, 7));
        assertThat(cgroups.read(POD, "cpuset.cpus.effective")).isEqualTo("4-7");
        assertThatThrownBy(() -> cgroups.write(PODS, "cpuset.cpus", ""))
                .isInstanceOfSatisfying(
                        CgroupException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
        cgroups.exit(7);
        cgroups.write(PODS, "cpuset.cpus", "");
        assertThat(cgroups.read(POD, "cpuset.cpus.effective")).isEqualTo("0-15");
    }

    @Test
    void isMirroredInAFolder(@TempDir Path folder) {
        SimulatedCgroups mirrored = new SimulatedCgroups(MACHINE, folder);
        new PlanRunner(mirrored).apply(podPlan());
        assertThat(folder.resolve("kubepods/podx/cpu.max")).hasContent("800000 100000");
        assertThat(folder.resolve("kubepods/podx/cgroup.events")).hasContent("populated 0\nfrozen 0");
        mirrored.start(7, POD);
        assertThat(folder.resolve("kubepods/cgroup.events")).hasContent("populated 1\nfrozen 0");
        mirrored.write(PODS, "cpuset.cpus", "1");
        assertThat(folder.resolve("kubepods/podx/cpuset.cpus.effective")).hasContent("1");
        mirrored.exit(7);
        mirrored.remove(POD);
        assertThat(folder.resolve("kubepods/podx")).doesNotExist();
        assertThat(folder.resolve("kubepods/cpu.max")).exists();
    }
}
