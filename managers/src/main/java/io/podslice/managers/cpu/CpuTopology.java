package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A machine's CPUs, cores, L3 caches, NUMA nodes and sockets in arrays, made once and then only read: any thread may
 * use it. CPUs and elements are numbered densely inside, in ascending order of their ids, so that an order by number is
 * the kubelet's order by id.
 */
public final class CpuTopology {
    private static final int[] NOTHING = {};

    /** Id of each CPU, ascending. */
    final int[] ids;

    final Elements cores;
    final Elements l3s;
    final Elements numas;
    final Elements sockets;
    /** Cores of each socket, of each NUMA node and of each L3, ascending. */
    final int[][] coresOfSocket;

    final int[][] coresOfNuma;
    final int[][] coresOfL3;
    /** True if NUMA nodes are the outer level; false if sockets are (sub-NUMA clustering). */
    final boolean numaFirst;

    final int largestCore;
    private final CpuSet all;
    private final CpuSet numaNodes;

    private CpuTopology(List<Cpu> cpus) {
        int n = cpus.size();
        ids = new int[n];
        int[] core = new int[n];
        int[] l3 = new int[n];
        int[] numa = new int[n];
        int[] socket = new int[n];
        for (int i = 0; i < n; i++) {
            Cpu cpu = cpus.get(i);
            if (i > 0 && cpu.id() == ids[i - 1]) {
                throw new IllegalArgumentException("CPU " + cpu.id() + " is listed twice");
            }
            ids[i] = cpu.id();
            core[i] = cpu.core();
            l3[i] = cpu.l3();
            numa[i] = cpu.numaNode();
            socket[i] = cpu.socket();
        }
        cores = Elements.of(core);
        l3s = Elements.of(l3);
        numas = Elements.of(numa);
        sockets = Elements.of(socket);
        coresOfSocket = cores.within(sockets);
        coresOfNuma = cores.within(numas);
        coresOfL3 = cores.within(l3s);
        numaFirst = sockets.count() >= numas.count();
        largestCore = Arrays.stream(cores.size).max().orElse(0);
        all = CpuSet.of(ids);
        numaNodes = CpuSet.of(numas.ids);
    }

    /**
     * Returns the topology of a machine's online CPUs.
     *
     * @throws IllegalArgumentException if there is no CPU, or one is listed twice
     */
    public static CpuTopology of(Machine machine) {
        return of(machine.cpus());
    }

    /**
     * Returns the topology of these CPUs, in any order.
     *
     * @throws IllegalArgumentException if there is no CPU, or one is listed twice
     */
    public static CpuTopology of(List<Cpu> cpus) {
        if (cpus.isEmpty()) {
            throw new IllegalArgumentException("a machine without CPUs");
        }
        return new CpuTopology(
                cpus.stream().sorted(Comparator.comparingInt(Cpu::id)).toList());
    }

    /** Every CPU. */
    public CpuSet all() {
        return all;
    }

    /** The NUMA nodes that have CPUs. */
    public CpuSet numaNodes() {
        return numaNodes;
    }

    /** Hardware threads in a core: the machine's average, rounded down, as the kubelet has it. */
    public int threadsPerCore() {
        return cores.averageSize();
    }

    /** Tells if all cores have an equal number of CPUs online. */
    boolean hasEqualCores() {
        for (int size : cores.size) {
            if (size != largestCore) {
                return false;
            }
        }
        return true;
    }

    /** NUMA nodes in a socket, rounded down; 0 where sockets outnumber NUMA nodes. */
    public int numaNodesPerSocket() {
        return numas.count() / sockets.count();
    }

    public int socketCount() {
        return sockets.count();
    }

    /** The CPUs of these NUMA nodes; nodes without CPUs add nothing. */
    public CpuSet cpusOfNumaNodes(CpuSet nodes) {
        return cpusOf(numas, element -> nodes.contains(numas.ids[element]));
    }

    /** Returns the CPUs of every socket that has a CPU in one of these NUMA nodes. */
    public CpuSet cpusOfSocketsOfNumaNodes(CpuSet nodes) {
        long[] mask = bits(cpusOfNumaNodes(nodes));
        return cpusOf(sockets, element -> intersect(sockets.cpus[element], mask));
    }

    /** Returns all threads of the cores that have a CPU in the set. */
    public CpuSet wholeCoresOf(CpuSet cpus) {
        long[] mask = bits(cpus);
        return cpusOf(cores, element -> intersect(cores.cpus[element], mask));
    }

