package io.podslice.agent.map;

import io.podslice.agent.text.Bytes;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Puts the parts of a machine into each other, as lstopo does: socket, NUMA node, L3 cache, core, CPU. Where a cache serves
 * several NUMA nodes, or a NUMA node several sockets, the wider of the two is outside. Parts that cross are shown in pieces.
 */
final class Nesting {
    private static final int LONGEST_NOTE = 60;

    private final NodeMap map;
    private final Machine machine;
    private final Set<String> shown = new HashSet<>();

    private Nesting(NodeMap map) {
        this.map = map;
        this.machine = map.machine();
    }

    /** Returns the machine with all its parts. */
    static Part of(NodeMap map) {
        return new Nesting(map).machine();
    }

    private Part machine() {
        List<Part> parts = new ArrayList<>(parts(machine.cpus(), levels()));
        for (int node : machine.numaNodes().toArray()) {
            if (!shown.contains(key(Part.Kind.NUMA_NODE, node))) {
                parts.add(memoryOnly(node));
            }
        }
        absent(parts, "offline", machine.offline());
        absent(parts, "not for pods: the cgroups above them forbid these CPUs", machine.barred());
        return new Part(Part.Kind.MACHINE, -1, title(), parts);
    }

    private String title() {
        int cores = (int) machine.cpus().stream().mapToInt(Cpu::core).distinct().count();
        StringBuilder title = new StringBuilder()
                .append(count(machine.cpus().size(), "CPU"))
                .append(", ")
                .append(count(cores, "core"));
        return machine.memory().isEmpty()
                ? title.toString()
                : title.append(", ").append(Bytes.text(machine.memoryBytes())).toString();
    }

    private static String count(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static void absent(List<Part> parts, String title, CpuSet cpus) {
        if (!cpus.isEmpty()) {
            parts.add(new Part(
                    Part.Kind.ABSENT,
                    -1,
                    title,
                    cpus.stream()
                            .mapToObj(cpu -> Part.leaf(Part.Kind.CPU, cpu, ""))
                            .toList()));
        }
    }

    /** Returns the levels from the outside to the inside. */
    private List<Part.Kind> levels() {
        List<Part.Kind> levels = new ArrayList<>(List.of(Part.Kind.SOCKET, Part.Kind.NUMA_NODE, Part.Kind.L3));
        // Two rounds of neighbours changing places order three levels.
        for (int at : new int[] {0, 1, 0}) {
            Part.Kind outer = levels.get(at);
            Part.Kind inner = levels.get(at + 1);
            if (!isWithin(inner, outer) && isWithin(outer, inner)) {
                levels.set(at, inner);
                levels.set(at + 1, outer);
            }
        }
        levels.add(Part.Kind.CORE);
        return levels;
    }

    /** Tells if each group of CPUs at one level lies within one group of the other. */
    private boolean isWithin(Part.Kind inner, Part.Kind outer) {
        Map<Integer, Integer> outerOf = new HashMap<>();
        for (Cpu cpu : machine.cpus()) {
            Integer first = outerOf.putIfAbsent(id(inner, cpu), id(outer, cpu));
            if (first != null && first != id(outer, cpu)) {
                return false;
            }
        }
        return true;
    }

    private static int id(Part.Kind level, Cpu cpu) {
        return switch (level) {
            case SOCKET -> cpu.socket();
            case NUMA_NODE -> cpu.numaNode();
            case L3 -> cpu.l3();
            case CORE -> cpu.core();
            case CPU, MACHINE, NOTE, ABSENT -> cpu.id();
        };
    }

    private List<Part> parts(List<Cpu> cpus, List<Part.Kind> levels) {
        if (levels.isEmpty()) {
            return cpus.stream()
                    .map(cpu -> Part.leaf(Part.Kind.CPU, cpu.id(), ""))
                    .toList();
        }
        Part.Kind level = levels.getFirst();
        List<Part.Kind> inside = levels.subList(1, levels.size());
        TreeMap<Integer, List<Cpu>> groups = new TreeMap<>();
        for (Cpu cpu : cpus) {
            groups.computeIfAbsent(id(level, cpu), id -> new ArrayList<>()).add(cpu);
        }
        List<Part> parts = new ArrayList<>();
        groups.forEach((id, members) -> {
            if (level == Part.Kind.L3 && !members.getFirst().hasL3()) {
                parts.addAll(parts(members, inside));
            } else {
                parts.add(part(level, id, members, inside));
            }
        });
        if (level == Part.Kind.NUMA_NODE) {
            Set<Integer> here = groups.keySet();
            for (int node : machine.numaNodes().toArray()) {
                if (here.contains(nearest(node)) && !shown.contains(key(level, node))) {
                    parts.add(memoryOnly(node));
                }
            }
        }
        return parts;
    }

    private Part part(Part.Kind level, int id, List<Cpu> members, List<Part.Kind> inside) {
        boolean isFirst = shown.add(key(level, id));
        List<Part> within = new ArrayList<>();
        if (level == Part.Kind.NUMA_NODE && isFirst) {
            within.addAll(notes(id));
        }
        within.addAll(parts(members, inside));
        String title = switch (level) {
            case SOCKET -> "socket " + id;
            case NUMA_NODE -> "NUMA node " + id + memory(id);
            case L3 -> "L3";
            case CORE, CPU, MACHINE, NOTE, ABSENT -> "";
        };
        return new Part(level, id, isFirst || title.isEmpty() ? title : title + ", another part", within);
    }

    private static String key(Part.Kind kind, int id) {
        return kind + " " + id;
    }

    private String memory(int node) {
        Long bytes = machine.memory().get(node);
        return bytes == null ? "" : ", " + Bytes.text(bytes);
    }

    private Part memoryOnly(int node) {
        shown.add(key(Part.Kind.NUMA_NODE, node));
        return new Part(Part.Kind.NUMA_NODE, node, "NUMA node " + node + memory(node) + ", no CPUs", notes(node));
    }

    /** Returns the nearest NUMA node that has CPUs; -1 for a node with CPUs and where distances are not known. */
    private int nearest(int node) {
        List<Integer> row = machine.distances().getOrDefault(node, List.of());
        int[] ids = machine.distances().keySet().stream()
                .mapToInt(Integer::intValue)
                .toArray();
        int nearest = -1;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < row.size() && machine.cpusOfNode(node).isEmpty(); i++) {
            if (row.get(i) < least && !machine.cpusOfNode(ids[i]).isEmpty()) {
                least = row.get(i);
                nearest = ids[i];
            }
        }
        return nearest;
    }

    private List<Part> notes(int node) {
        List<Part> notes = new ArrayList<>();
        new TreeMap<>(machine.hugepages().getOrDefault(node, Map.of())).forEach((size, count) -> {
            if (count > 0) {
                notes.add(note(count + " huge pages of " + Bytes.text(size)));
            }
        });
        List<MappedPod> owners = map.owners();
        for (MappedPod pod : map.pods()) {
            for (MappedPod.Device device : pod.devices()) {
                if (device.numaNodes().contains(node)) {
                    String owner = pod.hasCpus() ? Letters.capital(owners.indexOf(pod)) : pod.name();
                    notes.add(note(owner + ": " + device.resource() + " " + device.ids()));
                }
            }
        }
        return notes;
    }

    private static Part note(String text) {
        return Part.leaf(Part.Kind.NOTE, -1, Printable.of(text, LONGEST_NOTE));
    }
}
