package io.podslice.node.cpuset;

import io.podslice.managers.pod.PodAnnotations;
import java.util.Map;

/** A value of {@code cpuset.cpus.partition} other than {@code member}. */
public enum PartitionKind {
    /** The kernel balances load among the partition's CPUs. */
    ROOT("root"),
    /** The kernel balances no load there, and keeps unbound kernel work off. */
    ISOLATED("isolated");

    private final String text;

    PartitionKind(String text) {
        this.text = text;
    }

    /** The spelling in the kernel's file. */
    public String text() {
        return text;
    }

    static PartitionKind of(Map<String, String> annotations, String container) {
        return PodAnnotations.isolated(annotations, container) ? ISOLATED : ROOT;
    }

    /**
     * Tells if a partition of this kind is desired and the file says that there is a valid one that does as much: an
     * isolated one keeps off all that a root one does, and an administrator may have made it so.
     */
    boolean isSatisfiedBy(String partition) {
        return partition.equals(text) || (this == ROOT && partition.equals(ISOLATED.text));
    }
}
