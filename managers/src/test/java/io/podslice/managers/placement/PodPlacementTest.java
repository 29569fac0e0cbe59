package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.init;
import static io.podslice.managers.placement.Placing.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.ContainerKind;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PodPlacementTest {
    private static final ContainerPlacement A = new ContainerPlacement("a", ContainerKind.APP, CpuSet.of(1));
    private static final ContainerPlacement B = new ContainerPlacement("b", ContainerKind.APP, CpuSet.of(2));

    private final PodPlacement both = PodPlacement.NONE.with(A).with(B);

    @Test
    void aContainerOfAKnownNameTakesThePlaceOfThatOne() {
        ContainerPlacement other = new ContainerPlacement("a", ContainerKind.APP, CpuSet.of(7));
        assertThat(both.with(other).containers()).containsExactly(other, B);
    }

    @Test
    void onlyTheContainerThatGoesIsGone() {
        assertThat(both.without("a").containers()).containsExactly(B);
        assertThat(both.without("c")).isEqualTo(both);
    }

    @Test
    void memoryIsAccountedOnlyWhereItIs() {
        Machine machine = Machine.regular(2, 1, 4, 2, 16L << 30);
        PodPlacement with = new Placing(
                        machine, PlacementPolicy.DEFAULT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()))
                .place("uid", pod(2, init("setup", 0), app("main", 1), app("rest", 0)));
        assertThat(with.hasMemory()).isTrue();
        assertThat(with.memoryBytes()).isEqualTo(1L << 30);
        assertThat(with.mems("main")).isEqualTo(CpuSet.of(0));
        assertThat(with.mems("setup")).isEqualTo(CpuSet.of(0));
        assertThat(with.mems("unknown")).isEqualTo(CpuSet.empty());
        PodPlacement without =
                new Placing(machine, PlacementPolicy.DEFAULT).place("uid", pod(2, app("main", 1), app("rest", 0)));
        assertThat(without.hasMemory()).isFalse();
        assertThat(without.mems("main")).isEqualTo(CpuSet.empty());
    }
}
