package io.podslice.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlanRunnerTest {
    private static final CgroupPath POD = new CgroupPath("/pod");

    private final FolderCgroups files = new FolderCgroups(Map.of(
            "cgroup.controllers", "cpuset cpu memory",
            "cgroup.subtree_control", "",
            "cpu.max", "max 100000",
            "cpu.max.burst", "0",
            "cpu.weight", "100",
            "cpu.idle", "0",
            "cpuset.cpus", "",
            "cpuset.cpus.effective", "0-7",
            "cpuset.cpus.partition", "member",
            "memory.max", "max"));
    private final PlanRunner runner = new PlanRunner(files);

    private static Step.WriteFile write(String file, String value) {
        return new Step.WriteFile(POD, file, value);
    }

    private CgroupException failureOf(Plan plan) {
        return catchThrowableOfType(CgroupException.class, () -> runner.apply(plan));
    }

    @Test
    void appliesStepsInOrderAndTellsWhatChanged() {
        Plan plan = Plan.of(new Step.CreateCgroup(POD), write("cpu.max", "50000 100000"), write("memory.max", "4096"));
        AppliedPlan applied = runner.apply(plan);
        assertThat(files.log).containsExactly("create /pod", "/pod/cpu.max 50000 100000", "/pod/memory.max 4096");
        assertThat(applied.steps()).extracting(AppliedStep::step).isEqualTo(plan.steps());
        assertThat(applied.describe()).isEqualTo("""
                        create /pod
                        write /pod/cpu.max: max 100000 -> 50000 100000
                        write /pod/memory.max: max -> 4096
                        """);
        assertThat(plan.describe()).isEqualTo("""
                        create /pod
                        write /pod/cpu.max: 50000 100000
                        write /pod/memory.max: 4096
                        """);
    }

    @Test
    void leavesOutWhatChangesNothing() {
        files.create(POD);
        files.log.clear();
        AppliedPlan applied =
                runner.apply(Plan.of(new Step.CreateCgroup(POD), write("cpu.max", "max"), write("cpuset.cpus", " ")));
        assertThat(files.log).isEmpty();
        assertThat(applied.steps()).isEmpty();
    }

    @Test
    void takesBackWhatItDid() {
        files.create(POD);
        files.write(POD, "cpu.max", "max 50000");
        files.write(POD, "cpuset.cpus.partition", "isolated invalid (reason)");
        AppliedPlan applied = runner.apply(Plan.of(
                write("cpu.max", "20000 100000"),
                write("cpuset.cpus.partition", "root"),
                new Step.CreateCgroup(POD.child("c"))));
        files.log.clear();
        runner.apply(applied.inverse());
        assertThat(files.log)
                .containsExactly("remove /pod/c", "/pod/cpuset.cpus.partition isolated", "/pod/cpu.max max 50000");
    }

    @Test
    void undoesItAllWhenAStepFails() {
        files.fail("/pod/memory.max 4096", Errno.EINVAL);
        CgroupException failure = failureOf(
                Plan.of(new Step.CreateCgroup(POD), write("cpu.max", "50000 100000"), write("memory.max", "4096")));
        assertThat(failure.errno()).isEqualTo(Errno.EINVAL);
        assertThat(failure).hasMessageEndingWith("; 2 steps undone").hasNoSuppressedExceptions();
        assertThat(failure.leftBehind()).isEmpty();
        assertThat(failure).hasRootCauseInstanceOf(CgroupException.class);
        assertThat(files.log)
                .containsExactly("create /pod", "/pod/cpu.max 50000 100000", "/pod/cpu.max max 100000", "remove /pod");
    }

    @Test
    void saysWhatItCouldNotUndoAndUndoesTheRest() {
        files.create(POD);
        files.log.clear();
        files.fail("/pod/memory.max 4096", Errno.EINVAL);
        files.fail("/pod/cpu.weight 100", Errno.ERANGE);
        CgroupException failure = failureOf(
                Plan.of(write("cpu.max", "50000 100000"), write("cpu.weight", "200"), write("memory.max", "4096")));
        assertThat(failure.leftBehind()).containsExactly("write /pod/cpu.weight: 100 -> 200");
        assertThat(failure)
                .hasMessageEndingWith("; 1 step undone, not undone: write /pod/cpu.weight: 100 -> 200")
                .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(1));
        assertThat(files.read(POD, "cpu.max")).isEqualTo("max 100000");
    }

    @Test
    void leavesOutAWriteToACgroupThatHasGoneOnlyWhereThatIsAllowed() {
        Step mayBeGone = new Step.WriteFile(POD, "cpu.max", "50000 100000", true);
        AppliedPlan applied = runner.apply(Plan.of(mayBeGone));
        assertThat(applied.steps()).isEmpty();
        assertThat(applied.gone()).containsExactly(mayBeGone);

        files.create(POD);
        files.vanishing = POD;
        assertThat(runner.apply(Plan.of(mayBeGone)).gone()).containsExactly(mayBeGone);

        assertThat(failureOf(Plan.of(write("cpu.max", "50000 100000"))).errno()).isEqualTo(Errno.ENOENT);
    }

    @Test
    void aMissingFileOfACgroupThatIsThereIsAlwaysAnError() {
        files.create(POD);
        Plan plan = Plan.of(new Step.WriteFile(POD, "hugetlb.2MB.max", "0", true));
        assertThat(failureOf(plan).errno()).isEqualTo(Errno.ENOENT);
    }

    @Test
    void makesARemovedCgroupAgainWithItsSettings() {
        files.create(POD);
        files.write(POD, "cpu.max", "50000 100000");
        AppliedPlan applied = runner.apply(Plan.of(new Step.RemoveCgroup(POD)));
        assertThat(files.exists(POD)).isFalse();
        assertThat(runner.apply(Plan.of(new Step.RemoveCgroup(POD))).steps()).isEmpty();
        files.log.clear();
        runner.apply(applied.inverse());
        assertThat(files.log).containsExactly("create /pod", "/pod/cpu.max 50000 100000");
    }

    @Test
    void enablesTheControllersThatThereAreFromTheRootDown() {
        files.create(POD);
        files.log.clear();
        Plan plan = new Plan(Controllers.enableAbove(POD.child("c")));
        assertThat(plan.describe()).isEqualTo("""
                        enable /: cpuset cpu memory hugetlb pids
                        enable /pod: cpuset cpu memory hugetlb pids
                        """);
        AppliedPlan applied = runner.apply(plan);
        assertThat(files.log)
                .containsExactly(
                        "/cgroup.subtree_control +cpuset +cpu +memory",
                        "/pod/cgroup.subtree_control +cpuset +cpu +memory");
        assertThat(applied.describe()).contains("enable /pod: \"\" -> cpuset cpu memory\n");
        assertThat(applied.inverse().isEmpty()).isTrue();
        assertThat(runner.apply(plan).steps()).isEmpty();
        assertThat(Controllers.enableAbove(CgroupPath.ROOT)).isEmpty();
    }

    @Test
    void writesAllThereIsWhereASetCannotBeEmptied() {
        files.create(POD);
        files.write(POD, "cpuset.cpus", "2-3");
        files.fail("/pod/cpuset.cpus ", Errno.ENOSPC);
        AppliedPlan applied = runner.apply(Plan.of(write("cpuset.cpus", "")));
        assertThat(applied.describe()).isEqualTo("write /pod/cpuset.cpus: 2-3 -> 0-7\n");
        assertThat(runner.apply(Plan.of(write("cpuset.cpus", ""))).steps()).isEmpty();
        assertThat(failureOf(Plan.of(write("none", ""))).errno()).isEqualTo(Errno.ENOENT);
    }

    @Test
    void lowersABurstBeforeAQuotaBelowItAndUndoesBoth() {
        files.create(POD);
        files.write(POD, "cpu.max", "400000 100000");
        files.write(POD, "cpu.max.burst", "300000");
        files.log.clear();

        AppliedPlan applied = runner.apply(Plan.of(write("cpu.max", "200000 100000")));
        runner.apply(applied.inverse());

        assertThat(files.log)
                .containsExactly(
                        "/pod/cpu.max.burst 200000",
                        "/pod/cpu.max 200000 100000",
                        "/pod/cpu.max 400000 100000",
                        "/pod/cpu.max.burst 300000");
        files.log.clear();
        runner.apply(Plan.of(write("cpu.max", "300000"), write("cpu.max", "max")));
        assertThat(files.log).containsExactly("/pod/cpu.max 300000", "/pod/cpu.max max");
    }

    @Test
    void writesNoWeightToAnIdleCgroup() {
        files.create(POD);
        files.write(POD, "cpu.idle", "1");
        files.log.clear();

        assertThat(runner.apply(Plan.of(write("cpu.weight", "59"))).steps()).isEmpty();
        assertThat(files.log).isEmpty();

        files.write(POD, "cpu.idle", "0");
        assertThat(runner.apply(Plan.of(write("cpu.weight", "59"))).steps()).hasSize(1);
    }

    @Test
    void plansAreJoinedInOrder() {
        Plan plan = Plan.EMPTY.then(Plan.of(new Step.CreateCgroup(POD))).then(List.of(write("cpu.max", "max")));
        assertThat(plan.steps()).containsExactly(new Step.CreateCgroup(POD), write("cpu.max", "max"));
        assertThat(Plan.EMPTY.isEmpty()).isTrue();
    }
}
