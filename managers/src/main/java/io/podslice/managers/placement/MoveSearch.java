package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.admission.ManagersState;
import io.podslice.managers.cpu.CpuManagerState;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.placement.Placement.Placed;
import io.podslice.managers.pod.PodSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Searches the one running pod that would have to leave the fewest CPUs for a rejected pod to fit: takes each running
 * pod away, places the rejected pod, and puts the other back beside it. Costs two admissions for each pod with CPUs.
 */
final class MoveSearch {
    private final PodPlacer placer;
    private final NodePlacements all;
    private final Map<String, List<CpuSet>> devices;
    private final ManagersState state;

    MoveSearch(PodPlacer placer, NodePlacements all, Map<String, List<CpuSet>> devices) {
        this.placer = placer;
        this.all = all;
        this.devices = devices;
        this.state = all.state();
    }

    Optional<SmallestMove> forPod(String uid, PodSpec spec, Map<String, Boolean> exclusive) {
        return all.pods().keySet().stream()
                .filter(running -> !running.equals(uid))
                .flatMap(running -> move(running, uid, spec, exclusive).stream())
                .min(Comparator.comparingInt(SmallestMove::size)
                        .thenComparingInt(move -> move.from().size())
                        .thenComparing(SmallestMove::uid));
    }

    private Optional<SmallestMove> move(String running, String uid, PodSpec spec, Map<String, Boolean> exclusive) {
        PodPlacement has = all.pods().getOrDefault(running, PodPlacement.NONE);
        if (!has.hasCpus()) {
            return Optional.empty();
        }
        ManagersState without = state.withoutPod(running);
        if (!(placer.place(without, uid, spec, exclusive, devices) instanceof Placed(PodPlacement fits))) {
            return Optional.empty();
        }
        ManagersState with = with(without, uid, fits);
        EqualDemand again = EqualDemand.of(has);
        return placer.place(with, running, again.spec(), again.exclusive(), Map.of())
                        instanceof Placed(PodPlacement elsewhere)
                ? Optional.of(new SmallestMove(running, has.cpus(), elsewhere.cpus(), fits))
                : Optional.empty();
    }

    private static ManagersState with(ManagersState others, String uid, PodPlacement pod) {
        ManagersState own = NodePlacements.EMPTY.with(uid, pod).state();
        SortedMap<String, CpuManagerState.Pod> cpus =
                new TreeMap<>(others.cpus().pods());
        cpus.putAll(own.cpus().pods());
        SortedMap<String, MemoryState.Pod> memory =
                new TreeMap<>(others.memory().pods());
        memory.putAll(own.memory().pods());
        return new ManagersState(new CpuManagerState(cpus), new MemoryState(memory));
    }
}
