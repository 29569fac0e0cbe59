package io.podslice.managers.topology;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import java.util.ArrayList;
import java.util.List;

/** The order in which a pod's containers are allocated: init containers and sidecars, then app containers. */
public final class AdmissionOrder {
    private AdmissionOrder() {}

    /** Returns the pod with its containers in that order, without ephemeral ones, which get no allocation. */
    public static PodSpec of(PodSpec pod) {
        List<ContainerSpec> ordered = new ArrayList<>(pod.containers().size());
        for (ContainerSpec container : pod.containers()) {
            if (container.kind() == ContainerKind.INIT || container.kind() == ContainerKind.SIDECAR) {
                ordered.add(container);
            }
        }
        for (ContainerSpec container : pod.containers()) {
            if (container.kind() == ContainerKind.APP) {
                ordered.add(container);
            }
        }
        return new PodSpec(pod.resources(), ordered);
    }
}
