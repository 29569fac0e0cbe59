package io.podslice.agent.machine;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a machine of hwloc's objects. Version 1 names sockets and caches otherwise than version 2 ({@code Socket}, {@code Cache}),
 * and has NUMA nodes around CPUs where version 2 has them beside; in both the {@code cpuset} of a NUMA node tells its CPUs.
 */
final class HwlocMachine {
    private static final int UNKNOWN = -1;
    private static final String INSTRUCTION_CACHE = "2";

    private final HwlocObject top;
    private final List<Unit> units = new ArrayList<>();
    private final List<HwlocObject> nodes = new ArrayList<>();
    private int objects;

    /**
     * A hardware thread.
     *
     * @param core number of its core in the file; likewise its L3 cache; each {@value #UNKNOWN} where it has none
     */
    private record Unit(HwlocObject object, int id, int socket, int core, int l3) {}

    private HwlocMachine(HwlocObject top) {
        this.top = top;
    }

    /**
     * Makes a machine.
     *
     * @param top the object that holds all others
     * @param distances NUMA distances; null for none
     */
    static Machine of(HwlocObject top, @Nullable HwlocDistances distances) throws DocumentException {
        HwlocMachine machine = new HwlocMachine(top);
        machine.visit(top, new Unit(top, UNKNOWN, 0, UNKNOWN, UNKNOWN));
        return machine.machine(distances);
    }

    private void visit(HwlocObject object, Unit around) throws DocumentException {
        HwlocElement element = object.element();
        int number = objects++;
        Unit within = around;
        if (element.isA("PU")) {
            units.add(new Unit(object, id(element), around.socket, around.core, around.l3));
        } else if (element.isA("NUMANode")) {
            nodes.add(object);
        } else if (element.isA("Package", "Socket")) {
            int socket = element.has("os_index") ? id(element) : number;
            within = new Unit(object, UNKNOWN, socket, around.core, around.l3);
        } else if (element.isA("Core")) {
            within = new Unit(object, UNKNOWN, around.socket, number, around.l3);
        } else if (isL3(element)) {
            within = new Unit(object, UNKNOWN, around.socket, around.core, number);
        }
        for (HwlocObject inner : object.objects()) {
            visit(inner, within);
        }
    }

    private static boolean isL3(HwlocElement element) {
        return element.isA("L3Cache")
                || (element.isA("Cache")
                        && element.text("depth").equals("3")
                        && !element.text("cache_type").equals(INSTRUCTION_CACHE));
    }

    private static int id(HwlocElement element) throws DocumentException {
        return (int) element.required("os_index", 0, CpuSet.MAX_ID);
    }

    private Machine machine(@Nullable HwlocDistances distances) throws DocumentException {
        HwlocElement whole = top.element();
        if (units.isEmpty()) {
            throw whole.wrong("has no object of type PU, so no CPU");
        }
        CpuSet all = CpuSet.empty();
        for (Unit unit : units) {
            if (all.contains(unit.id)) {
                throw unit.object.element().wrong("os_index \"" + unit.id + "\": is that of another PU already");
            }
            all = all.union(CpuSet.of(unit.id));
        }
        CpuSet online = whole.set("online_cpuset").orElse(all).intersection(all);
        CpuSet allowed = whole.set("allowed_cpuset").orElse(online).intersection(online);
        CpuSet offline = whole.set("complete_cpuset").orElse(all).union(all).minus(online);
        SortedMap<Integer, Long> memory = new TreeMap<>();
        SortedMap<Integer, Map<Long, Long>> hugepages = new TreeMap<>();
        Map<Integer, CpuSet> cpusOfNode = new TreeMap<>();
        Map<Long, Integer> byIndex = new HashMap<>();
        List<Integer> inOrder = new ArrayList<>();
        for (HwlocObject node : nodes.isEmpty() ? List.of(top) : nodes) {
            HwlocElement element = node.element();
            int id = nodes.isEmpty() ? 0 : id(element);
            if (memory.put(id, node.memory()) != null) {
                throw element.wrong("os_index \"" + id + "\": is that of another NUMA node already");
            }
            hugepages.put(id, node.hugepages());
            cpusOfNode.put(id, nodes.isEmpty() ? all : element.set("cpuset").orElse(CpuSet.empty()));
            inOrder.add(id);
            element.number("gp_index", 0, Long.MAX_VALUE).ifPresent(index -> byIndex.put(index, id));
        }
        List<Cpu> cpus = cpus(allowed, cpusOfNode);
        if (cpus.isEmpty()) {
            throw whole.wrong("allowed_cpuset \"" + whole.text("allowed_cpuset") + "\": has no CPU that is online");
        }
        try {
            return new Machine(
                            cpus,
                            memory,
                            hugepages,
                            distances == null ? new TreeMap<>() : distances.distances(inOrder, byIndex),
                            offline,
                            CpuSet.empty())
                    .withBarred(online.minus(allowed));
        } catch (IllegalArgumentException e) {
            throw whole.wrong(String.valueOf(e.getMessage()));
        }
    }

    private List<Cpu> cpus(CpuSet wanted, Map<Integer, CpuSet> cpusOfNode) throws DocumentException {
        Map<Integer, Integer> lowestOfCore = new HashMap<>();
        Map<Integer, Integer> lowestOfL3 = new HashMap<>();
        boolean hasEveryL3 = true;
        for (Unit unit : units) {
            lowestOfCore.merge(unit.core, unit.id, Math::min);
            lowestOfL3.merge(unit.l3, unit.id, Math::min);
            hasEveryL3 &= unit.l3 != UNKNOWN;
        }
        SortedMap<Integer, Cpu> cpus = new TreeMap<>();
        for (Unit unit : units) {
            if (!wanted.contains(unit.id)) {
                continue;
            }
            int core = unit.core == UNKNOWN ? unit.id : lowestOfCore.getOrDefault(unit.core, unit.id);
            int node = node(unit, cpusOfNode);
            cpus.put(
                    unit.id,
                    hasEveryL3
                            ? new Cpu(unit.id, core, unit.socket, node, lowestOfL3.getOrDefault(unit.l3, unit.id))
                            : Cpu.withoutL3(unit.id, core, unit.socket, node));
        }
        return List.copyOf(cpus.values());
    }

    /** Returns the NUMA node of a CPU: of those that have it the one with the fewest CPUs. */
    private static int node(Unit unit, Map<Integer, CpuSet> cpusOfNode) throws DocumentException {
        int found = UNKNOWN;
        int fewest = Integer.MAX_VALUE;
        for (Map.Entry<Integer, CpuSet> node : cpusOfNode.entrySet()) {
            if (node.getValue().contains(unit.id) && node.getValue().size() < fewest) {
                found = node.getKey();
                fewest = node.getValue().size();
            }
        }
        if (found == UNKNOWN) {
            throw unit.object.element().wrong("os_index \"" + unit.id + "\": is in the cpuset of no NUMANode");
        }
        return found;
    }
}
