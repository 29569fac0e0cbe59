package io.podslice.managers.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DeviceHintsTest {
    private final NumaNodes nodes = NumaNodes.of(Machine.regular(2, 2, 2, 2, 1L << 30));

    private DeviceHints of(CpuSet... devices) {
        return new DeviceHints(nodes, List.of(List.of(devices), List.of()));
    }

    private TopologyHint merged(DeviceHints devices, TopologyPolicy policy) {
        return new HintMerger(nodes, policy, false).merge(devices.podHints());
    }

    @Test
    void theNodesOfAllDevicesArePreferred() {
        assertThat(merged(of(CpuSet.of(2)), TopologyPolicy.SINGLE_NUMA_NODE))
                .isEqualTo(new TopologyHint(CpuSet.of(2), true));
        assertThat(merged(of(CpuSet.of(1), CpuSet.of(3), CpuSet.of(1)), TopologyPolicy.RESTRICTED))
                .isEqualTo(new TopologyHint(CpuSet.of(1, 3), true));
        assertThat(merged(of(CpuSet.of(1), CpuSet.of(3)), TopologyPolicy.SINGLE_NUMA_NODE)
                        .preferred())
                .isFalse();
    }

    @Test
    void aDeviceThatIsLocalToSeveralNodesIsContentWithEach() {
        assertThat(merged(of(CpuSet.of(0, 1), CpuSet.of(1, 2)), TopologyPolicy.RESTRICTED))
                .isEqualTo(new TopologyHint(CpuSet.of(1), true));
    }

    @Test
    void devicesThatAreNearToAllNodesDoNotMatter() {
        assertThat(of(CpuSet.empty()).podHints()).isEmpty();
        assertThat(of(CpuSet.empty()).outlook()).isEmpty();
        assertThat(of(CpuSet.of(2)).containerHints(1)).isEmpty();
    }

    @Test
    void itSaysWhereTheyAre() {
        assertThat(of(CpuSet.of(0, 1), CpuSet.of(3)).outlook()).isEqualTo("devices are local to NUMA nodes 0-1; 3");
    }
}
