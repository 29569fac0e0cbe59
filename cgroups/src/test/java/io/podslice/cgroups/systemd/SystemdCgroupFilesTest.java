package io.podslice.cgroups.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.FolderCgroups;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.Step;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SystemdCgroupFilesTest {
    private static final UnitName PODS = new UnitName("kubepods.slice");
    private static final UnitName POD = new UnitName("kubepods-podx.slice");
    private static final CgroupPath POD_PATH = POD.path();
    private static final String CPUS = "cpuset.cpus";

    private final FolderCgroups kernel = new FolderCgroups(Map.ofEntries(
            Map.entry("cgroup.events", "populated 0\nfrozen 0"),
            Map.entry(CPUS, ""),
            Map.entry("cpuset.cpus.effective", "0-7"),
            Map.entry("cpuset.cpus.exclusive", ""),
            Map.entry("cpu.max", "max 100000"),
            Map.entry("cpu.max.burst", "0"),
            Map.entry("cpu.weight", "100"),
            Map.entry("cpu.idle", "0"),
            Map.entry("memory.high", "max"),
            Map.entry("memory.max", "max"),
            Map.entry("memory.oom.group", "0"),
            Map.entry("hugetlb.2MB.max", "max")));
    private final RewritingSystemd systemd = new RewritingSystemd(kernel);
    private final SystemdCgroupFiles files = new SystemdCgroupFiles(kernel, systemd, PODS.path());

    @BeforeEach
    void loadUnits() {
        systemd.load(PODS, PODS.path());
        systemd.load(POD, POD_PATH);
        kernel.log.clear();
    }

    private static CgroupException refused(ThrowingCallable write) {
        return catchThrowableOfType(CgroupException.class, write);
    }

    @Test
    void aValueWithAPropertyGoesByTheProperty() {
        files.write(POD_PATH, CPUS, "2-3");
        files.write(POD_PATH, "cpu.max", "50000 100000");
        files.write(POD_PATH, "memory.high", "1G");

        assertThat(systemd.log)
                .containsExactly(
                        "set kubepods-podx.slice [AllowedCPUs=2-3]",
                        "set kubepods-podx.slice [CPUQuotaPerSecUSec=500000, CPUQuotaPeriodUSec=100000]",
                        "set kubepods-podx.slice [MemoryHigh=1073741824]");
        assertThat(files.read(POD_PATH, CPUS)).isEqualTo("2-3");
        assertThat(files.read(POD_PATH, "cpu.max")).isEqualTo("50000 100000");
        assertThat(files.read(POD_PATH, "memory.high")).isEqualTo("1073741824");
        assertThat(kernel.log).as("each file is written once, by systemd").hasSize(3);
    }

    @Test
    void aValueWithoutAPropertyGoesByFile() {
        files.write(POD_PATH, "hugetlb.2MB.max", "2097152");
        files.write(POD_PATH, "cpu.max.burst", "1000");
        files.write(POD_PATH, "cpuset.cpus.exclusive", "2-3");

        assertThat(systemd.log).isEmpty();
        assertThat(kernel.log).hasSize(3);
    }

    @Test
    void aDirectoryThatIsNoUnitIsWrittenByFile() {
        CgroupPath inner = POD_PATH.child("inner");
        files.create(inner);
        files.write(inner, CPUS, "2");

        assertThat(systemd.log).isEmpty();
        assertThat(kernel.read(inner, CPUS)).isEqualTo("2");
    }

    @Test
    void aUnitThatSystemdDoesNotHaveGetsNoProperty() {
        CgroupPath foreign = new UnitName("kubepods-podforeign.slice").path();
        kernel.create(foreign);

        files.write(foreign, CPUS, "2");

        assertThat(systemd.log).isEmpty();
        assertThat(kernel.read(foreign, CPUS)).isEqualTo("2");
    }

    @Test
    void aCgroupThatIsNotThereIsNoEntryAndSystemdIsNotAsked() {
        CgroupPath gone = new UnitName("kubepods-podgone.slice").path();

        assertThat(refused(() -> files.write(gone, CPUS, "2")).errno()).isEqualTo(Errno.ENOENT);
        assertThat(systemd.log).isEmpty();
    }

    @Test
    void aScopesValuesGoByItsPropertiesToo() {
        UnitName scope = new UnitName("cri-containerd-0f5e.scope");
        systemd.load(scope, new CgroupPath("/" + scope));

        files.write(new CgroupPath("/" + scope), "memory.high", "4096");

        assertThat(systemd.log).containsExactly("set cri-containerd-0f5e.scope [MemoryHigh=4096]");
    }

    /** systemd answers success for a value that the kernel has refused, and keeps it. */
    @Test
    void aValueThatTheKernelRefusesIsItsErrorAndSystemdHasTheOldOneAgain() {
        files.write(POD_PATH, CPUS, "2-3");
        kernel.fail(POD_PATH + "/" + CPUS + " 2,16", Errno.EINVAL);

        assertThat(refused(() -> files.write(POD_PATH, CPUS, "2,16")).errno()).isEqualTo(Errno.EINVAL);

        assertThat(kernel.read(POD_PATH, CPUS)).isEqualTo("2-3");
        assertThat(systemd.property(POD.value(), "AllowedCPUs"))
                .isEqualTo(new UnitProperty.Value.Mask(CpuSet.parse("2-3")));
    }

    @Test
    void aRefusedFirstSetLeavesSystemdWithAllCpus() {
        kernel.fail(POD_PATH + "/" + CPUS + " 16", Errno.EINVAL);

        assertThat(refused(() -> files.write(POD_PATH, CPUS, "16")).errno()).isEqualTo(Errno.EINVAL);

        assertThat(systemd.property(POD.value(), "AllowedCPUs"))
                .isEqualTo(new UnitProperty.Value.Mask(CpuSet.parse("0-7")));
    }

    /** Exact in the file alone, it would change with every later property of the unit, and be repaired after each. */
    @ParameterizedTest
    @ValueSource(ints = {252, 257, 262})
    void aQuotaIsRoundedUpForGood(int version) {
        systemd.version = version;
        Plan plan = Plan.of(new Step.WriteFile(POD_PATH, "cpu.max", "41700 100000"));

        new PlanRunner(files).apply(plan);

        assertThat(systemd.property(POD.value(), "CPUQuotaPerSecUSec"))
                .isEqualTo(new UnitProperty.Value.Amount(420_000));
        assertThat(files.read(POD_PATH, "cpu.max")).isEqualTo("42000 100000");
        assertThat(new PlanRunner(files).apply(plan).steps()).as("no drift").isEmpty();
        assertThat(new PlanRunner(new DraftCgroups(files)).apply(plan).steps())
                .as("nor on a draft")
                .isEmpty();
    }

    @Test
    void aDraftRoundsAQuotaAsSystemdDoes() {
        DraftCgroups draft = new DraftCgroups(files);

        draft.write(POD_PATH, "cpu.max", "41700");

        assertThat(draft.read(POD_PATH, "cpu.max")).isEqualTo("42000 100000");
    }

    /** Without quota and weight systemd would disable the controller, as 257 does. */
    @Test
    void aQuotaThatIsLiftedLeavesAWeight() {
        files.write(POD_PATH, "cpu.max", "50000 100000");
        files.write(POD_PATH, "cpu.max", "max");

        assertThat(systemd.log.getLast())
                .isEqualTo("set kubepods-podx.slice [CPUQuotaPerSecUSec=infinity, CPUQuotaPeriodUSec=100000,"
                        + " CPUWeight=100]");
        assertThat(files.read(POD_PATH, "cpu.max")).isEqualTo("max 100000");
    }

    @Test
    void aPropertyThatTheVersionDoesNotTakeIsWrittenByFile() {
        systemd.refusing = "MemoryHigh";

        files.write(POD_PATH, "memory.high", "4096");

        assertThat(systemd.log).isEmpty();
        assertThat(kernel.read(POD_PATH, "memory.high")).isEqualTo("4096");
    }

    @Test
    void aSetIsNeverEmptied() {
        files.write(POD_PATH, CPUS, "2-3");
        systemd.log.clear();

        assertThat(refused(() -> files.write(POD_PATH, CPUS, "")).errno()).isEqualTo(Errno.ENOSPC);

        assertThat(systemd.log).isEmpty();
        new PlanRunner(files).apply(Plan.of(new Step.WriteFile(POD_PATH, CPUS, "")));
        assertThat(systemd.log).containsExactly("set kubepods-podx.slice [AllowedCPUs=0-7]");
    }

    @Test
    void anOomGroupOutlastsTheRewrite() {
        kernel.write(POD_PATH, "memory.oom.group", "1");

        files.write(POD_PATH, "memory.high", "4096");

        assertThat(kernel.read(POD_PATH, "memory.oom.group")).isEqualTo("1");
    }

    @Test
    void aWeightDoesNotWakeAnIdleCgroup() {
        files.write(POD_PATH, "cpu.idle", "1");
        assertThat(systemd.log).containsExactly("set kubepods-podx.slice [CPUWeight=0]");
        kernel.fail(POD_PATH + "/cpu.weight 200", Errno.EINVAL);

        assertThat(refused(() -> files.write(POD_PATH, "cpu.weight", "200")).errno())
                .isEqualTo(Errno.EINVAL);

        assertThat(kernel.read(POD_PATH, "cpu.idle")).isEqualTo("1");
        files.write(POD_PATH, "cpu.idle", "0");
        assertThat(kernel.read(POD_PATH, "cpu.idle")).isEqualTo("0");
        assertThat(kernel.read(POD_PATH, "cpu.weight")).isEqualTo("100");
    }

    @Test
    void aUnitThatGoesMeanwhileLeavesNoPropertiesBehind() {
        files.write(POD_PATH, "memory.high", "4096");
        systemd.vanishing = POD;
        systemd.log.clear();

        assertThat(refused(() -> files.write(POD_PATH, "memory.high", "8192")).errno())
                .isEqualTo(Errno.ENOENT);

        assertThat(systemd.log)
                .containsExactly("set kubepods-podx.slice [MemoryHigh=8192]", "revert kubepods-podx.slice");
    }

    /** 252 says that there is no such unit, where later versions keep the properties for one to come. */
    @Test
    void aUnitThatSystemdSaysIsGoneIsWrittenByFile() {
        files.write(POD_PATH, "memory.high", "4096");
        systemd.refusal = SystemdException.NO_SUCH_UNIT;
        systemd.refusing = "MemoryHigh";

        files.write(POD_PATH, "memory.high", "8192");

        assertThat(kernel.read(POD_PATH, "memory.high")).isEqualTo("8192");
    }

    @Test
    void whileSystemdDoesNotAnswerFilesAreWrittenAndItIsToldLater() {
        systemd.failing = SystemdException.NO_REPLY;
        files.write(POD_PATH, CPUS, "2-3");
        files.write(POD_PATH, "memory.high", "4096");
        files.write(POD_PATH, CPUS, "4-5");
        assertThat(kernel.read(POD_PATH, CPUS)).isEqualTo("4-5");
        assertThat(systemd.log).isEmpty();

        systemd.reconnect();
        assertThat(systemd.log).as("it does not answer yet").isEmpty();
        systemd.failing = null;
        systemd.reconnect();
        systemd.reconnect();

        assertThat(systemd.log)
                .containsExactly(
                        "set kubepods-podx.slice [MemoryHigh=4096]", "set kubepods-podx.slice [AllowedCPUs=4-5]");
        assertThat(kernel.read(POD_PATH, CPUS)).isEqualTo("4-5");
        assertThat(kernel.read(POD_PATH, "memory.high")).isEqualTo("4096");
    }

    @Test
    void anOwedValueNeverComesAfterANewerOne() {
        systemd.failing = SystemdException.DISCONNECTED;
        files.write(POD_PATH, CPUS, "2-3");
        systemd.failing = null;
        files.write(POD_PATH, CPUS, "4-5");
        systemd.log.clear();

        systemd.reconnect();

        assertThat(systemd.log).isEmpty();
        assertThat(kernel.read(POD_PATH, CPUS)).isEqualTo("4-5");
    }

    @Test
    void owedValuesOfAUnitGoInOneCallBeforeAnother() {
        systemd.failing = SystemdException.NO_REPLY;
        files.write(POD_PATH, CPUS, "2-3");
        files.write(POD_PATH, "memory.high", "4096");
        systemd.failing = null;

        files.write(POD_PATH, "memory.max", "8192");

        assertThat(systemd.log)
                .containsExactly(
                        "set kubepods-podx.slice [AllowedCPUs=2-3, MemoryHigh=4096]",
                        "set kubepods-podx.slice [MemoryMax=8192]");
        assertThat(kernel.read(POD_PATH, CPUS)).isEqualTo("2-3");
        assertThat(kernel.read(POD_PATH, "memory.high")).isEqualTo("4096");
    }

    @Test
    void anOwedValueOfACgroupThatIsGoneIsDropped() {
        systemd.failing = SystemdException.NO_REPLY;
        files.write(POD_PATH, CPUS, "2-3");
        systemd.failing = null;
        systemd.stop(POD);
        systemd.log.clear();

        systemd.reconnect();

        assertThat(systemd.log).isEmpty();
    }

    @Test
    void aClosedWriterIsNotToldOfSystemd() {
        systemd.failing = SystemdException.NO_REPLY;
        files.write(POD_PATH, CPUS, "2-3");
        systemd.failing = null;

        files.close();
        systemd.reconnect();

        assertThat(systemd.log).isEmpty();
    }

    @Test
    void aRefusalOfSystemdsIsAnErrorOfTheWrite() {
        files.write(POD_PATH, CPUS, "2-3");
        systemd.failing = SystemdException.ACCESS_DENIED;

        assertThatThrownBy(() -> files.write(POD_PATH, CPUS, "4-5"))
                .isInstanceOf(CgroupException.class)
                .hasMessageContaining("EACCES")
                .hasMessageContaining("AccessDenied");
        assertThat(kernel.read(POD_PATH, CPUS)).isEqualTo("2-3");
    }

    @Test
    void slicesOfPodsAreStartedAndStopped() {
        UnitName other = new UnitName("kubepods-podother.slice");
        files.create(other.path());

        assertThat(files.exists(other.path())).isTrue();
        assertThat(refused(() -> files.create(other.path())).errno()).isEqualTo(Errno.EEXIST);

        files.remove(other.path());

        assertThat(files.exists(other.path())).isFalse();
        assertThat(systemd.log).containsExactly("start kubepods-podother.slice", "stop kubepods-podother.slice");
    }

    @Test
    void aSliceWithoutOneAboveIsNotStarted() {
        CgroupPath path = new UnitName("kubepods-burstable-podx.slice").path();

        assertThat(refused(() -> files.create(path)).errno()).isEqualTo(Errno.ENOENT);
        assertThat(systemd.log).isEmpty();
    }

    @Test
    void aSliceInUseIsNotStopped() {
        kernel.create(POD_PATH.child("cri-containerd-0f5e.scope"));
        assertThat(refused(() -> files.remove(POD_PATH)).errno()).isEqualTo(Errno.EBUSY);
        kernel.remove(POD_PATH.child("cri-containerd-0f5e.scope"));
        kernel.write(POD_PATH, "cgroup.events", "populated 1\nfrozen 0");
        assertThat(refused(() -> files.remove(POD_PATH)).errno()).isEqualTo(Errno.EBUSY);

        assertThat(systemd.log).isEmpty();
    }

    @Test
    void unitsOutsideThePodsAreNeitherMadeNorStopped() {
        UnitName system = new UnitName("system.slice");
        systemd.load(system, system.path());

        assertThat(refused(() -> files.remove(system.path())).errno()).isEqualTo(Errno.EPERM);
        assertThat(refused(() -> files.create(new UnitName("other.slice").path()))
                        .errno())
                .isEqualTo(Errno.EPERM);
        assertThat(refused(() -> files.create(POD_PATH.child("cri-containerd-0f5e.scope")))
                        .errno())
                .isEqualTo(Errno.EPERM);
        assertThat(systemd.log).isEmpty();
    }

    @Test
    void aSliceThatSystemdDoesNotHaveIsRemovedByTheKernel() {
        CgroupPath foreign = new UnitName("kubepods-podforeign.slice").path();
        kernel.create(foreign);

        files.remove(foreign);

        assertThat(kernel.exists(foreign)).isFalse();
    }

    @Test
    void aPlanIsUndoneByProperties() {
        files.write(POD_PATH, CPUS, "0-7");
        kernel.fail(POD_PATH + "/hugetlb.2MB.max 1", Errno.EINVAL);
        systemd.log.clear();

        Plan plan = Plan.of(
                new Step.WriteFile(POD_PATH, CPUS, "2-3"),
                new Step.WriteFile(POD_PATH, "memory.max", "8192"),
                new Step.WriteFile(POD_PATH, "hugetlb.2MB.max", "1"));
        assertThat(refused(() -> new PlanRunner(files).apply(plan)).leftBehind())
                .isEmpty();

        assertThat(systemd.log)
                .isEqualTo(List.of(
                        "set kubepods-podx.slice [AllowedCPUs=2-3]",
                        "set kubepods-podx.slice [MemoryMax=8192]",
                        "set kubepods-podx.slice [MemoryMax=infinity]",
                        "set kubepods-podx.slice [AllowedCPUs=0-7]"));
        assertThat(kernel.read(POD_PATH, CPUS)).isEqualTo("0-7");
        assertThat(kernel.read(POD_PATH, "memory.max")).isEqualTo("max");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSumThatSystemdWasNotToldOfIsGivenToItByTheNextPodslice(boolean answersAtTheStart) {
        FolderCgroups sums = new FolderCgroups(Map.of("memory.min", "0", "memory.low", "0", "memory.oom.group", "0"));
        RewritingSystemd manager = new RewritingSystemd(sums);
        manager.load(PODS, PODS.path());
        try (SystemdCgroupFiles before = new SystemdCgroupFiles(sums, manager, PODS.path())) {
            before.write(PODS.path(), "memory.low", "1048576");
            manager.failing = SystemdException.NO_REPLY;
            before.write(PODS.path(), "memory.low", "0");
        }
        assertThat(manager.property("kubepods.slice", UnitProperty.MEMORY_LOW))
                .isEqualTo(UnitProperty.number(UnitProperty.MEMORY_LOW, 1048576).value());
        if (answersAtTheStart) {
            manager.failing = null;
        }
        try (SystemdCgroupFiles after = new SystemdCgroupFiles(sums, manager, PODS.path())) {
            manager.failing = null;
            if (!answersAtTheStart) {
                after.write(PODS.path(), "memory.min", "4096");
            }
            assertThat(manager.property("kubepods.slice", UnitProperty.MEMORY_LOW))
                    .isEqualTo(UnitProperty.number(UnitProperty.MEMORY_LOW, 0).value());
            assertThat(after.read(PODS.path(), "memory.low")).isEqualTo("0");
        }
    }
}
