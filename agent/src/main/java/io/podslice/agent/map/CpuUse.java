package io.podslice.agent.map;

import io.podslice.cgroups.CpuSet;
import java.util.List;

/**
 * The use of one CPU.
 *
 * @param kind its users
 * @param owner index of the pod among those with CPUs of their own; -1 where the CPU is not one pod's
 * @param isReserved true if no pod gets it for itself
 * @param isIsolated true if it was taken out of the scheduler's balancing at boot
 * @param isGone true if pods cannot use it: it is offline, or the cgroups above pods forbid it
 */
record CpuUse(Kind kind, int owner, boolean isReserved, boolean isIsolated, boolean isGone) {
    private static final int NO_OWNER = -1;

    /** The users of a CPU, with the name in JSON and SVG. */
    enum Kind {
        /** Containers of one pod that do not share it with the pod's others. */
        EXCLUSIVE("exclusive"),
        /** The containers that run in one pod's shared pool. */
        POD_SHARED("podShared"),
        /** All pods without CPUs of their own. */
        NODE_SHARED("nodeShared"),
        /** More than one pod that should have it alone. */
        CONTESTED("contested"),
        /** No pod. */
        NONE("none");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /**
     * @param owners the pods that have CPUs of their own
     * @param gone CPUs that pods cannot use
     */
    static CpuUse of(NodeMap map, List<MappedPod> owners, CpuSet gone, int cpu) {
        int owner = NO_OWNER;
        boolean isContested = false;
        for (int i = 0; i < owners.size(); i++) {
            if (owners.get(i).cpus().contains(cpu)) {
                isContested |= owner != NO_OWNER;
                owner = i;
            }
        }
        return new CpuUse(
                kind(map, owners, cpu, owner, isContested),
                isContested ? NO_OWNER : owner,
                map.reserved().contains(cpu),
                map.machine().isolated().contains(cpu),
                gone.contains(cpu));
    }

    private static Kind kind(NodeMap map, List<MappedPod> owners, int cpu, int owner, boolean isContested) {
        if (isContested) {
            return Kind.CONTESTED;
        }
        if (owner != NO_OWNER) {
            return owners.get(owner).sharedPool().contains(cpu) ? Kind.POD_SHARED : Kind.EXCLUSIVE;
        }
        return map.sharedPool().contains(cpu) ? Kind.NODE_SHARED : Kind.NONE;
    }

    /** Returns the sign of the use: the owner's letters, or one character. */
    String sign() {
        return switch (kind) {
            case EXCLUSIVE -> Letters.capital(owner);
            case POD_SHARED -> Letters.small(owner);
            case NODE_SHARED -> ".";
            case CONTESTED -> "*";
            case NONE -> "-";
        };
    }
}
