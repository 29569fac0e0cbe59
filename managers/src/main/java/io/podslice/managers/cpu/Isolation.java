package io.podslice.managers.cpu;

import java.util.List;
import java.util.Locale;

/** The level at which a container shares its CPUs. */
public enum Isolation {
    /** Shares with all containers in the node shared pool. */
    HOST,
    /** Shares with other containers of its pod. */
    POD,
    /** Shares with no other container. */
    CONTAINER;

    /** The spelling in the kubelet's logs, e.g. {@code container}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Tells if a container's CFS quota is lifted: exclusive CPUs need no other limit. */
    public boolean liftsQuota() {
        return this == CONTAINER;
    }

    /**
     * Tells if a pod's CFS quota is lifted: for a pod with a set of its own, if all its containers have exclusive CPUs;
     * for any other pod, if one has.
     *
     * @param asOne true if the pod was allocated its resources as a whole
     * @param containers the levels of all but ephemeral containers
     */
    public static boolean liftsPodQuota(boolean asOne, List<Isolation> containers) {
        return asOne
                ? !containers.isEmpty() && containers.stream().allMatch(Isolation::liftsQuota)
                : containers.stream().anyMatch(Isolation::liftsQuota);
    }
}
