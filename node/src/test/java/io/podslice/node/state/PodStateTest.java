package io.podslice.node.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.PodPhase;
import io.podslice.node.ResizeCondition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A pod's state, and what a resize changes in it. */
final class PodStateTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    private final PodState pod = new PodState(
            new PodIdentity("uid-p", "default", "p", new CgroupPath("/kubepods/podp"), true, Map.of("a", "b")),
            allocation(2, spec(ResourceList.of("2", "4Gi"))),
            new PodLife(PodPhase.RUNNING, 7, "sb1", NOON),
            List.of(
                    new ContainerState(8, "c1", "one", ContainerKind.APP, true, true, true),
                    new ContainerState(9, "c2", "debug", ContainerKind.EPHEMERAL, false, false, false)),
            Resizing.NONE.withInProgress(Optional.of(new ResizeInProgress(
                    new ResizeCondition(ResizeCondition.Type.IN_PROGRESS, "", "", NOON), List.of(), List.of("c1")))));

    private static PodSpec spec(ResourceList limits) {
        return new PodSpec(
                new ResourceRequirements(limits, limits),
                List.of(new ContainerSpec("one", ContainerKind.APP, ResourceRequirements.NONE)));
    }

    private static Allocation allocation(int cpus, PodSpec spec) {
        PodCgroupValues values = new PodCgroupValues(1024L * cpus, -1, 100_000, 0, new TreeMap<>());
        return new Allocation(
                Optional.of(spec),
                new PodBudget(values, true, spec.resources().limits(), ResourceList.EMPTY),
                PodPlacement.ofSet(CpuSet.parse("0-" + (cpus - 1))));
    }

    @Test
    void aResizeChangesAllocationAndResizingAndNothingElse() {
        Allocation larger = allocation(4, spec(ResourceList.of("4", "4Gi")));

        PodState resized = pod.resized(larger, Resizing.NONE);

        assertThat(resized)
                .isEqualTo(new PodState(pod.identity(), larger, pod.life(), pod.containers(), Resizing.NONE));
    }

    @Test
    void aContainerInheritsTheLimitsThatTheAllocatedSpecLeavesToThePod() {
        PodSpec cpuAlone = spec(ResourceList.of("4", "0"));

        PodState resized = pod.resized(allocation(4, cpuAlone), pod.resizing());

        assertThat(resized.container("c1"))
                .contains(new ContainerState(8, "c1", "one", ContainerKind.APP, true, false, true));
        assertThat(resized.container("c2")).isEqualTo(pod.container("c2"));
    }

    @Test
    void withoutASpecContainersInheritWhatTheyDid() {
        Allocation unknown = pod.allocation().withSpec(Optional.empty());

        assertThat(pod.resized(unknown, Resizing.NONE).containers()).isEqualTo(pod.containers());
    }
}
