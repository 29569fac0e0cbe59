package io.podslice.cgroups.machine;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.HugePageSize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The node's hardware as placement sees it: an immutable value. The sets of CPUs that share a NUMA node, a socket, a
 * core or an L3 cache are made once, with the machine; reading one allocates nothing.
 */
public final class Machine {
    private final List<Cpu> cpus;
    private final SortedMap<Integer, Long> memory;
    private final SortedMap<Integer, Map<Long, Long>> hugepages;
    private final SortedMap<Integer, List<Integer>> distances;
    private final CpuSet offline;
    private final CpuSet isolated;
    private final CpuSet barred;

    /** CPUs by their ids; null in the gaps between ids. */
    private final @Nullable Cpu[] byId;

    private final CpuSet online;
    private final CpuSet numaNodes;
    private final CpuSet sockets;
    private final Map<Integer, CpuSet> ofNumaNode;
    private final Map<Integer, CpuSet> ofSocket;
    private final Map<Integer, CpuSet> ofCore;
    private final Map<Integer, CpuSet> ofL3;

    /**
     * @param cpus every online CPU, ascending by id; isolated ones included
     * @param memory bytes of each NUMA node's memory, by node id; CPU-less nodes included
     * @param hugepages number of pre-allocated huge pages, by node id and then by page size in bytes; a node without
     *     huge pages may be missing or have an empty map
     * @param distances the kernel's NUMA distances: one row for each node id, its entries in ascending order of the
     *     other node's id; empty where unknown
     * @param offline CPUs that are present but offline
     * @param isolated CPUs taken out of the scheduler's balancing at boot ({@code isolcpus})
     * @throws IllegalArgumentException if the parts contradict each other
     */
    public Machine(
            List<Cpu> cpus,
            SortedMap<Integer, Long> memory,
            SortedMap<Integer, Map<Long, Long>> hugepages,
            SortedMap<Integer, List<Integer>> distances,
            CpuSet offline,
            CpuSet isolated) {
        this(cpus, memory, hugepages, distances, offline, isolated, CpuSet.empty());
    }

    private Machine(
            List<Cpu> cpus,
            SortedMap<Integer, Long> memory,
            SortedMap<Integer, Map<Long, Long>> hugepages,
            SortedMap<Integer, List<Integer>> distances,
            CpuSet offline,
            CpuSet isolated,
            CpuSet barred) {
        this.cpus = List.copyOf(cpus);
        this.memory = Collections.unmodifiableSortedMap(new TreeMap<>(memory));
        SortedMap<Integer, Map<Long, Long>> pages = new TreeMap<>();
        hugepages.forEach((node, bySize) -> {
            if (!bySize.isEmpty()) {
                pages.put(node, Map.copyOf(bySize));
            }
        });
        this.hugepages = Collections.unmodifiableSortedMap(pages);
        SortedMap<Integer, List<Integer>> rows = new TreeMap<>();
        distances.forEach((node, row) -> rows.put(node, List.copyOf(row)));
        this.distances = Collections.unmodifiableSortedMap(rows);
        this.offline = offline;
        this.isolated = isolated;
        this.barred = barred;

        checkOrder(this.cpus);
        int[] ids = new int[cpus.size()];
        Map<Integer, List<Integer>> byNode = new TreeMap<>();
        Map<Integer, List<Integer>> bySocket = new TreeMap<>();
        Map<Integer, List<Integer>> byCore = new TreeMap<>();
        Map<Integer, List<Integer>> byL3 = new TreeMap<>();
        this.byId = new @Nullable Cpu[cpus.getLast().id() + 1];
        for (int i = 0; i < ids.length; i++) {
            Cpu cpu = cpus.get(i);
            ids[i] = cpu.id();
            byId[cpu.id()] = cpu;
            byNode.computeIfAbsent(cpu.numaNode(), n -> new ArrayList<>()).add(cpu.id());
            bySocket.computeIfAbsent(cpu.socket(), n -> new ArrayList<>()).add(cpu.id());
            byCore.computeIfAbsent(cpu.core(), n -> new ArrayList<>()).add(cpu.id());
            byL3.computeIfAbsent(cpu.l3(), n -> new ArrayList<>()).add(cpu.id());
        }
        this.online = CpuSet.of(ids);
        this.numaNodes = CpuSet.of(memory.keySet()).union(CpuSet.of(byNode.keySet()));
        this.sockets = CpuSet.of(bySocket.keySet());
        this.ofNumaNode = sets(byNode);
        this.ofSocket = sets(bySocket);
        this.ofCore = sets(byCore);
        this.ofL3 = sets(byL3);
        check();
    }

    private static Map<Integer, CpuSet> sets(Map<Integer, List<Integer>> lists) {
        Map<Integer, CpuSet> sets = new HashMap<>();
        lists.forEach((id, members) -> sets.put(id, CpuSet.of(members)));
        return Map.copyOf(sets);
    }

