package io.podslice.agent.map;

import io.podslice.cgroups.CpuSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The uses of all CPUs of a map, by CPU. */
record Uses(Map<Integer, CpuUse> byCpu) {
    Uses {
        byCpu = Map.copyOf(byCpu);
    }

    static Uses of(NodeMap map) {
        List<MappedPod> owners = map.owners();
        Map<Integer, CpuUse> byCpu = new HashMap<>();
        CpuSet gone = map.machine().offline().union(map.machine().barred());
        map.machine().cpuSet().union(gone).forEach(cpu -> byCpu.put(cpu, CpuUse.of(map, owners, gone, cpu)));
        return new Uses(byCpu);
    }

    /** Returns the use of a CPU that the map shows. */
    CpuUse of(int cpu) {
        return Objects.requireNonNull(byCpu.get(cpu), "CPU " + cpu);
    }

    List<CpuUse> all() {
        return List.copyOf(byCpu.values());
    }

    /** Returns the number of characters of the longest sign. */
    int longestSign() {
        return byCpu.values().stream()
                .mapToInt(use -> use.sign().length())
                .max()
                .orElse(1);
    }

    /** Returns the number of digits of the highest CPU. */
    int digits() {
        int highest = byCpu.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
        return Integer.toString(highest).length();
    }
}
