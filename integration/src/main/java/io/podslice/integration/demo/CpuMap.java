package io.podslice.integration.demo;

import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import java.util.List;
import java.util.TreeMap;

/**
 * Draws every CPU of the machine and the pod that runs on it: one line for each thread of a core, one column for each
 * core, a capital for CPUs of one container alone, a small letter for a pod's shared pool, a dot for all other pods.
 */
final class CpuMap {
    private final Machine machine;
    private final List<PodView> pods;
    private final Paint paint;

    CpuMap(Machine machine, List<PodView> pods, Paint paint) {
        this.machine = machine;
        this.pods = pods;
        this.paint = paint;
    }

    void print(StringBuilder out) {
        TreeMap<Integer, TreeMap<Integer, TreeMap<Integer, Cpu>>> nodes = new TreeMap<>();
        for (Cpu cpu : machine.cpus()) {
            nodes.computeIfAbsent(cpu.numaNode(), n -> new TreeMap<>())
                    .computeIfAbsent(cpu.core(), n -> new TreeMap<>())
                    .put(cpu.id(), cpu);
        }
        nodes.forEach((node, cores) -> {
            int threads = cores.values().stream().mapToInt(TreeMap::size).max().orElse(0);
            for (int thread = 0; thread < threads; thread++) {
                out.append(thread == 0 ? "  NUMA node %-3d".formatted(node) : "               ");
                for (TreeMap<Integer, Cpu> core : cores.values()) {
                    if (thread < core.size()) {
                        out.append(cell(List.copyOf(core.keySet()).get(thread))).append(' ');
                    }
                }
                out.append('\n');
            }
        });
    }

    private String cell(int cpu) {
        String cell = paint.nobodys(" . %2d ".formatted(cpu));
        boolean taken = false;
        for (int i = 0; i < pods.size(); i++) {
            if (pods.get(i).cpus().contains(cpu)) {
                cell = taken ? " * %2d ".formatted(cpu) : cell(i, cpu);
                taken = true;
            }
        }
        return cell;
    }

    private String cell(int pod, int cpu) {
        boolean own = pods.get(pod).containers().stream()
                .anyMatch(container ->
                        container.wantsOwnCpus() && container.cpus().contains(cpu));
        return own
                ? paint.own(pod, " %c %2d ".formatted(capital(pod), cpu))
                : paint.shared(pod, " %c %2d ".formatted(small(pod), cpu));
    }

    static char capital(int pod) {
        return (char) ('A' + pod);
    }

    static char small(int pod) {
        return (char) ('a' + pod);
    }
}
