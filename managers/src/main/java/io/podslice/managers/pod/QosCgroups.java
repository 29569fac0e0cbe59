package io.podslice.managers.pod;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.layout.CgroupLayout;
import java.util.Optional;

/**
 * The cgroups of QoS classes on a node, and the class that a pod's cgroup tells. Guaranteed pods are directly below the root
 * of all pods, and have no cgroup of their class.
 *
 * @param layout the places of the node's cgroups
 */
public record QosCgroups(CgroupLayout layout) {

    /** Returns the cgroup that holds the pods of a class; for Guaranteed ones the root of all pods. */
    public CgroupPath holding(QosClass qos) {
        return layout.ofClass(
                switch (qos) {
                    case GUARANTEED -> "";
                    case BURSTABLE -> "burstable";
                    case BEST_EFFORT -> "besteffort";
                });
    }

    /** Tells if the cgroup is that of a QoS class. */
    public boolean isClass(CgroupPath path) {
        return layout.nameBelowRoot(path).flatMap(QosClass::ofCgroup).isPresent();
    }

    /**
     * Returns the QoS class by the cgroup that holds the pod; empty for a cgroup elsewhere, where no kubelet makes a pod's
     * and which tells no class.
     */
    public Optional<QosClass> ofPod(CgroupPath pod) {
        CgroupPath holding = pod.parent().orElse(CgroupPath.ROOT);
        return holding.equals(layout.kubepods())
                ? Optional.of(QosClass.GUARANTEED)
                : layout.nameBelowRoot(holding).flatMap(QosClass::ofCgroup);
    }
}
