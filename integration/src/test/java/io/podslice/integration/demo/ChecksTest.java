package io.podslice.integration.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.demo.PodView.ContainerView;
import io.podslice.simulator.kubelet.PodManifest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The demo's checks fail where the cgroup files do not have the values that were asked for. */
class ChecksTest {
    private static final CgroupPath CGROUP = new CgroupPath("/kubepods/podx");
    private static final CpuSet OTHERS = CpuSet.parse("8-15,24-31");

    private final Checks checks = new Checks(Machine.regular(2, 1, 8, 2, 1L << 30));

    private static Reading reading(String cpuMax, String weight, String memory, String cpus) {
        return new Reading(
                CGROUP,
                Map.of(
                        Reading.CPU_MAX, cpuMax,
                        Reading.CPU_WEIGHT, weight,
                        Reading.MEMORY_MAX, memory,
                        Reading.CPUS, cpus));
    }

    private static PodView database(Reading pod, String own, String ownMax, String shared) {
        PodManifest manifest = DemoPods.database();
        return new PodView(
                manifest,
                pod,
                manifest.containers().stream()
                        .map(container -> {
                            boolean database = container.name().equals("database");
                            String cpus = database ? own : shared;
                            String max = database ? ownMax : "800000 100000";
                            return new ContainerView(container, reading(max, "1", "max", cpus), CpuSet.parse(cpus));
                        })
                        .toList());
    }

    private static Reading budget() {
        return reading("800000 100000", "313", "17179869184", "0-31");
    }

    private List<String> failures(PodView pod) {
        checks.pod(pod, List.of(), OTHERS);
        return checks.done().stream()
                .filter(check -> !check.holds())
                .map(Check::what)
                .toList();
    }

    @Test
    void whatWasAskedForHolds() {
        assertThat(failures(database(budget(), "0-2,16-18", "max 100000", "3,19")))
                .isEmpty();
    }

    @Test
    void budgetThatIsNotEnforcedIsSeen() {
        Reading bare = reading("max 100000", "100", "max", "0-31");
        assertThat(failures(database(bare, "0-2,16-18", "max 100000", "3,19"))).hasSize(3);
    }

    @Test
    void cpusThatAnotherContainerHasTooAreSeen() {
        assertThat(failures(database(budget(), "0-2,16-18", "max 100000", "2-3,19")))
                .contains("database has 6 CPUs of one NUMA node that no other container has");
    }

    @Test
    void cpusThatOtherPodsMayUseAreSeen() {
        assertThat(failures(database(budget(), "0-1,8,16-18", "max 100000", "3,19")))
                .contains("database has 6 CPUs of one NUMA node that no other container has");
    }

    @Test
    void quotaOnCpusOfItsOwnIsSeen() {
        assertThat(failures(database(budget(), "0-2,16-18", "600000 100000", "3,19")))
                .containsExactly("database is never throttled");
    }

    @Test
    void podOverTwoNumaNodesIsSeen() {
        assertThat(failures(database(budget(), "0-2,16-18", "max 100000", "3,9")))
                .contains("tightly-coupled-database runs on 8 CPUs of one NUMA node");
    }
}
