package io.podslice.integration.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The traces that podslice could leave on a node: files with their bytes, units, and values of cgroups. */
final class NodeTrace {
    /** Folders in which a package, its scripts and podslice's commands write. */
    private static final List<String> FOLDERS =
            List.of("/etc", "/opt", "/usr", "/var/lib", "/run/systemd/system", "/run/podslice", "/root");

    /** Of containerd, of dpkg, which remembers by itself, and what systemd keeps of timers. */
    private static final Set<String> LEFT_OUT =
            Set.of("/var/lib/containerd", "/var/lib/dpkg", "/var/lib/systemd/timers");

    /** Of larger files the size and time of the last change. */
    private static final long MOST_BYTES = 64 << 10;

    /** Files of a cgroup that are set, and no counters. */
    private static final Set<String> VALUES = Set.of(
            "cgroup.subtree_control",
            "cpu.idle",
            "cpu.max",
            "cpu.max.burst",
            "cpu.weight",
            "cpuset.cpus",
            "cpuset.cpus.effective",
            "cpuset.cpus.exclusive",
            "cpuset.cpus.partition",
            "cpuset.mems",
            "memory.high",
            "memory.low",
            "memory.max",
            "memory.min",
            "memory.oom.group",
            "memory.swap.max",
            "hugetlb.2MB.max");

    private NodeTrace() {}

    /** Returns each file's mode and content, each link's target. */
    static Map<String, String> files() {
        Map<String, String> found = new TreeMap<>();
        for (String folder : FOLDERS) {
            walk(Path.of(folder), found);
        }
        return found;
    }

    private static void walk(Path path, Map<String, String> found) {
        if (LEFT_OUT.contains(path.toString()) || !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            if (Files.isSymbolicLink(path)) {
                found.put(path.toString(), "-> " + Files.readSymbolicLink(path));
            } else if (Files.isDirectory(path)) {
                found.put(path.toString(), "folder " + mode(path));
                try (Stream<Path> below = Files.list(path)) {
                    below.toList().forEach(one -> walk(one, found));
                }
            } else if (Files.isRegularFile(path)) {
                found.put(path.toString(), mode(path) + " " + content(path));
            } else {
                found.put(path.toString(), "special");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static String content(Path path) throws IOException {
        return Files.size(path) > MOST_BYTES
                ? Files.size(path) + " bytes of " + Files.getLastModifiedTime(path)
                : new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
    }

    /**
     * Returns the values of the cgroup and of all below it, by cgroup and file. Lists that name all CPUs or NUMA nodes read as
     * empty ones, which say as much: the kernel lets no list be emptied again while processes run below it (ENOSPC).
     */
    static Map<String, String> values(String cgroup) {
        Map<String, String> values = new TreeMap<>();
        Map<String, String> all = Map.of(
                "cpuset.cpus",
                Linux.online().toString(),
                "cpuset.mems",
                Linux.nodesOf(Linux.online()).toString());
        for (String one : Linux.below(cgroup)) {
            for (String file : VALUES) {
                if (Linux.hasFile(one, file)) {
                    String value = Linux.cgroup(one, file);
                    values.put(one + "/" + file, value.equals(all.get(file)) ? "" : value);
                }
            }
        }
        return values;
    }

    /** Returns the systemd's units that are loaded, but for those of mounts, devices and scopes. */
    static Set<String> units() {
        Set<String> units = new TreeSet<>();
        for (String line : Systemd.ctl(
                        "list-units", "--all", "--plain", "--no-legend", "--type=service,socket,slice,timer")
                .split("\n", -1)) {
            String[] words = line.strip().split("\\s+", -1);
            // Known by their name alone, since another unit mentions them.
            if (words.length > 1 && !words[1].equals("not-found")) {
                units.add(words[0]);
            }
        }
        return units;
    }

    /** Returns a line for each entry that differs. */
    static List<String> differences(Map<String, String> before, Map<String, String> after) {
        List<String> differences = new ArrayList<>();
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        for (String name : names) {
            String was = before.getOrDefault(name, "absent");
            String is = after.getOrDefault(name, "absent");
            if (!was.equals(is)) {
                differences.add(name + ": " + shortened(was) + " became " + shortened(is));
            }
        }
        return differences;
    }

    private static String shortened(String text) {
        return text.length() > 200 ? text.substring(0, 200) + "..." : text;
    }
}