    private static void checkOrder(List<Cpu> cpus) {
        if (cpus.isEmpty()) {
            throw new IllegalArgumentException("no CPU is online");
        }
        int last = -1;
        for (Cpu cpu : cpus) {
            if (cpu.id() <= last) {
                throw new IllegalArgumentException("CPU " + cpu.id() + " after CPU " + last + ": ids must ascend");
            }
            last = cpu.id();
        }
    }

    private void check() {
        if (offline.intersects(online)) {
            throw new IllegalArgumentException(
                    "CPUs " + offline.intersection(online) + " are given as online and as offline");
        }
        memory.forEach((node, bytes) -> {
            if (bytes < 0) {
                throw new IllegalArgumentException("memory of NUMA node " + node + ": " + bytes + " is negative");
            }
        });
        distances.forEach((node, row) -> {
            if (row.size() != distances.size()) {
                throw new IllegalArgumentException(
                        "distances of NUMA node " + node + ": " + row.size() + " of " + distances.size() + " nodes");
            }
        });
    }

    /**
     * Makes a machine of equal parts, numbered as Linux does it on most servers: first one thread of every core, by
     * socket and NUMA node, then the second threads by socket and NUMA node. Each socket has one L3 cache; NUMA
     * distances are 10 to a node itself, 11 within the socket and 21 to another socket.
     *
     * @param sockets 1 or more
     * @param numaPerSocket NUMA nodes in each socket, 1 or more
     * @param coresPerNuma cores in each NUMA node, 1 or more
     * @param threads hardware threads in each core, 1 or more
     * @param memoryPerNuma bytes of memory of each NUMA node
     */
    public static Machine regular(int sockets, int numaPerSocket, int coresPerNuma, int threads, long memoryPerNuma) {
        int nodes = sockets * numaPerSocket;
        int cores = nodes * coresPerNuma;
        List<Cpu> cpus = new ArrayList<>();
        for (int id = 0; id < cores * threads; id++) {
            int core = id % cores;
            int node = core / coresPerNuma;
            int socket = node / numaPerSocket;
            cpus.add(new Cpu(id, core, socket, node, socket * numaPerSocket * coresPerNuma));
        }
        SortedMap<Integer, Long> memory = new TreeMap<>();
        SortedMap<Integer, List<Integer>> distances = new TreeMap<>();
        for (int from = 0; from < nodes; from++) {
            memory.put(from, memoryPerNuma);
            List<Integer> row = new ArrayList<>();
            for (int to = 0; to < nodes; to++) {
                row.add(from == to ? 10 : from / numaPerSocket == to / numaPerSocket ? 11 : 21);
            }
            distances.put(from, row);
        }
        return new Machine(cpus, memory, new TreeMap<>(), distances, CpuSet.empty(), CpuSet.empty());
    }

    /** Returns this machine with the given number of huge pages of that size on that NUMA node. */
    public Machine withHugepages(int numaNode, long pageBytes, long count) {
        SortedMap<Integer, Map<Long, Long>> pages = new TreeMap<>(hugepages);
        Map<Long, Long> ofNode = new HashMap<>(pages.getOrDefault(numaNode, Map.of()));
        ofNode.put(pageBytes, count);
        pages.put(numaNode, ofNode);
        return new Machine(cpus, memory, pages, distances, offline, isolated, barred);
    }

    /** Returns this machine with those CPUs isolated at boot. */
    public Machine withIsolated(CpuSet isolated) {
        return new Machine(cpus, memory, hugepages, distances, offline, isolated, barred);
    }

    /** Returns this machine with those CPUs taken offline, in addition to its offline CPUs. */
    public Machine withOffline(CpuSet taken) {
        List<Cpu> left = new ArrayList<>(cpus);
        left.removeIf(cpu -> taken.contains(cpu.id()));
        return new Machine(
                left,
                memory,
                hugepages,
                distances,
                offline.union(taken.intersection(online)),
                isolated.minus(taken),
                barred);
    }

    /**
     * Returns this machine without the CPUs that a cgroup may not use; they count as barred.
     *
     * @param allowed the CPUs that the cgroup may use, and perhaps others that are not online
     * @throws IllegalArgumentException if none of them is online
     */
    public Machine withOnly(CpuSet allowed) {
        CpuSet taken = online.minus(allowed);
        if (taken.isEmpty()) {
            return this;
        }
        List<Cpu> left = new ArrayList<>(cpus);
        left.removeIf(cpu -> taken.contains(cpu.id()));
        return new Machine(left, memory, hugepages, distances, offline, isolated.minus(taken), barred.union(taken));
    }

    /** CPUs that are online and that the cgroups of pods may not use; they are not among {@link #cpuSet}. */
    public CpuSet barred() {
        return barred;
    }

