package io.podslice.simulator.kernel;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes a machine's sysfs: the files of devices/system that list its CPUs, caches, NUMA nodes and memory. */
public final class SimulatedSysfs {
    private final Machine machine;
    private final Path folder;

    private SimulatedSysfs(Machine machine, Path folder) {
        this.machine = machine;
        this.folder = folder;
    }

    /**
     * Writes the machine's files below the folder, which then serves as a root of sysfs.
     *
     * @param machine each of its L3 caches known by the lowest CPU that shares it, each core likewise
     */
    public static void write(Machine machine, Path folder) throws IOException {
        SimulatedSysfs sysfs = new SimulatedSysfs(machine, folder.resolve("devices/system"));
        sysfs.writeCpus();
        sysfs.writeNodes();
    }

    private void writeCpus() throws IOException {
        CpuSet present = machine.cpuSet().union(machine.offline());
        write("cpu/online", machine.cpuSet());
        write("cpu/offline", machine.offline());
        write("cpu/present", present);
        write("cpu/possible", present);
        write("cpu/isolated", machine.isolated());
        for (Cpu cpu : machine.cpus()) {
            String topology = "cpu/cpu" + cpu.id() + "/topology/";
            write(topology + "core_id", cpu.core());
            write(topology + "physical_package_id", cpu.socket());
            write(topology + "core_cpus_list", machine.cpusOfCore(cpu.core()));
            write(topology + "thread_siblings_list", machine.cpusOfCore(cpu.core()));
            if (!cpu.hasL3()) {
                continue;
            }
            String cache = "cpu/cpu" + cpu.id() + "/cache/index3/";
            write(cache + "level", 3);
            write(cache + "type", "Unified");
            write(cache + "id", cpu.l3());
            write(cache + "shared_cpu_list", machine.cpusOfL3(cpu.l3()));
        }
    }

    private void writeNodes() throws IOException {
        write("node/online", machine.numaNodes());
        write("node/possible", machine.numaNodes());
        for (int node : machine.numaNodes().toArray()) {
            String folder = "node/node" + node + "/";
            write(folder + "cpulist", machine.cpusOfNode(node));
            long kilobytes = machine.memory().getOrDefault(node, 0L) / 1024;
            write(folder + "meminfo", "Node " + node + " MemTotal: " + kilobytes + " kB");
            List<Integer> distances = machine.distances().get(node);
            if (distances != null) {
                write(
                        folder + "distance",
                        distances.stream().map(String::valueOf).collect(Collectors.joining(" ")));
            }
            for (Map.Entry<Long, Long> pages :
                    machine.hugepages().getOrDefault(node, Map.of()).entrySet()) {
                long size = pages.getKey() / 1024;
                write(folder + "hugepages/hugepages-" + size + "kB/nr_hugepages", pages.getValue());
            }
        }
    }

    private void write(String file, Object text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text + "\n");
    }
}
