package io.podslice.cgroups.machine;

import io.podslice.cgroups.CpuSet;

/**
 * One logical CPU (hardware thread) and its place in the machine. CPUs that share a core, socket, node or cache have
 * equal ids for it; ids may have gaps.
 *
 * @param id the kernel's CPU number
 * @param core id of its core, unique in the machine: the lowest CPU id among the core's threads when read from sysfs
 * @param socket physical package id
 * @param numaNode NUMA node id
 * @param l3 id of its L3 cache, unique in the machine; {@link #withoutL3} makes a CPU that has none
 */
public record Cpu(int id, int core, int socket, int numaNode, int l3) {
    /** Ids from here on stand for sockets, above every id of a CPU. */
    private static final int FIRST_WITHOUT_L3 = CpuSet.MAX_ID + 1;

    /** Makes a CPU without an L3 cache: placement takes its socket for one, as the kubelet does. */
    public static Cpu withoutL3(int id, int core, int socket, int numaNode) {
        return new Cpu(id, core, socket, numaNode, FIRST_WITHOUT_L3 + socket);
    }

    /** Tells if the CPU has an L3 cache. */
    public boolean hasL3() {
        return l3 < FIRST_WITHOUT_L3;
    }
}