    /** Describes, for messages, the CPUs that pods can use, where these are fewer than are online; else empty. */
    public Optional<String> barredText() {
        return barred.isEmpty()
                ? Optional.empty()
                : Optional.of("pods can use CPUs " + online + " of the " + online.union(barred)
                        + " online: the cgroups above them allow no others (cpuset.cpus.effective)");
    }

    /** Returns this machine with those CPUs known to be online and barred, beside its own. */
    public Machine withBarred(CpuSet more) {
        return new Machine(
                cpus,
                memory,
                hugepages,
                distances,
                offline,
                isolated,
                barred.union(more).minus(online));
    }

    /** Every online CPU, ascending by id; isolated ones included. */
    public List<Cpu> cpus() {
        return cpus;
    }

    /** Bytes of each NUMA node's memory, by node id; CPU-less nodes included. */
    public SortedMap<Integer, Long> memory() {
        return memory;
    }

    /** Bytes of memory of all NUMA nodes together; 0 where the memory is not known. */
    public long memoryBytes() {
        long total = 0;
        for (long bytes : memory.values()) {
            total += bytes;
        }
        return total;
    }

    /** Number of pre-allocated huge pages, by node id and then by page size in bytes. */
    public SortedMap<Integer, Map<Long, Long>> hugepages() {
        return hugepages;
    }

    /** NUMA distances, a row for each node, each in ascending order of node ids; empty where unknown. */
    public SortedMap<Integer, List<Integer>> distances() {
        return distances;
    }

    /** CPUs that are present but offline. */
    public CpuSet offline() {
        return offline;
    }

    /** CPUs taken out of the scheduler's balancing at boot. */
    public CpuSet isolated() {
        return isolated;
    }

    /** The ids of all online CPUs. */
    public CpuSet cpuSet() {
        return online;
    }

    /** The ids of all NUMA nodes, those without CPUs included. */
    public CpuSet numaNodes() {
        return numaNodes;
    }

    /** The ids of all sockets. */
    public CpuSet sockets() {
        return sockets;
    }

    /**
     * Returns the online CPU with that id.
     *
     * @throws IllegalArgumentException if the machine has no such CPU, or it is offline
     */
    public Cpu cpu(int id) {
        Cpu cpu = id >= 0 && id < byId.length ? byId[id] : null;
        if (cpu == null) {
            throw new IllegalArgumentException("CPU " + id + ": is not online; online are " + online);
        }
        return cpu;
    }

    /** The online CPUs of that NUMA node; empty if it has none. */
    public CpuSet cpusOfNode(int numaNode) {
        return ofNumaNode.getOrDefault(numaNode, CpuSet.empty());
    }

    /** The online CPUs of that socket; empty if it has none. */
    public CpuSet cpusOfSocket(int socket) {
        return ofSocket.getOrDefault(socket, CpuSet.empty());
    }

    /** The online CPUs (threads) of that core; empty if it has none. */
    public CpuSet cpusOfCore(int core) {
        return ofCore.getOrDefault(core, CpuSet.empty());
    }

    /** The online CPUs that share that L3 cache; empty if there is no such cache. */
    public CpuSet cpusOfL3(int l3) {
        return ofL3.getOrDefault(l3, CpuSet.empty());
    }

    /** The NUMA nodes that these CPUs belong to; a CPU that is not online adds none. */
    public CpuSet nodesOf(CpuSet set) {
        CpuSet nodes = CpuSet.empty();
        for (int id = set.first(); id >= 0; id = set.next(id + 1)) {
            Cpu cpu = id < byId.length ? byId[id] : null;
            if (cpu != null && !nodes.contains(cpu.numaNode())) {
                nodes = nodes.union(CpuSet.of(cpu.numaNode()));
            }
        }
        return nodes;
    }

    /** The sizes of huge pages for which any NUMA node has a pool, ascending. */
    public List<HugePageSize> hugePageSizes() {
        return hugepages.values().stream()
                .flatMap(bySize -> bySize.keySet().stream())
                .distinct()
                .sorted()
                .map(HugePageSize::new)
                .toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Machine machine
                && cpus.equals(machine.cpus)
                && memory.equals(machine.memory)
                && hugepages.equals(machine.hugepages)
                && distances.equals(machine.distances)
                && offline.equals(machine.offline)
                && isolated.equals(machine.isolated)
                && barred.equals(machine.barred);
    }

    @Override
    public int hashCode() {
        return cpus.hashCode() * 31 + memory.hashCode();
    }

    /** Returns a summary for messages, e.g. {@code 32 CPUs (0-31), 2 NUMA nodes, 2 sockets}. */
    @Override
    public String toString() {
        return online.size() + " CPUs (" + online + "), " + numaNodes.size() + " NUMA nodes, " + sockets.size()
                + " sockets";
    }
}
