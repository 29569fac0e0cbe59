package io.podslice.agent.map;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NestingTest {
    private static String outline(Machine machine) {
        return outline(Nesting.of(new NodeMap("", machine, CpuSet.empty(), machine.cpuSet(), List.of(), List.of())));
    }

    private static String outline(Part part) {
        if (part.kind() == Part.Kind.CORE) {
            return "c";
        }
        String inner = part.parts().stream().map(NestingTest::outline).collect(Collectors.joining(" "));
        return part.kind() == Part.Kind.CPU ? "" : part.title() + (inner.isBlank() ? "" : " (" + inner + ")");
    }

    private static Machine machine(int index) {
        return SampleMaps.machines().toList().get(index);
    }

    @Test
    void aCacheThatServesSeveralNumaNodesIsAroundThem() {
        assertThat(outline(Machine.regular(1, 2, 2, 1, 1 << 30)))
                .isEqualTo("4 CPUs, 4 cores, 2Gi (socket 0 (L3 (NUMA node 0, 1Gi (c c) NUMA node 1, 1Gi (c c))))");
    }

    @Test
    void aNumaNodeOfSeveralSocketsIsAroundThem() {
        assertThat(outline(machine(7)))
                .isEqualTo("32 CPUs, 16 cores, 128Gi (NUMA node 0, 64Gi (socket 0 (L3 (c c c c c c c c))"
                        + " socket 1 (L3 (c c c c c c c c))) NUMA node 1, 64Gi, no CPUs)");
    }

    @Test
    void partsThatCrossAreInPieces() {
        assertThat(outline(machine(8)))
                .contains("socket 0", "NUMA node 1, 64Gi (", "NUMA node 1, 64Gi, another part (");
    }

    @Test
    void memoryWithoutCpusIsBesideTheNearestNumaNode() {
        assertThat(outline(SampleMaps.withoutCpus()))
                .isEqualTo(
                        "16 CPUs, 8 cores, 384Gi (socket 0 (NUMA node 0, 64Gi (L3 (c c c c)) NUMA node 2, 128Gi, no CPUs)"
                                + " socket 1 (NUMA node 1, 64Gi (L3 (c c c c)) NUMA node 3, 128Gi, no CPUs) offline)");
    }

    @Test
    void devicesAndHugePagesAreAtTheirNode() {
        Machine machine = Machine.regular(2, 1, 1, 1, 1 << 30).withHugepages(1, 2 << 20, 512);
        NodeMap map = new NodeMap(
                "",
                machine,
                CpuSet.empty(),
                CpuSet.of(0),
                List.of(SampleMaps.pod("default/a", CpuSet.of(1), machine)),
                List.of());
        assertThat(outline(Nesting.of(map)))
                .contains("NUMA node 0, 1Gi (L3 (c))")
                .contains("NUMA node 1, 1Gi (512 huge pages of 2Mi A: example.com/gpu gpu-0 L3 (c))");
    }

    @Test
    void partsThatHoldOneOtherAreJoinedForText() {
        Part joined = Nesting.of(new NodeMap(
                        "", Machine.regular(2, 1, 1, 1, 1 << 30), CpuSet.empty(), CpuSet.empty(), List.of(), List.of()))
                .joined();
        assertThat(outline(joined))
                .isEqualTo(
                        "2 CPUs, 2 cores, 2Gi (socket 0, NUMA node 0, 1Gi, L3 (c) socket 1, NUMA node 1, 1Gi, L3 (c))");
    }
}
