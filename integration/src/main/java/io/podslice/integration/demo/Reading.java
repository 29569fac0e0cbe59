package io.podslice.integration.demo;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of a cgroup's files at one moment.
 *
 * @param cgroup the cgroup
 * @param values text by file name
 */
record Reading(CgroupPath cgroup, Map<String, String> values) {
    static final String CPUS = "cpuset.cpus.effective";
    static final String CPU_MAX = "cpu.max";
    static final String CPU_WEIGHT = "cpu.weight";
    static final String MEMORY_MAX = "memory.max";
    private static final List<String> FILES = List.of(CPU_MAX, CPU_WEIGHT, MEMORY_MAX, CPUS);

    Reading {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    static Reading of(CgroupFiles files, CgroupPath cgroup) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String file : FILES) {
            values.put(file, files.hasFile(cgroup, file) ? files.read(cgroup, file) : "");
        }
        return new Reading(cgroup, values);
    }

    String get(String file) {
        String value = values.get(file);
        if (value == null) {
            throw new IllegalArgumentException(file + " is not read");
        }
        return value;
    }

    /** Returns the CPUs that the cgroup's processes may run on. */
    CpuSet cpus() {
        return CpuSet.parse(get(CPUS));
    }
}
