package io.podslice.node.resize;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.node.change.Changes;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.pods.AllocationMeter;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows CPUs that come and go. Pods get others in place of those that are gone, where others are free; until then a
 * pod runs on what is left of its CPUs, and it has the gone ones again if they come back. Guarded by the brain's lock.
 */
public final class GoneCpus {
    private static final Logger log = LoggerFactory.getLogger(GoneCpus.class);

    private final Clock clock;
    private final Ledger ledger;
    private final Changes changes;
    private final PresentMachine present;
    private final RuntimeNotifications notifications;
    private final AllocationMeter allocations;

    /** The CPUs that the cgroups were last written for. */
    private CpuSet followed;

    /** Of each pod, by uid, the gone CPUs of which a warning has told. */
    private final Map<String, CpuSet> told = new HashMap<>();

    public GoneCpus(
            Clock clock,
            Ledger ledger,
            Changes changes,
            PresentMachine present,
            RuntimeNotifications notifications,
            AllocationMeter allocations) {
        this.clock = clock;
        this.ledger = ledger;
        this.changes = changes;
        this.present = present;
        this.notifications = notifications;
        this.allocations = allocations;
        this.followed = present.cpus();
    }

    /**
     * Looks for CPUs that have come or gone, moves pods, and brings the cgroups to the CPUs that there are. Reads two
     * files where nothing has changed.
     */
    public void follow() {
        ledger.assertHeld();
        present.look();
        NodeState next = ledger.state();
        for (PodState pod : ledger.state().pods()) {
            CpuSet gone = pod.hasCpus() ? gone(pod) : CpuSet.empty();
            if (gone.isEmpty()) {
                told.remove(pod.uid());
            } else if (!pod.isReclaiming()) {
                next = next.with(moved(pod, gone, next));
            }
        }
        told.keySet().removeIf(uid -> ledger.state().pod(uid).isEmpty());
        if (!present.cpus().equals(followed) || !next.equals(ledger.state())) {
            changes.enforceAnyway(next, "CPUs come and go");
            followed = present.cpus();
        }
    }

    private CpuSet gone(PodState pod) {
        return pod.placement().cpus().minus(present.cpus());
    }

    private PodState moved(PodState pod, CpuSet gone, NodeState state) {
        PodPlacement had = pod.placement();
        PodPlacement has = present.placer().replaceGone(state.placements(), pod.uid(), present.nodesOf(gone));
        PodState moved = pod;
        if (!has.equals(had)) {
            Allocation allocation = new Allocation(pod.spec(), pod.budget(), has);
            moved = pod.resized(allocation, notifications.beside(pod, allocation, clock.instant()));
            allocations.placed(had, has);
            log.warn(
                    "pod {}: CPUs {} of its {} are gone; it has {} in place of {}",
                    pod.fullName(),
                    gone,
                    had.cpus(),
                    has.cpus().minus(had.cpus()),
                    had.cpus().minus(has.cpus()));
        }
        tellOfRest(moved);
        return moved;
    }

    /** Says once which CPUs nothing could take the place of. */
    private void tellOfRest(PodState pod) {
        CpuSet gone = gone(pod);
        if (!gone.isEmpty() && !gone.equals(told.put(pod.uid(), gone))) {
            log.warn(
                    "pod {}: CPUs {} of its {} are gone, and no other is free to take their place",
                    pod.fullName(),
                    gone,
                    pod.placement().cpus());
        }
    }
}
