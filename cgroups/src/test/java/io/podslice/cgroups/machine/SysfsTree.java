package io.podslice.cgroups.machine;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** Writes the sysfs that a machine would have, as far as {@link SysfsMachine} reads it. */
record SysfsTree(Path root) {

    void write(Machine machine) throws IOException {
        file("devices/system/cpu/online", machine.cpuSet().toString());
        file(
                "devices/system/cpu/present",
                machine.cpuSet().union(machine.offline()).toString());
        file("devices/system/cpu/isolated", machine.isolated().toString());
        for (Cpu cpu : machine.cpus()) {
            String folder = "devices/system/cpu/cpu" + cpu.id() + "/";
            file(folder + "topology/physical_package_id", Integer.toString(cpu.socket()));
            file(
                    folder + "topology/core_cpus_list",
                    like(machine, cpu, Cpu::core).toString());
            file(folder + "cache/index3/level", "3");
            file(folder + "cache/index3/type", "Unified");
            file(
                    folder + "cache/index3/shared_cpu_list",
                    like(machine, cpu, Cpu::l3).toString());
        }
        for (int node : machine.numaNodes().toArray()) {
            String folder = "devices/system/node/node" + node + "/";
            file(folder + "cpulist", machine.cpusOfNode(node).toString());
            file(
                    folder + "meminfo",
                    "Node " + node + " MemTotal:  " + machine.memory().getOrDefault(node, 0L) / 1024 + " kB");
            file(
                    folder + "distance",
                    machine.distances().getOrDefault(node, List.of()).stream()
                            .map(String::valueOf)
                            .collect(Collectors.joining(" ")));
            for (Map.Entry<Long, Long> pool :
                    machine.hugepages().getOrDefault(node, Map.of()).entrySet()) {
                file(
                        folder + "hugepages/hugepages-" + pool.getKey() / 1024 + "kB/nr_hugepages",
                        pool.getValue().toString());
            }
        }
    }

    private static CpuSet like(Machine machine, Cpu cpu, ToIntFunction<Cpu> id) {
        return CpuSet.of(machine.cpus().stream()
                .filter(other -> id.applyAsInt(other) == id.applyAsInt(cpu))
                .map(Cpu::id)
                .toList());
    }

    private void file(String name, String text) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text + "\n");
    }
}
