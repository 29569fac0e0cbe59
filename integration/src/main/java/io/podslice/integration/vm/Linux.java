package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads the running kernel's files, with nothing of podslice but the type for CPU lists. */
final class Linux {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path NODES = Path.of("/sys/devices/system/node");
    private static final String ALLOWED = "Cpus_allowed_list:";

    private Linux() {}

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Returns a cgroup file's text; the path begins with a slash and is relative to the mount. */
    static String cgroup(String cgroup, String file) {
        return read(CGROUPS.resolve(cgroup.substring(1)).resolve(file));
    }

    /** Returns what the kernel says of a cgroup's partition: "root" where it is a valid one. */
    static String partition(String cgroup) {
        return cgroup(cgroup, "cpuset.cpus.partition");
    }

    /** Returns the CPUs for all that is in no partition. */
    static CpuSet inNoPartition() {
        return CpuSet.parse(read(CGROUPS.resolve("cpuset.cpus.effective")));
    }

    /** Writes a cgroup file. */
    static void write(String cgroup, String file, String value) {
        Path path = CGROUPS.resolve(cgroup.substring(1)).resolve(file);
        try {
            Files.writeString(path, value);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path, e);
        }
    }

    static boolean hasCgroup(String cgroup) {
        return Files.isDirectory(CGROUPS.resolve(cgroup.substring(1)));
    }

    /** Returns true if the cgroup has the file: it has it while the controller is enabled above it. */
    static boolean hasFile(String cgroup, String file) {
        return Files.exists(CGROUPS.resolve(cgroup.substring(1)).resolve(file));
    }

    /** Returns the processes of the cgroup itself. */
    static List<Long> processes(String cgroup) {
        return cgroup(cgroup, "cgroup.procs").lines().map(Long::valueOf).toList();
    }

    /** Returns every cgroup below that one. */
    static List<String> below(String cgroup) {
        try (Stream<Path> all = Files.walk(CGROUPS.resolve(cgroup.substring(1)))) {
            return all.filter(Files::isDirectory)
                    .map(path -> "/" + CGROUPS.relativize(path))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot walk " + cgroup, e);
        }
    }

    /** Returns the CPUs on which the scheduler may put the process, the result of every cpuset above it. */
    static CpuSet allowed(long process) {
        return read(Path.of("/proc", Long.toString(process), "status"))
                .lines()
                .filter(line -> line.startsWith(ALLOWED))
                .map(line -> CpuSet.parse(line.substring(ALLOWED.length())))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("process " + process + " has no " + ALLOWED));
    }

    static CpuSet online() {
        return CpuSet.parse(read(Path.of("/sys/devices/system/cpu/online")));
    }

    /** Returns the hardware threads of the CPU's core. */
    static CpuSet siblings(int cpu) {
        return CpuSet.parse(read(Path.of("/sys/devices/system/cpu/cpu" + cpu + "/topology/thread_siblings_list")));
    }

    /** Returns the number of NUMA nodes that have some of the CPUs. */
    static int numaNodesOf(CpuSet cpus) {
        return nodesOf(cpus).size();
    }

    /** Returns the NUMA nodes that have some of the CPUs. */
    static CpuSet nodesOf(CpuSet cpus) {
        List<Integer> nodes = new ArrayList<>();
        CpuSet.parse(read(NODES.resolve("online"))).forEach(node -> {
            if (CpuSet.parse(read(NODES.resolve("node" + node).resolve("cpulist")))
                    .intersects(cpus)) {
                nodes.add(node);
            }
        });
        return CpuSet.of(nodes);
    }

    /** Returns a process's oom_score_adj, -1000 to 1000: the kernel kills those with higher values first. */
    static long oomScoreAdj(long process) {
        return Long.parseLong(read(Path.of("/proc", Long.toString(process), "oom_score_adj")));
    }

    /** Returns the seconds since the kernel's start, with two decimals. */
    static String uptime() {
        return read(Path.of("/proc/uptime")).split(" ", 2)[0];
    }

    /** Returns the memory of all NUMA nodes, in bytes. */
    static long memoryBytes() {
        long bytes = 0;
        for (int node : CpuSet.parse(read(NODES.resolve("online"))).stream().toArray()) {
            String total = read(NODES.resolve("node" + node).resolve("meminfo"))
                    .lines()
                    .filter(line -> line.contains("MemTotal:"))
                    .findFirst()
                    .orElseThrow();
            bytes += Long.parseLong(total.replaceAll(".*MemTotal:\\s+(\\d+) kB", "$1")) * 1024;
        }
        return bytes;
    }
}
