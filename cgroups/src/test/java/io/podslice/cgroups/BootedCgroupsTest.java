package io.podslice.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BootedCgroupsTest {
    private static final CgroupPath PODS = new CgroupPath("/pods");

    private final BootedCgroups booted = new BootedCgroups(CpuSet.parse("0-7"), CpuSet.parse("0-1"));

    @Test
    void hasTheRootAlone() {
        assertThat(booted.exists(CgroupPath.ROOT)).isTrue();
        assertThat(booted.children(CgroupPath.ROOT)).isEmpty();
        assertThat(booted.read(CgroupPath.ROOT, "cpuset.cpus.effective")).isEqualTo("0-7");
        assertThat(booted.read(CgroupPath.ROOT, "cpuset.mems.effective")).isEqualTo("0-1");
        assertThat(booted.exists(PODS)).isFalse();
        assertThatThrownBy(() -> booted.read(PODS, "cpu.max")).hasMessageStartingWith("ENOENT /pods/cpu.max");
        assertThatThrownBy(() -> booted.children(PODS)).hasMessageStartingWith("ENOENT /pods");
        assertThatThrownBy(() -> booted.read(CgroupPath.ROOT, "cpuset.cpus")).hasMessageStartingWith("ENOENT");
    }

    @Test
    void isOnlyRead() {
        assertThatThrownBy(() -> booted.create(PODS)).hasMessageStartingWith("EROFS /pods");
        assertThatThrownBy(() -> booted.remove(CgroupPath.ROOT)).hasMessageStartingWith("EROFS");
        assertThatThrownBy(() -> booted.write(CgroupPath.ROOT, "cgroup.subtree_control", "+cpu"))
                .hasMessageStartingWith("EROFS");
    }

    @Test
    void aDraftOnItIsAWholeTree() {
        DraftCgroups draft = new DraftCgroups(booted);
        CgroupPath pod = PODS.child("pod");
        new PlanRunner(draft)
                .apply(Plan.of(
                        new Step.EnableControllers(CgroupPath.ROOT, Controllers.WANTED),
                        new Step.CreateCgroup(PODS),
                        new Step.EnableControllers(PODS, Controllers.WANTED),
                        new Step.CreateCgroup(pod),
                        new Step.WriteFile(PODS, "cpuset.cpus", "2-5"),
                        new Step.WriteFile(pod, "memory.max", "4097")));

        assertThat(draft.read(pod, "cpuset.cpus.effective")).isEqualTo("2-5");
        assertThat(draft.read(pod, "memory.max")).isEqualTo("4096");
        assertThat(draft.read(pod, "cgroup.controllers")).isEqualTo("cpuset cpu memory hugetlb pids");
        assertThat(booted.children(CgroupPath.ROOT)).isEmpty();
    }
}
