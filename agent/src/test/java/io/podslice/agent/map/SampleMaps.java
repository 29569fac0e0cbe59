package io.podslice.agent.map;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Machines of every form, and pods spread over them. */
final class SampleMaps {
    private static final long GIB = 1L << 30;

    private SampleMaps() {}

    static Stream<Machine> machines() {
        return Stream.of(
                Machine.regular(1, 1, 1, 1, GIB),
                Machine.regular(1, 1, 4, 2, 32 * GIB),
                Machine.regular(2, 4, 8, 2, 64 * GIB).withOffline(CpuSet.parse("63,127")),
                Machine.regular(2, 8, 16, 2, 96 * GIB).withHugepages(3, 2 << 20, 512),
                Machine.regular(1, 1, 64, 4, GIB).withIsolated(CpuSet.parse("0-3")),
                Machine.regular(64, 1, 2, 1, 0).withOnly(CpuSet.parse("0-100")),
                manyCaches(),
                wideNode(),
                crossing(),
                withoutCpus(),
                withoutCaches());
    }

    /** Eight L3 caches in each of four NUMA nodes. */
    private static Machine manyCaches() {
        Machine plain = Machine.regular(2, 2, 32, 2, 256 * GIB);
        return with(
                plain,
                plain.cpus().stream()
                        .map(cpu -> new Cpu(cpu.id(), cpu.core(), cpu.socket(), cpu.numaNode(), cpu.core() / 4 * 4))
                        .toList());
    }

    /** One NUMA node over two sockets, as where the firmware interleaves memory. */
    private static Machine wideNode() {
        Machine plain = Machine.regular(2, 1, 8, 2, 64 * GIB);
        return with(
                plain,
                plain.cpus().stream()
                        .map(cpu -> new Cpu(cpu.id(), cpu.core(), cpu.socket(), 0, cpu.l3()))
                        .toList());
    }

    /** NUMA nodes of which one has CPUs of both sockets. */
    private static Machine crossing() {
        Machine plain = Machine.regular(2, 1, 6, 2, 64 * GIB);
        return with(
                plain,
                plain.cpus().stream()
                        .map(cpu -> new Cpu(cpu.id(), cpu.core(), cpu.socket(), cpu.core() / 4, cpu.l3()))
                        .toList());
    }

    private static Machine with(Machine plain, List<Cpu> cpus) {
        return new Machine(cpus, plain.memory(), plain.hugepages(), plain.distances(), CpuSet.empty(), CpuSet.empty());
    }

    /** Two NUMA nodes without CPUs, each near one with CPUs, and a third of which nothing is known. */
    static Machine withoutCpus() {
        Machine plain = Machine.regular(2, 1, 4, 2, 64 * GIB);
        SortedMap<Integer, Long> memory = new TreeMap<>(plain.memory());
        memory.put(2, 128 * GIB);
        memory.put(3, 128 * GIB);
        SortedMap<Integer, List<Integer>> distances = new TreeMap<>();
        distances.put(0, List.of(10, 21, 17, 28));
        distances.put(1, List.of(21, 10, 28, 17));
        distances.put(2, List.of(17, 28, 10, 28));
        distances.put(3, List.of(28, 17, 28, 10));
        return new Machine(plain.cpus(), memory, plain.hugepages(), distances, CpuSet.parse("40-63"), CpuSet.empty());
    }

    private static Machine withoutCaches() {
        List<Cpu> cpus = new ArrayList<>();
        for (int id : new int[] {3, 64, 1000, 8191}) {
            cpus.add(Cpu.withoutL3(id, id, id % 2, 7 + id % 2));
        }
        return new Machine(cpus, new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), CpuSet.empty(), CpuSet.empty());
    }

    /** Returns a map of a machine with pods on CPUs at random. */
    static NodeMap map(Machine machine, int seed) {
        Random random = new Random(seed);
        List<Integer> free = new ArrayList<>(machine.cpuSet().stream().boxed().toList());
        List<MappedPod> pods = new ArrayList<>();
        while (free.size() > 1 && pods.size() < 40) {
            List<Integer> own = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0 && free.size() > 1; i--) {
                own.add(free.remove(/* index */ random.nextInt(free.size())));
            }
            pods.add(pod("default/pod-" + pods.size(), CpuSet.of(own), machine));
        }
        return new NodeMap("", machine, CpuSet.of(machine.cpuSet().first()), CpuSet.of(free), pods, List.of());
    }

    /** Returns a pod whose last CPU is its shared pool if it has several; without CPUs, one in the node shared pool. */
    static MappedPod pod(String name, CpuSet cpus, Machine machine) {
        CpuSet shared = cpus.size() > 1 ? CpuSet.of(cpus.last()) : CpuSet.empty();
        return new MappedPod(
                name,
                Integer.toString(cpus.size()),
                "2Gi",
                "podsAPI",
                "",
                cpus,
                shared,
                machine.nodesOf(cpus),
                List.of(
                        new MappedPod.Container("app", "app", "container", cpus.minus(shared)),
                        new MappedPod.Container("log", "sidecar", "pod", shared)),
                List.of(new MappedPod.Device("app", "example.com/gpu", "gpu-0", machine.nodesOf(cpus))));
    }
}
