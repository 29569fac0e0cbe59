package io.podslice.node;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The administrator's bounds on what pods may ask of podslice. They hold where a pod is admitted and where it grows; what a
 * pod has already is not taken from it when a bound is lowered.
 *
 * @param namespaces the namespaces whose pods may have annotations for podslice; empty for all
 * @param exclusiveCpusPerPod the most CPUs that one pod may have for itself; empty for no bound
 * @param exclusiveCpusPerNamespace the most CPUs that the pods of one namespace may have for themselves together; empty for
 *     no bound
 * @param exclusivePercent the most of the node's online CPUs that pods may have for themselves, 0 to 100 percent, rounded
 *     down to whole CPUs
 * @param sharedPoolCpus the fewest CPUs that the node shared pool keeps, 1 or more
 * @param guardedMemoryBytes the most memory that memory.min and memory.low of all pods may guard together; empty for no
 *     bound
 * @param isolated true if containers may ask for isolated partitions, which the kernel balances no load in
 */
public record Bounds(
        Set<String> namespaces,
        OptionalInt exclusiveCpusPerPod,
        OptionalInt exclusiveCpusPerNamespace,
        int exclusivePercent,
        int sharedPoolCpus,
        OptionalLong guardedMemoryBytes,
        boolean isolated) {

    /** No bounds but those of the machine: one CPU always stays in the node shared pool. */
    public static final Bounds NONE =
            new Bounds(Set.of(), OptionalInt.empty(), OptionalInt.empty(), 100, 1, OptionalLong.empty());

    /** Bounds that let containers ask for isolated partitions. */
    public Bounds(
            Set<String> namespaces,
            OptionalInt exclusiveCpusPerPod,
            OptionalInt exclusiveCpusPerNamespace,
            int exclusivePercent,
            int sharedPoolCpus,
            OptionalLong guardedMemoryBytes) {
        this(
                namespaces,
                exclusiveCpusPerPod,
                exclusiveCpusPerNamespace,
                exclusivePercent,
                sharedPoolCpus,
                guardedMemoryBytes,
                true);
    }

    public Bounds {
        namespaces = Set.copyOf(namespaces);
        if (exclusivePercent < 0 || exclusivePercent > 100) {
            throw new IllegalArgumentException("exclusivePercent " + exclusivePercent + ": must be 0 to 100");
        }
        if (sharedPoolCpus < 1) {
            throw new IllegalArgumentException("sharedPoolCPUs " + sharedPoolCpus + ": must be 1 or more");
        }
    }
}