    /** Returns the CPUs of every L3 cache that has a CPU in the set. */
    CpuSet wholeL3sOf(CpuSet cpus) {
        long[] mask = bits(cpus);
        return cpusOf(l3s, element -> intersect(l3s.cpus[element], mask));
    }

    /** Tells if the set is made of whole cores. */
    public boolean isWholeCores(CpuSet cpus) {
        return wholeCoresOf(cpus).equals(cpus);
    }

    /** Returns the socket of a NUMA node's lowest CPU, -1 for a node without CPUs. */
    int socketOfNumaNode(int node) {
        int numa = Arrays.binarySearch(numas.ids, node);
        return numa < 0 ? -1 : sockets.ids[sockets.of[Bits.next(numas.cpus[numa], 0)]];
    }

    /**
     * Returns the part of the set on the one NUMA node, and then in the one L3 cache, that has the fewest CPUs that are
     * enough; the whole set where no node, or no cache, has enough.
     */
    CpuSet tightest(CpuSet cpus, int count) {
        long[] onNode = tightest(numas, bits(cpus), count);
        return cpuSet(tightest(l3s, onNode, count));
    }

    private static long[] tightest(Elements elements, long[] cpus, int count) {
        long[] best = cpus;
        int fewest = Integer.MAX_VALUE;
        for (int element = 0; element < elements.count(); element++) {
            long[] part = cpus.clone();
            int size = 0;
            for (int word = 0; word < part.length; word++) {
                part[word] &= elements.cpus[element][word];
                size += Long.bitCount(part[word]);
            }
            if (size >= count && size < fewest) {
                best = part;
                fewest = size;
            }
        }
        return best;
    }

    /** The NUMA nodes that have a CPU in the set. */
    public CpuSet numaNodesOf(CpuSet cpus) {
        return idsOf(numas, bits(cpus));
    }

    /** Returns the number of the set's CPUs on each NUMA node, by node id. */
    Map<Integer, Long> countByNumaNode(CpuSet cpus) {
        long[] mask = bits(cpus);
        Map<Integer, Long> counts = new HashMap<>();
        for (int numa = 0; numa < numas.count(); numa++) {
            long count = 0;
            for (int word = 0; word < mask.length; word++) {
                count += Long.bitCount(mask[word] & numas.cpus[numa][word]);
            }
            counts.put(numas.ids[numa], count);
        }
        return counts;
    }

    /** Ids of the sockets that have a CPU in the set. */
    public CpuSet socketsOf(CpuSet cpus) {
        return idsOf(sockets, bits(cpus));
    }

    private static CpuSet idsOf(Elements elements, long[] mask) {
        int[] found = new int[elements.count()];
        int n = 0;
        for (int element = 0; element < found.length; element++) {
            if (intersect(elements.cpus[element], mask)) {
                found[n++] = elements.ids[element];
            }
        }
        return CpuSet.of(n == 0 ? NOTHING : Arrays.copyOf(found, n));
    }

    private interface Chosen {
        boolean test(int element);
    }

    private CpuSet cpusOf(Elements elements, Chosen chosen) {
        long[] result = new long[Bits.words(ids.length)];
        for (int element = 0; element < elements.count(); element++) {
            if (chosen.test(element)) {
                for (int word = 0; word < result.length; word++) {
                    result[word] |= elements.cpus[element][word];
                }
            }
        }
        return cpuSet(result);
    }

    private static boolean intersect(long[] a, long[] b) {
        for (int word = 0; word < a.length; word++) {
            if ((a[word] & b[word]) != 0) {
                return true;
            }
        }
        return false;
    }

    /** The set in dense numbers; CPUs that the machine does not have are left out. */
    long[] bits(CpuSet cpus) {
        long[] bits = new long[Bits.words(ids.length)];
        int i = 0;
        for (int id = cpus.first(); id >= 0; id = cpus.next(id + 1)) {
            while (i < ids.length && ids[i] < id) {
                i++;
            }
            if (i < ids.length && ids[i] == id) {
                Bits.set(bits, i);
            }
        }
        return bits;
    }

    /** The set of ids that these dense numbers stand for. */
    CpuSet cpuSet(long[] bits) {
        int n = 0;
        for (long word : bits) {
            n += Long.bitCount(word);
        }
        int[] found = new int[n];
        n = 0;
        for (int i = Bits.next(bits, 0); i >= 0; i = Bits.next(bits, i + 1)) {
            found[n++] = ids[i];
        }
        return CpuSet.of(found);
    }
}
