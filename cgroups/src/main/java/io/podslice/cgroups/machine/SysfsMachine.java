package io.podslice.cgroups.machine;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads the machine from sysfs. Fills in what a kernel leaves out: without NUMA there is one node 0 with all CPUs and
 * all memory; a CPU without topology is a core by itself in socket 0; where a CPU has no L3 cache, every CPU's socket
 * stands for its L3 cache.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cputopology.html">cputopology</a>
 */
public final class SysfsMachine {
    private final SysfsFolder sys;
    private final SysfsFolder cpuFolder;
    private final SysfsFolder nodeFolder;
    private final SysfsFolder proc;

    private SysfsMachine(Path sys, Path proc) {
        this.sys = new SysfsFolder(sys);
        this.cpuFolder = this.sys.in("devices/system/cpu");
        this.nodeFolder = this.sys.in("devices/system/node");
        this.proc = new SysfsFolder(proc);
    }

    /**
     * Reads the machine as it is now.
     *
     * @param sys root of sysfs, normally {@code /sys}
     * @param proc root of procfs, normally {@code /proc}; read only on a machine without NUMA nodes
     * @throws IOException if a required file is missing or its text cannot be understood; the message names the file
     *     and what is wrong with its text
     */
    public static Machine read(Path sys, Path proc) throws IOException {
        return new SysfsMachine(sys, proc).read();
    }

    /**
     * Reads which CPUs are online, and nothing else.
     *
     * @param sys root of sysfs, normally {@code /sys}
     * @throws IOException if the file is missing or its text cannot be understood
     */
    public static CpuSet online(Path sys) throws IOException {
        return new SysfsFolder(sys).in("devices/system/cpu").list("online");
    }

    private Machine read() throws IOException {
        CpuSet online = cpuFolder.list("online");
        CpuSet present = cpuFolder.has("present") ? cpuFolder.list("present") : online;
        CpuSet isolated = cpuFolder.has("isolated") ? cpuFolder.list("isolated") : CpuSet.empty();
        SortedMap<Integer, SysfsFolder> nodes = nodeFolder.numbered("node");

        SortedMap<Integer, Long> memory = new TreeMap<>();
        SortedMap<Integer, Map<Long, Long>> hugepages = new TreeMap<>();
        SortedMap<Integer, List<Integer>> distances = new TreeMap<>();
        Map<Integer, Integer> nodeOfCpu = new HashMap<>();
        for (Map.Entry<Integer, SysfsFolder> entry : nodes.entrySet()) {
            int id = entry.getKey();
            SysfsFolder node = entry.getValue();
            memory.put(id, SysfsMemory.totalBytes(node));
            hugepages.put(id, SysfsMemory.hugepages(node.file("hugepages")));
            node.list("cpulist").forEach(cpu -> nodeOfCpu.put(cpu, id));
            if (node.has("distance")) {
                distances.put(id, node.numbers("distance"));
            }
        }
        if (nodes.isEmpty()) {
            memory.put(0, SysfsMemory.totalBytes(proc));
            hugepages.put(0, SysfsMemory.hugepages(sys.file("kernel/mm/hugepages")));
            online.forEach(cpu -> nodeOfCpu.put(cpu, 0));
        }
        List<Cpu> cpus = cpus(online, nodeOfCpu);
        try {
            return new Machine(
                    cpus, memory, hugepages, distances, present.minus(online), isolated.intersection(present));
        } catch (IllegalArgumentException e) {
            throw new IOException(nodeFolder.path() + ": " + e.getMessage(), e);
        }
    }

    private List<Cpu> cpus(CpuSet online, Map<Integer, Integer> nodeOfCpu) throws IOException {
        List<Cpu> cpus = new ArrayList<>();
        boolean everyL3 = true;
        for (int id = online.first(); id >= 0; id = online.next(id + 1)) {
            SysfsFolder folder = cpuFolder.in("cpu" + id);
            Integer node = nodeOfCpu.get(id);
            if (node == null) {
                throw new IOException(nodeFolder.path() + ": CPU " + id + " is online but in no node's cpulist");
            }
            SysfsFolder topology = folder.in("topology");
            int l3 = l3(folder);
            everyL3 &= l3 >= 0;
            cpus.add(new Cpu(id, core(topology, id), socket(topology), node, l3));
        }
        if (!everyL3) {
            cpus.replaceAll(cpu -> Cpu.withoutL3(cpu.id(), cpu.core(), cpu.socket(), cpu.numaNode()));
        }
        return cpus;
    }

    /**
     * Returns the lowest CPU among the core's threads, which is unique in the machine; {@code core_id} is unique in its
     * socket at best.
     */
    private static int core(SysfsFolder topology, int cpu) throws IOException {
        // thread_siblings_list is the older name of core_cpus_list.
        for (String name : List.of("core_cpus_list", "thread_siblings_list")) {
            if (topology.has(name)) {
                CpuSet threads = topology.list(name);
                return threads.isEmpty() ? cpu : threads.first();
            }
        }
        return cpu;
    }

    /** Returns the socket's id; 0 where the kernel says -1, which means unknown, or nothing. */
    private static int socket(SysfsFolder topology) throws IOException {
        return topology.has("physical_package_id") ? Math.max(0, topology.number("physical_package_id")) : 0;
    }

    /**
     * Returns the lowest CPU that shares the L3 cache, or -1 without an L3 cache. The cache's own id may be shared
     * between sockets.
     */
    private static int l3(SysfsFolder cpu) throws IOException {
        for (SysfsFolder cache : cpu.in("cache").numbered("index").values()) {
            boolean holdsData = !cache.has("type") || !cache.text("type").equals("Instruction");
            if (holdsData && cache.has("level") && cache.number("level") == 3 && cache.has("shared_cpu_list")) {
                return cache.list("shared_cpu_list").first();
            }
        }
        return -1;
    }
}
