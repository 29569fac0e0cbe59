package io.podslice.cgroups.machine;

/**
 * One logical CPU (hardware thread) and its place in the machine. CPUs that share a core, socket, node or cache have
 * equal ids for it; ids may have gaps.
 *
 * @param id the kernel's CPU number
 * @param core id of its core, unique in the machine: the lowest CPU id among the core's threads when read from sysfs
 * @param socket physical package id
 * @param numaNode NUMA node id
 * @param l3 id of its L3 cache, unique in the machine; the socket id where there is none
 */
public record Cpu(int id, int core, int socket, int numaNode, int l3) {}
