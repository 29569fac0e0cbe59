package io.podslice.managers.placement;

import static io.podslice.managers.placement.Placing.app;
import static io.podslice.managers.placement.Placing.fraction;
import static io.podslice.managers.placement.Placing.init;
import static io.podslice.managers.placement.Placing.plain;
import static io.podslice.managers.placement.Placing.pod;
import static io.podslice.managers.placement.Placing.sidecar;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ResourceRequirements;
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

    @Test
    void aContainerWithoutMemoryOfItsOwnIsKeptToNodesOnlyWhereThePodIsAsAWhole() {
        Machine machine = Machine.regular(2, 1, 4, 2, 16L << 30);
        Placing node =
                new Placing(machine, PlacementPolicy.DEFAULT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
        node.place("whole", pod(4, app("a", 2), app("b", 0)));
        node.place("plain", plain(app("a", 2)));

        assertThat(node.carve("whole", "late", 1).mems("late")).isEqualTo(CpuSet.of(0));
        assertThat(node.carve("plain", "late", 1).mems("late")).isEqualTo(CpuSet.empty());
        assertThat(node.all().pods().get("plain"))
                .isNotNull()
                .extracting(pod -> pod.mems("a"))
                .isEqualTo(CpuSet.of(0));
    }

    @Test
    void theCpuManagerKnowsWhatEachContainerOfAPodMayUse() {
        Placing node = new Placing(Machine.regular(2, 1, 4, 2, 16L << 30), PlacementPolicy.DEFAULT);
        node.place(
                "whole",
                pod(
                        8,
                        init("first", 0),
                        sidecar("mesh", 2),
                        init("setup", 0),
                        app("db", 4),
                        app("log", 0),
                        new ContainerSpec("debug", ContainerKind.EPHEMERAL, ResourceRequirements.NONE)));
        node.place("plain", plain(app("a", 2), fraction("b")));

        assertThat(node.all().state().cpus().pod("whole").ofPod()).isEqualTo(CpuSet.parse("0-3,8-11"));
        // An init container before a sidecar may use the sidecar's CPUs too; shared containers use the CPUs in no
        // slice.
        assertThat(node.all().state().cpus().pod("whole").containers())
                .isEqualTo(Map.of(
                        "first", CpuSet.parse("0-3,8-11"),
                        "mesh", CpuSet.parse("0,8"),
                        "setup", CpuSet.parse("1-3,9-11"),
                        "db", CpuSet.parse("1-2,9-10"),
                        "log", CpuSet.parse("3,11")));
        assertThat(node.all().state().cpus().pod("plain").containers()).isEqualTo(Map.of("a", CpuSet.parse("4,12")));
    }
}
