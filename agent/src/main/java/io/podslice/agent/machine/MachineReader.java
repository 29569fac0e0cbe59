package io.podslice.agent.machine;

import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import io.podslice.agent.yaml.Remarks;
import io.podslice.agent.yaml.YamlNode;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.HugePageSize;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes a machine of a tree, or reports everything that is wrong with it. */
final class MachineReader {
    private static final List<String> COLUMNS = List.of("id", "core", "socket", "NUMA node", "L3");
    private static final int L3_COLUMN = 4;
    private static final int FARTHEST = 255;

    private final Remarks remarks;

    MachineReader(Remarks remarks) {
        this.remarks = remarks;
    }

    /** Reads a machine; null where something is wrong. */
    @Nullable
    Machine read(YamlNode document) {
        Fields top = new Fields(document, "", remarks);
        boolean isObject = document instanceof YamlNode.Mapping;
        if (isObject && !top.has("cpus")) {
            remarks.error(document.mark(), "cpus", "is missing; must be a list of [id, core, socket, NUMA node, L3]");
        }
        List<Cpu> cpus = cpus(top.take("cpus"));
        SortedMap<Integer, Long> memory = byNode(top.map("memory"), MachineReader::bytes);
        SortedMap<Integer, Map<Long, Long>> hugepages = hugepages(top.map("hugepages"));
        CpuSet nodes = CpuSet.of(cpus.stream().map(Cpu::numaNode).toList()).union(CpuSet.of(memory.keySet()));
        for (int node : hugepages.keySet()) {
            if (!nodes.contains(node) && isObject) {
                remarks.error(
                        document.mark(), "hugepages[" + node + "]", "there is no such NUMA node; there are " + nodes);
            }
        }
        SortedMap<Integer, List<Integer>> distances = distances(top, nodes);
        CpuSet online = CpuSet.of(cpus.stream().map(Cpu::id).toList());
        Mark offlineMark = top.mark("offline");
        CpuSet offline = top.value("offline", CpuSet.empty(), CpuSet::parse);
        if (offline.intersects(online)) {
            remarks.error(
                    offlineMark,
                    "offline",
                    "\"" + offline + "\": " + offline.intersection(online) + " are in cpus, so online");
        }
        Mark isolatedMark = top.mark("isolated");
        CpuSet isolated = top.value("isolated", CpuSet.empty(), CpuSet::parse);
        CpuSet unknown = isolated.minus(online).minus(offline);
        if (!unknown.isEmpty()) {
            remarks.error(isolatedMark, "isolated", "\"" + isolated + "\": the machine has no CPU " + unknown);
        }
        Mark barredMark = top.mark("barred");
        CpuSet barred = top.value("barred", CpuSet.empty(), CpuSet::parse);
        if (barred.intersects(online.union(offline))) {
            remarks.error(
                    barredMark,
                    "barred",
                    "\"" + barred + "\": " + barred.intersection(online.union(offline))
                            + " are in cpus or offline; barred CPUs are online and in neither");
        }
        top.end();
        return remarks.allErrors().isEmpty()
                ? new Machine(cpus, memory, hugepages, distances, offline, isolated).withBarred(barred)
                : null;
    }

    private List<Cpu> cpus(YamlNode.@Nullable Entry entry) {
        if (entry == null) {
            return List.of();
        }
        List<Cpu> cpus = new ArrayList<>();
        Map<Integer, String> seen = new HashMap<>();
        Map<Integer, Cpu> cores = new HashMap<>();
        List<YamlNode> rows = items(entry.value(), "cpus", "a list of [id, core, socket, NUMA node, L3]");
        for (int i = 0; i < rows.size(); i++) {
            String field = "cpus[" + i + "]";
            Cpu cpu = cpu(rows.get(i), field);
            if (cpu == null) {
                continue;
            }
            String first = seen.putIfAbsent(cpu.id(), field);
            Cpu sameCore = cores.putIfAbsent(cpu.core(), cpu);
            if (first != null) {
                remarks.error(rows.get(i).mark(), field + "[0]", "\"" + cpu.id() + "\": is in " + first + " already");
            } else if (sameCore != null
                    && (sameCore.socket() != cpu.socket() || sameCore.numaNode() != cpu.numaNode())) {
                remarks.error(
                        rows.get(i).mark(),
                        field + "[1]",
                        "\"" + cpu.core() + "\": CPU " + sameCore.id() + " has the same core in socket "
                                + sameCore.socket() + ", NUMA node " + sameCore.numaNode()
                                + "; ids of cores are unique in the machine");
            } else {
                cpus.add(cpu);
            }
        }
        if (rows.isEmpty() && !remarks.hasErrors()) {
            remarks.error(entry.mark(), "cpus", "is empty; a machine has at least one CPU");
        }
        cpus.sort(Comparator.comparingInt(Cpu::id));
        return cpus;
    }

