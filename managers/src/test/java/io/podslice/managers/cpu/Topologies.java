package io.podslice.managers.cpu;

import io.podslice.cgroups.machine.Cpu;
import io.podslice.managers.vectors.Vectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The machines of topologies.json, and regular ones. */
final class Topologies {
    private final JsonNode file = Vectors.json("topologies.json");
    private final Map<String, CpuTopology> made = new HashMap<>();

    CpuTopology get(String name) {
        return made.computeIfAbsent(
                name, n -> CpuTopology.of(rows(file.required(n).required("cpus"))));
    }

    private static List<Cpu> rows(JsonNode rows) {
        List<Cpu> cpus = new ArrayList<>();
        for (JsonNode row : rows) {
            cpus.add(new Cpu(
                    row.get(0).intValue(),
                    row.get(1).intValue(),
                    row.get(2).intValue(),
                    row.get(3).intValue(),
                    row.get(4).intValue()));
        }
        return cpus;
    }

    /** Threads numbered as Linux does on x86: the first threads of all cores, then the second ones. */
    static List<Cpu> regular(int sockets, int numaPerSocket, int l3PerNuma, int coresPerL3, int threads) {
        int cores = sockets * numaPerSocket * l3PerNuma * coresPerL3;
        List<Cpu> cpus = new ArrayList<>();
        for (int id = 0; id < cores * threads; id++) {
            int core = id % cores;
            int l3 = core / coresPerL3;
            int numa = l3 / l3PerNuma;
            cpus.add(new Cpu(id, core, numa / numaPerSocket, numa, l3));
        }
        return cpus;
    }
}
