package io.podslice.managers.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CpuTopologyTest {
    /** 2 sockets of 2 NUMA nodes with 2 L3 caches of 2 cores with 2 threads; the second threads are 16 above. */
    private final CpuTopology topology = CpuTopology.of(Topologies.regular(2, 2, 2, 2, 2));

    @Test
    void knowsTheCpusOfNumaNodesAndOfTheirSockets() {
        assertThat(topology.cpusOfNumaNodes(CpuSet.of(1))).isEqualTo(CpuSet.parse("4-7,20-23"));
        assertThat(topology.cpusOfSocketsOfNumaNodes(CpuSet.of(1))).isEqualTo(CpuSet.parse("0-7,16-23"));
        assertThat(topology.cpusOfSocketsOfNumaNodes(CpuSet.of(1, 2))).isEqualTo(topology.all());
        assertThat(topology.cpusOfSocketsOfNumaNodes(CpuSet.empty()).isEmpty()).isTrue();
        assertThat(topology.numaNodesOf(CpuSet.parse("3-4,99"))).isEqualTo(CpuSet.of(0, 1));
        assertThat(topology.socketsOf(CpuSet.of(7, 8))).isEqualTo(CpuSet.of(0, 1));
        assertThat(topology.socketOfNumaNode(3)).isEqualTo(1);
        assertThat(topology.socketOfNumaNode(4)).isEqualTo(-1);
        assertThat(topology.countByNumaNode(CpuSet.parse("0,1,4,99"))).isEqualTo(Map.of(0, 2L, 1, 1L, 2, 0L, 3, 0L));
    }

    @Test
    void knowsWholeCores() {
        assertThat(topology.wholeCoresOf(CpuSet.of(0, 20))).isEqualTo(CpuSet.of(0, 4, 16, 20));
        assertThat(topology.isWholeCores(CpuSet.of(0, 16))).isTrue();
        assertThat(topology.isWholeCores(CpuSet.of(0, 1, 16))).isFalse();
        assertThat(topology.isWholeCores(CpuSet.empty())).isTrue();
    }

    @Test
    void theTightestPartIsOnTheNodeAndInTheCacheWithTheFewestThatAreEnough() {
        assertThat(topology.tightest(CpuSet.parse("0-3,4-6"), 3)).isEqualTo(CpuSet.parse("4-6"));
        assertThat(topology.tightest(CpuSet.parse("0-2,4-6"), 3)).isEqualTo(CpuSet.parse("0-2"));
        assertThat(topology.tightest(CpuSet.parse("0-3,4-6"), 2)).isEqualTo(CpuSet.parse("4-5"));
        assertThat(topology.tightest(CpuSet.parse("0-3,4-6"), 5)).isEqualTo(CpuSet.parse("0-6"));
    }

    @Test
    void refusesWhatIsNoMachine() {
        Cpu cpu = new Cpu(0, 0, 0, 0, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CpuTopology.of(List.of(cpu, cpu)))
                .withMessage("CPU 0 is listed twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CpuTopology.of(List.of()))
                .withMessage("a machine without CPUs");
    }
}
