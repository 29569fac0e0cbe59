package io.podslice.agent.machine;

import io.podslice.agent.text.Json;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.agent.yaml.Remarks;
import io.podslice.agent.yaml.YamlNode;
import io.podslice.agent.yaml.YamlReader;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.Quantity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.util.RawValue;

/**
 * A machine as one small JSON file:
 *
 * <pre>{@code
 * {"cpus": [[0, 0, 0, 0, 0], …],                online CPUs: id, core, socket, NUMA node, L3 cache
 *  "memory": {"0": "64Gi", …},                  by NUMA node, those without CPUs included
 *  "hugepages": {"0": {"2Mi": 512}},            how many, by NUMA node and page size
 *  "distances": [[10, 21], [21, 10]],           as the kernel has them, in ascending order of node ids
 *  "offline": "8-11", "isolated": "4-7",        lists of CPUs
 *  "barred": "12-15"}                           online, but not allowed by the cgroups above pods; not in cpus
 * }</pre>
 *
 * All but the CPUs may be left out. Ids of cores and L3 caches are unique in the machine; -1 stands for no L3 cache.
 */
public final class MachineFile {
    /** The L3 column of a CPU that has no L3 cache. */
    static final int NO_L3 = -1;

    private static final int ROWS_IN_A_LINE = 8;

    private MachineFile() {}

    /**
     * Reads a machine.
     *
     * @param name the file's, for messages
     * @throws DocumentException with line, field and value of everything that is wrong
     */
    public static Machine read(String name, String text) throws DocumentException {
        Remarks remarks = new Remarks();
        List<YamlNode> documents = YamlReader.all(text, remarks);
        if (documents.size() != 1 && !remarks.hasErrors()) {
            throw new DocumentException(
                    name + ": holds " + (documents.isEmpty() ? "nothing" : documents.size() + " documents")
                            + "; a machine is one JSON object with \"cpus\"");
        }
        Machine machine = remarks.hasErrors() ? null : new MachineReader(remarks).read(documents.getFirst());
        if (machine == null) {
            throw new DocumentException(name, remarks.allErrors());
        }
        return machine;
    }

    /** Reads a machine that is part of another document; empty where something is wrong with it, which the remarks say. */
    public static Optional<Machine> read(YamlNode node, Remarks remarks) {
        return Optional.ofNullable(new MachineReader(remarks).read(node));
    }

    /** Writes a machine as the text of a machine file. */
    public static String text(Machine machine) {
        return Json.text(json(machine));
    }

    /**
     * Returns a machine file's content, to be put into other JSON. Parts that the machine does not have are left out.
     */
    public static Map<String, Object> json(Machine machine) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cpus", new RawValue(rows(machine.cpus())));
        if (!machine.memory().isEmpty()) {
            Map<String, Object> memory = new LinkedHashMap<>();
            machine.memory().forEach((node, bytes) -> memory.put(node.toString(), text(bytes)));
            json.put("memory", memory);
        }
        if (!machine.hugepages().isEmpty()) {
            Map<String, Object> hugepages = new LinkedHashMap<>();
            machine.hugepages().forEach((node, bySize) -> {
                Map<String, Object> counts = new LinkedHashMap<>();
                new TreeMap<>(bySize).forEach((size, count) -> counts.put(text(size), count));
                hugepages.put(node.toString(), counts);
            });
            json.put("hugepages", hugepages);
        }
        if (!machine.distances().isEmpty()) {
            json.put("distances", List.copyOf(machine.distances().values()));
        }
        put(json, "offline", machine.offline());
        put(json, "isolated", machine.isolated());
        put(json, "barred", machine.barred());
        return json;
    }

    private static String text(long bytes) {
        return Quantity.ofBytes(bytes).toString();
    }

    private static void put(Map<String, Object> json, String key, CpuSet cpus) {
        if (!cpus.isEmpty()) {
            json.put(key, cpus.toString());
        }
    }

    /** Writes several CPUs in a line, so that the file of a big machine stays readable. */
    private static String rows(List<Cpu> cpus) {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < cpus.size(); i++) {
            Cpu cpu = cpus.get(i);
            text.append(i == 0 ? "" : ",")
                    .append(i % ROWS_IN_A_LINE == 0 ? "\n    " : " ")
                    .append('[')
                    .append(cpu.id())
                    .append(',')
                    .append(cpu.core())
                    .append(',')
                    .append(cpu.socket())
                    .append(',')
                    .append(cpu.numaNode())
                    .append(',')
                    .append(cpu.hasL3() ? cpu.l3() : NO_L3)
                    .append(']');
        }
        return text.append("\n  ]").toString();
    }
}
