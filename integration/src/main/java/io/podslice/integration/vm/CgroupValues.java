package io.podslice.integration.vm;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The values of every cgroup below one, by directory and file; a cgroup that goes while it is read is left out.
 *
 * @param files the values by {@code DIRECTORY/FILE}
 */
record CgroupValues(Map<String, String> files) {
    /**
     * Those that podslice or the kubelet writes. runc writes {@code memory.swap.max} 0 into containers' files without
     * telling systemd, so that it is {@code max} after the first rewrite, podslice or not.
     */
    private static final List<String> ATTRIBUTES = List.of(
            "cpu.max",
            "cpu.weight",
            "cpuset.cpus",
            "cpuset.cpus.effective",
            "cpuset.mems",
            "memory.high",
            "memory.low",
            "memory.max",
            "memory.min",
            "pids.max");

    CgroupValues {
        files = Map.copyOf(files);
    }

    static CgroupValues below(String cgroup) {
        Map<String, String> files = new TreeMap<>();
        for (String directory : Linux.below(cgroup)) {
            for (String attribute : ATTRIBUTES) {
                value(directory, attribute).ifPresent(value -> files.put(directory + "/" + attribute, value));
            }
        }
        return new CgroupValues(files);
    }

    private static Optional<String> value(String directory, String attribute) {
        try {
            return Linux.hasFile(directory, attribute)
                    ? Optional.of(Linux.cgroup(directory, attribute))
                    : Optional.empty();
        } catch (UncheckedIOException e) {
            // It went between the two looks.
            return Optional.empty();
        }
    }

    /** Returns the directories, sorted. */
    List<String> directories() {
        return files.keySet().stream()
                .map(path -> path.substring(0, path.lastIndexOf('/')))
                .distinct()
                .sorted()
                .toList();
    }

    /** Returns the number of containers' and sandboxes' directories. */
    int scopes() {
        return (int)
                directories().stream().filter(path -> path.endsWith(".scope")).count();
    }

    /** Returns the values that another reading does not have, each as {@code DIRECTORY/FILE: OLD -> NEW}, sorted. */
    List<String> unlike(CgroupValues now) {
        return new TreeMap<>(files)
                .entrySet().stream()
                        .filter(entry -> !Objects.equals(entry.getValue(), now.files.get(entry.getKey())))
                        .map(entry -> entry.getKey() + ": " + entry.getValue() + " -> " + now.files.get(entry.getKey()))
                        .toList();
    }
}
