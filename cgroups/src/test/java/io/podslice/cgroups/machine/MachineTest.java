package io.podslice.cgroups.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.HugePageSize;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MachineTest {
    private static final Machine TWO_SOCKETS = Machine.regular(2, 1, 8, 2, 64L << 30);

    @Test
    void aRegularMachineIsNumberedAsLinuxDoes() {
        assertThat(TWO_SOCKETS.cpuSet()).hasToString("0-31");
        assertThat(TWO_SOCKETS.cpusOfNode(0)).hasToString("0-7,16-23");
        assertThat(TWO_SOCKETS.cpusOfNode(1)).hasToString("8-15,24-31");
        assertThat(TWO_SOCKETS.cpusOfSocket(1)).isEqualTo(TWO_SOCKETS.cpusOfNode(1));
        assertThat(TWO_SOCKETS.cpusOfL3(8)).isEqualTo(TWO_SOCKETS.cpusOfNode(1));
        assertThat(TWO_SOCKETS.cpusOfCore(9)).hasToString("9,25");
        assertThat(TWO_SOCKETS.cpu(25)).isEqualTo(new Cpu(25, 9, 1, 1, 8));
        assertThat(TWO_SOCKETS.distances().get(0)).containsExactly(10, 21);
        assertThat(TWO_SOCKETS.memory()).isEqualTo(Map.of(0, 64L << 30, 1, 64L << 30));
        assertThat(TWO_SOCKETS).hasToString("32 CPUs (0-31), 2 NUMA nodes, 2 sockets");
    }

    @Test
    void socketsMayHaveSeveralNumaNodes() {
        Machine machine = Machine.regular(2, 2, 2, 1, 1L << 30);
        assertThat(machine.cpusOfSocket(1)).hasToString("4-7");
        assertThat(machine.cpusOfNode(3)).hasToString("6-7");
        assertThat(machine.cpusOfL3(4)).hasToString("4-7");
        assertThat(machine.distances().get(2)).containsExactly(21, 21, 10, 11);
    }

    @Test
    void variesByOneThing() {
        Machine machine = TWO_SOCKETS
                .withOffline(CpuSet.of(3, 99))
                .withIsolated(CpuSet.of(4))
                .withHugepages(1, 2L << 20, 7)
                .withHugepages(1, 1L << 30, 1);
        assertThat(machine.cpuSet()).hasToString("0-2,4-31");
        assertThat(machine.offline()).hasToString("3");
        assertThat(machine.isolated()).hasToString("4");
        assertThat(machine.hugepages()).isEqualTo(Map.of(1, Map.of(2L << 20, 7L, 1L << 30, 1L)));
        assertThat(machine.hugePageSizes()).containsExactly(HugePageSize.parse("2MB"), HugePageSize.parse("1GB"));
        assertThat(machine).isNotEqualTo(TWO_SOCKETS);
        assertThat(TWO_SOCKETS).isEqualTo(Machine.regular(2, 1, 8, 2, 64L << 30));
        assertThat(TWO_SOCKETS).hasSameHashCodeAs(Machine.regular(2, 1, 8, 2, 64L << 30));
        assertThatThrownBy(() -> machine.cpu(3)).hasMessage("CPU 3: is not online; online are 0-2,4-31");
    }

    @Test
    void refusesPartsThatContradictEachOther() {
        SortedMap<Integer, Long> memory = new TreeMap<>(Map.of(0, 1L));
        Cpu first = new Cpu(0, 0, 0, 0, 0);
        assertThatThrownBy(() -> machine(List.of(first, first), memory, new TreeMap<>(), CpuSet.empty()))
                .hasMessageContaining("ids must ascend");
        Cpu second = new Cpu(1, 0, 0, 0, 0);
        assertThatThrownBy(() -> machine(List.of(second, first), memory, new TreeMap<>(), CpuSet.empty()))
                .hasMessageContaining("CPU 0 after CPU 1");
        assertThatThrownBy(() -> machine(List.of(first), memory, new TreeMap<>(), CpuSet.of(0)))
                .hasMessageContaining("as online and as offline");
        assertThatThrownBy(() -> machine(List.of(), memory, new TreeMap<>(), CpuSet.empty()))
                .hasMessageContaining("no CPU");
        assertThatThrownBy(() ->
                        machine(List.of(first), memory, new TreeMap<>(Map.of(0, List.of(10, 20))), CpuSet.empty()))
                .hasMessageContaining("distances of NUMA node 0");
        memory.put(0, -1L);
        assertThatThrownBy(() -> machine(List.of(first), memory, new TreeMap<>(), CpuSet.empty()))
                .hasMessageContaining("-1 is negative");
    }

    private static Machine machine(
            List<Cpu> cpus,
            SortedMap<Integer, Long> memory,
            SortedMap<Integer, List<Integer>> distances,
            CpuSet offline) {
        return new Machine(cpus, memory, new TreeMap<>(), distances, offline, CpuSet.empty());
    }
}
