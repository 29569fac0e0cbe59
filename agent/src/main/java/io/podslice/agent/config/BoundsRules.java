package io.podslice.agent.config;

import io.podslice.agent.config.Rule.Shape;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Keys of {@code bounds}: the most that pods may ask of podslice. */
final class BoundsRules {
    static final Rule<String> NAMESPACES = Rule.reload(
            "bounds.namespaces",
            Kinds.namespace(),
            Shape.LIST,
            "[]",
            "The namespaces whose pods may have annotations for podslice; empty: all.",
            c -> c.bounds().namespaces());

    static final Rule<OptionalInt> PER_POD = Rule.reload(
            "bounds.exclusiveCPUsPerPod",
            Kinds.bound("a number of CPUs"),
            Shape.ONE,
            "",
            "The most CPUs that one pod may have for itself.",
            c -> c.bounds().exclusiveCpusPerPod());

    static final Rule<OptionalInt> PER_NAMESPACE = Rule.reload(
            "bounds.exclusiveCPUsPerNamespace",
            Kinds.bound("a number of CPUs"),
            Shape.ONE,
            "",
            "The most CPUs that all pods of a namespace together may have for themselves.",
            c -> c.bounds().exclusiveCpusPerNamespace());

    static final Rule<Integer> PERCENT = Rule.reload(
            "bounds.exclusivePercent",
            Kinds.percent(),
            Shape.ONE,
            "100",
            "The most of the node's CPUs that pods may have for themselves, rounded down to whole CPUs.",
            c -> c.bounds().exclusivePercent());

    static final Rule<Integer> POOL = Rule.reload(
            "bounds.sharedPoolCPUs",
            Kinds.number("a number of CPUs", 1, "pods without CPUs of their own run there"),
            Shape.ONE,
            "1",
            "The fewest CPUs that stay in the node shared pool.",
            c -> c.bounds().sharedPoolCpus());

    static final Rule<OptionalLong> GUARDED = Rule.reload(
            "bounds.guardedMemory",
            Kinds.bytes(),
            Shape.ONE,
            "",
            "The most memory that `memory.min` and `memory.low` of all pods may guard together.",
            c -> c.bounds().guardedMemoryBytes());

    static final Rule<Boolean> ISOLATED = Rule.reload(
            "bounds.isolated",
            Kinds.truth(),
            Shape.ONE,
            "true",
            "Containers may ask by `podslice.io/isolated.CONTAINER` for a partition in which the kernel balances no load.",
            c -> c.bounds().isolated());

    private BoundsRules() {}

    /** Returns these rules, in the table's order. */
    static List<Rule<?>> all() {
        return List.of(NAMESPACES, PER_POD, PER_NAMESPACE, PERCENT, POOL, GUARDED, ISOLATED);
    }
}