    private @Nullable Cpu cpu(YamlNode row, String field) {
        List<YamlNode> columns = items(row, field, "[id, core, socket, NUMA node, L3]");
        int[] ids = new int[COLUMNS.size()];
        if (row instanceof YamlNode.Sequence && columns.size() != ids.length) {
            remarks.error(
                    row.mark(), field, "must be [id, core, socket, NUMA node, L3], not a list of " + columns.size());
        }
        if (columns.size() != ids.length) {
            return null;
        }
        boolean isRight = true;
        for (int i = 0; i < ids.length; i++) {
            Integer id = number(
                    columns.get(i),
                    field + "[" + i + "]",
                    i == L3_COLUMN ? MachineFile.NO_L3 : 0,
                    CpuSet.MAX_ID,
                    "the id of a CPU's " + COLUMNS.get(i));
            isRight &= id != null;
            ids[i] = id == null ? 0 : id;
        }
        if (!isRight) {
            return null;
        }
        return ids[L3_COLUMN] == MachineFile.NO_L3
                ? Cpu.withoutL3(ids[0], ids[1], ids[2], ids[3])
                : new Cpu(ids[0], ids[1], ids[2], ids[3], ids[L3_COLUMN]);
    }

    private <T> SortedMap<Integer, T> byNode(Fields fields, Function<String, T> parse) {
        SortedMap<Integer, T> values = new TreeMap<>();
        for (String key : fields.keys()) {
            Mark mark = fields.mark(key);
            Optional<T> value = fields.find(key, parse);
            Integer node = node(fields, key, mark);
            if (node != null) {
                value.ifPresent(given -> values.put(node, given));
            }
        }
        return values;
    }

    private SortedMap<Integer, Map<Long, Long>> hugepages(Fields fields) {
        SortedMap<Integer, Map<Long, Long>> pages = new TreeMap<>();
        for (String key : fields.keys()) {
            Integer node = node(fields, key, fields.mark(key));
            Fields sizes = fields.map(key);
            Map<Long, Long> counts = new TreeMap<>();
            for (String size : sizes.keys()) {
                Mark mark = sizes.mark(size);
                Optional<Long> count = sizes.find(size, MachineReader::count);
                try {
                    long bytes = new HugePageSize(Quantity.parse(size).value()).bytes();
                    count.ifPresent(given -> counts.put(bytes, given));
                } catch (IllegalArgumentException e) {
                    sizes.error(mark, size, "must be by page size, such as 2Mi or 1Gi: " + e.getMessage());
                }
            }
            if (node != null) {
                pages.put(node, counts);
            }
        }
        return pages;
    }

    private static @Nullable Integer node(Fields fields, String key, Mark mark) {
        if (key.matches("[0-9]{1,5}") && Integer.parseInt(key) <= CpuSet.MAX_ID) {
            return Integer.valueOf(key);
        }
        fields.error(mark, key, "must be by the number of a NUMA node, 0 to " + CpuSet.MAX_ID);
        return null;
    }

    private SortedMap<Integer, List<Integer>> distances(Fields top, CpuSet nodes) {
        SortedMap<Integer, List<Integer>> distances = new TreeMap<>();
        YamlNode.Entry entry = top.take("distances");
        if (entry == null) {
            return distances;
        }
        List<YamlNode> rows = items(entry.value(), "distances", "a list of lists, one for each NUMA node");
        if (rows.size() != nodes.size() && entry.value() instanceof YamlNode.Sequence) {
            remarks.error(entry.mark(), "distances", has(rows.size(), nodes));
            return distances;
        }
        int[] ids = nodes.toArray();
        for (int i = 0; i < rows.size(); i++) {
            String field = "distances[" + i + "]";
            List<YamlNode> columns = items(rows.get(i), field, "a list of distances");
            if (columns.size() != ids.length && rows.get(i) instanceof YamlNode.Sequence) {
                remarks.error(rows.get(i).mark(), field, has(columns.size(), nodes));
            }
            List<Integer> row = new ArrayList<>();
            for (int j = 0; j < columns.size(); j++) {
                Integer distance = number(columns.get(j), field + "[" + j + "]", 1, FARTHEST, "a distance");
                row.add(distance == null ? FARTHEST : distance);
            }
            distances.put(ids[i], row);
        }
        return distances;
    }

    private static String has(int count, CpuSet nodes) {
        return "has " + count + " entries; must have one for each NUMA node, which are " + nodes;
    }

    private List<YamlNode> items(YamlNode node, String field, String what) {
        if (node instanceof YamlNode.Sequence list) {
            return list.items();
        }
        remarks.error(node.mark(), field, "must be " + what + ", not " + node.described());
        return List.of();
    }

    private @Nullable Integer number(YamlNode node, String field, int least, int most, String what) {
        if (node instanceof YamlNode.Scalar scalar && scalar.text().matches("-?[0-9]{1,9}")) {
            int number = Integer.parseInt(scalar.text());
            if (number >= least && number <= most) {
                return number;
            }
        }
        String given = node instanceof YamlNode.Scalar scalar ? "\"" + scalar.text() + "\": " : "";
        remarks.error(node.mark(), field, given + "must be " + what + ", " + least + " to " + most);
        return null;
    }

    private static Long bytes(String text) {
        Quantity quantity = Quantity.parse(text);
        if (quantity.signum() < 0) {
            throw new IllegalArgumentException("must be 0 or more");
        }
        return quantity.value();
    }

    private static Long count(String text) {
        if (!text.matches("[0-9]{1,12}")) {
            throw new IllegalArgumentException("must be a number of pages, 0 or more");
        }
        return Long.valueOf(text);
    }
}
