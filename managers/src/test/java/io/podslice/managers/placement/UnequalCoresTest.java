package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.cpu.CpuManagerOptions.Option;
import io.podslice.managers.placement.Placement.Placed;
import io.podslice.managers.placement.Placement.Rejected;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** full-pcpus-only where cores differ in size: a thread is offline, or the processor is a hybrid. */
final class UnequalCoresTest {
    private static final long GI = 1L << 30;

    private final PlacementPolicy wholeCores = PlacementPolicy.DEFAULT.withCpuManager(
            CpuManagerPolicy.STATIC, new CpuManagerOptions(Set.of(Option.FULL_PCPUS_ONLY)));

    /** Core 0 has lost a thread: 0; 1,5; 2,6; 3,7. */
    private final Machine machine = Machine.regular(1, 1, 4, 2, 16 * GI).withOffline(CpuSet.of(4));

    private final Placing node = new Placing(machine, wholeCores);

    @ParameterizedTest
    @CsvSource({"1, 0", "2, '1,5'", "3, '0-1,5'", "4, '1-2,5-6'", "5, '0-2,5-6'", "6, '1-3,5-7'"})
    void findsWholeCoresWhereThereAreSome(int count, String cpus) {
        assertThat(node.place("p", pod(count, app("a", count))).cpus()).isEqualTo(CpuSet.parse(cpus));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void findsThemForContainersOfAPodWithoutASet(int count) {
        Placing byContainer =
                new Placing(machine, wholeCores.withTopologyManager(TopologyPolicy.NONE, TopologyScope.CONTAINER));

        CpuSet cpus = byContainer.place("p", pod(count, app("a", count))).cpus();

        assertThat(cpus.size()).isEqualTo(count);
        assertThat(isWhole(machine, cpus)).isTrue();
    }

    @Test
    void growsAndShrinksByWholeCores() {
        PodPlacement two = node.place("p", pod(2, app("a", 1), app("b", 0)));
        assertThat(two.cpus()).isEqualTo(CpuSet.parse("1,5"));

        assertThat(node.resize("p", 3).cpus()).isEqualTo(CpuSet.parse("0-1,5"));
        assertThat(node.resize("p", 5).cpus()).isEqualTo(CpuSet.parse("0-2,5-6"));
        assertThat(node.resize("p", 4).cpus()).isEqualTo(CpuSet.parse("1-2,5-6"));
        assertThat(node.resize("p", 2).cpus()).isEqualTo(CpuSet.parse("1,5"));
        node.place("q", pod(1, app("a", 1)));
        Rejected three = node.resizeRejected("p", 3);
        assertThat(three.never()).isFalse();
        assertThat(three.toString()).contains("SMT Alignment Error");
    }

    /** Tells if each core of the machine is in the set with all its CPUs or with none. */
    private static boolean isWhole(Machine machine, CpuSet cpus) {
        Map<Integer, Boolean> byCore = new HashMap<>();
        for (Cpu cpu : machine.cpus()) {
            Boolean taken = cpus.contains(cpu.id());
            if (!taken.equals(byCore.merge(cpu.core(), taken, (one, other) -> one))) {
                return false;
            }
        }
        return true;
    }

    /** The numbers of CPUs that some cores, not all, have together. */
    private static BitSet sums(Machine machine) {
        Map<Integer, Integer> sizes = new HashMap<>();
        machine.cpus().forEach(cpu -> sizes.merge(cpu.core(), 1, Integer::sum));
        BitSet sums = new BitSet();
        sums.set(0);
        for (int size : sizes.values()) {
            for (int sum = sums.length() - 1; sum >= 0; sum--) {
                if (sums.get(sum)) {
                    sums.set(sum + size);
                }
            }
        }
        return sums;
    }

    @Test
    void onAnyMachineACountIsGivenIfAndOnlyIfSomeCoresHaveIt() {
        Random random = new Random(140_495);
        for (int round = 0; round < 200; round++) {
            Machine whole = Machine.regular(1 + random.nextInt(2), 1, 2 + random.nextInt(3), 1 + random.nextInt(4), GI);
            Machine some = whole;
            for (Cpu cpu : whole.cpus()) {
                if (random.nextInt(4) == 0 && some.cpus().size() > 2) {
                    some = some.withOffline(CpuSet.of(cpu.id()));
                }
            }
            BitSet sums = sums(some);
            for (int count = 1; count < some.cpus().size(); count++) {
                Placement answer = new PodPlacer(some, wholeCores)
                        .place(NodePlacements.EMPTY, "p", pod(count, app("a", count)), Map.of());
                assertThat(answer instanceof Placed)
                        .as("%d CPUs on %s", count, some.cpus())
                        .isEqualTo(sums.get(count));
                if (answer instanceof Placed(PodPlacement placed)) {
                    assertThat(placed.cpus().size()).isEqualTo(count);
                    assertThat(isWhole(some, placed.cpus())).isTrue();
                }
            }
        }
    }
}
