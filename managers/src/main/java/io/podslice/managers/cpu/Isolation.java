package io.podslice.managers.cpu;

import java.util.List;
import java.util.Locale;

/** Whom a container shares its CPUs with. */
public enum Isolation {
    /** All that run in the node shared pool. */
    HOST,
    /** Other containers of its pod. */
    POD,
    /** Nobody. */
    CONTAINER;

    /** As the kubelet logs it, e.g. {@code container}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a container's CFS quota is lifted: CPUs of one's own need no other limit. */
    public boolean liftsQuota() {
        return this == CONTAINER;
    }

    /**
     * Whether a pod's CFS quota is lifted: where it has a set of its own, if all its containers have CPUs of their own;
     * otherwise if any has.
     *
     * @param asOne whether the pod was allocated its resources as one
     * @param containers of all but ephemeral containers
     */
    public static boolean liftsPodQuota(boolean asOne, List<Isolation> containers) {
        return asOne
                ? !containers.isEmpty() && containers.stream().allMatch(Isolation::liftsQuota)
                : containers.stream().anyMatch(Isolation::liftsQuota);
    }
}
