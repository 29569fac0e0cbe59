package io.podslice.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.proto.v1.Topology;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TopologiesTest {
    static Stream<Machine> machines() {
        return Stream.of(
                Machine.regular(1, 1, 1, 1, 0),
                Machine.regular(2, 8, 16, 2, 64L << 30)
                        .withHugepages(3, 2 << 20, 512)
                        .withHugepages(3, 1 << 30, 4)
                        .withOffline(CpuSet.parse("5,9"))
                        .withIsolated(CpuSet.parse("2-3"))
                        .withOnly(CpuSet.parse("0-400")),
                new Machine(
                        List.of(Cpu.withoutL3(7, 7, 1, 4)),
                        new TreeMap<>(),
                        new TreeMap<>(),
                        new TreeMap<>(),
                        CpuSet.empty(),
                        CpuSet.empty()));
    }

    @ParameterizedTest
    @MethodSource("machines")
    void aMachineComesBackAsItWas(Machine machine) {
        assertThat(Topologies.machine(Topologies.of(machine))).isEqualTo(machine);
    }

    @Test
    void idsThatNoMachineHasAreRefused() {
        Topology far = Topology.newBuilder()
                .addCpus(Topology.Cpu.newBuilder().setId(Integer.MAX_VALUE))
                .build();
        assertThatThrownBy(() -> Topologies.machine(far))
                .hasMessage("topology: id 2147483647: must be between 0 and 65535");
        assertThatThrownBy(() -> Topologies.machine(Topology.getDefaultInstance()))
                .hasMessage("no CPU is online");
    }
}
