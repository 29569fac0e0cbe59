package io.podslice.node.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.ResourceList;
import io.podslice.node.PodPhase;
import io.podslice.node.state.StateChange.PodChange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What leads from one state of the node to the next, and what a state keeps from the one before. */
final class StateChangeTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final List<String> UIDS = List.of("a", "ab", "b", "c");

    private static PodState pod(String uid, int cpus, int generation) {
        PodCgroupValues values = new PodCgroupValues(1024L * cpus, -1, 100_000, 0, new TreeMap<>());
        return new PodState(
                new PodIdentity(uid, "default", uid, new CgroupPath("/kubepods/pod" + uid), true, Map.of()),
                new Allocation(
                        Optional.empty(),
                        new PodBudget(values, true, ResourceList.EMPTY, ResourceList.EMPTY),
                        PodPlacement.ofSet(CpuSet.parse("0-" + (cpus - 1)))),
                new PodLife(PodPhase.RUNNING, generation, "sb-" + uid, NOON),
                List.of(),
                Resizing.NONE);
    }

    /** Makes the state in which each pod is absent, present, or present and changed, as the digits of a number say. */
    private static NodeState state(int digits) {
        List<PodState> pods = new ArrayList<>();
        int rest = digits;
        for (String uid : UIDS) {
            if (rest % 3 != 0) {
                pods.add(pod(uid, 2, rest % 3));
            }
            rest /= 3;
        }
        return NodeState.of(pods);
    }

    @Test
    void betweenAnyTwoStatesAreThePodsThatDifferAndNoOthers() {
        for (int from = 0; from < 81; from++) {
            for (int to = 0; to < 81; to++) {
                NodeState before = state(from);
                NodeState after = state(to);
                List<PodChange> put = new ArrayList<>();
                List<String> removed = new ArrayList<>();
                for (String uid : UIDS) {
                    Optional<PodState> now = after.pod(uid);
                    if (now.isPresent() && !now.equals(before.pod(uid))) {
                        put.add(new PodChange(before.pod(uid), now.get()));
                    } else if (now.isEmpty() && before.pod(uid).isPresent()) {
                        removed.add(uid);
                    }
                }

                StateChange change = StateChange.between(before, after);

                assertThat(change).isEqualTo(new StateChange(put, removed, Optional.empty()));
                assertThat(change.appliedTo(before)).isEqualTo(after);
                assertThat(before.equals(after)).isEqualTo(change.isEmpty());
            }
        }
    }

    @Test
    void placementsAreThoseOfThePodsAfterEveryChange() {
        NodeState two = NodeState.of(List.of(pod("a", 2, 1), pod("b", 4, 1)));

        assertThat(two.placements().held()).isEqualTo(CpuSet.parse("0-3"));
        assertThat(two.with(pod("b", 4, 2)).placements()).isSameAs(two.placements());
        assertThat(two.with(pod("b", 6, 2)).placements().held()).isEqualTo(CpuSet.parse("0-5"));
        assertThat(two.with(pod("c", 8, 1)).placements().held()).isEqualTo(CpuSet.parse("0-7"));
        assertThat(two.without("b").placements().held()).isEqualTo(CpuSet.parse("0-1"));
        assertThat(two.without("z")).isSameAs(two);
    }
}
