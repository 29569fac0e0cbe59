package io.podslice.node.pods;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.ResourceList;
import io.podslice.node.PodPhase;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.PodBudget;
import io.podslice.node.state.PodIdentity;
import io.podslice.node.state.PodLife;
import io.podslice.node.state.PodState;
import io.podslice.node.state.Resizing;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Only pods that did not end in the ordinary way are warned of. */
final class LostPodsWarningTest {
    private static PodState pod(PodPhase phase, boolean madeCgroup) {
        PodCgroupValues values = new PodCgroupValues(2048, -1, 100_000, 0, new TreeMap<>());
        return new PodState(
                new PodIdentity("uid-p", "default", "p", new CgroupPath("/kubepods/podp"), madeCgroup, Map.of()),
                new Allocation(
                        Optional.empty(),
                        new PodBudget(values, true, ResourceList.EMPTY, ResourceList.EMPTY),
                        PodPlacement.ofSet(CpuSet.parse("0-1"))),
                new PodLife(phase, 1, "sb1", Instant.EPOCH),
                List.of(),
                Resizing.NONE);
    }

    @Test
    void theKubeletHasRemovedTheCgroupOfAPodThatItDeleted() {
        assertThat(LostPods.warning(pod(PodPhase.RUNNING, false), false)).isEmpty();
        assertThat(LostPods.warning(pod(PodPhase.STOPPED, false), false)).isEmpty();
        assertThat(LostPods.warning(pod(PodPhase.STOPPED, true), true)).isEmpty();
    }

    @Test
    void aPodWithoutProcessesWhoseCgroupStaysIsGoneWithoutNotice() {
        String warning = "pod default/p (uid uid-p) is gone without notice: its CPUs 0-1 are given back";
        assertThat(LostPods.warning(pod(PodPhase.RUNNING, false), true)).contains(warning);
        assertThat(LostPods.warning(pod(PodPhase.RUNNING, true), false)).contains(warning);
    }
}
