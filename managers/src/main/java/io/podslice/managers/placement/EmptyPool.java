package io.podslice.managers.placement;

import io.podslice.managers.pod.ContainerKind;
import org.jspecify.annotations.Nullable;

/** The kubelet's check that slices leave CPUs for the containers that share; by counts alone. */
final class EmptyPool {
    private static final String REASON = "EmptyPodSharedPoolError";

    private EmptyPool() {}

    /** Why the pod cannot be; null if it can. */
    static Placement.@Nullable Rejected check(PodDemand demand) {
        if (demand.cpus() == 0) {
            return null;
        }
        int sidecars = 0;
        int running = 0;
        boolean shares = false;
        for (ContainerDemand container : demand.containers()) {
            if (container.kind() == ContainerKind.INIT && !container.isExclusive() && sidecars >= demand.cpus()) {
                return new Placement.Rejected(
                        REASON,
                        "pod rejected, pod has shared init containers but no cpus available for them: \""
                                + container.name() + "\" comes after exclusive sidecars with " + sidecars + " of the"
                                + " pod's " + demand.cpus() + " CPUs",
                        true);
            }
            if (container.kind() == ContainerKind.SIDECAR) {
                sidecars += container.cpus();
            }
            if (container.kind().isLongRunning()) {
                running += container.cpus();
                shares |= !container.isExclusive();
            }
        }
        if (shares && running >= demand.cpus()) {
            return new Placement.Rejected(
                    REASON,
                    "pod rejected, sum of exclusive container cpu requests equals pod budget, leaving no cpus for"
                            + " shared containers: exclusive " + running + ", pod " + demand.cpus()
                            + "; a pod budget of " + (running + 1) + " CPUs would do",
                    true);
        }
        return null;
    }
}
