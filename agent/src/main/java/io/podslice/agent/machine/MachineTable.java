package io.podslice.agent.machine;

import io.podslice.agent.text.Bytes;
import io.podslice.agent.text.Table;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** A machine as a table of its NUMA nodes. */
public final class MachineTable {
    private final Machine machine;

    private MachineTable(Machine machine) {
        this.machine = machine;
    }

    public static String text(Machine machine) {
        return new MachineTable(machine).text();
    }

    private String text() {
        StringBuilder text = new StringBuilder(summary()).append("\n\n");
        Table table = new Table("");
        table.row(
                "NUMA node",
                "socket",
                "cores",
                l3s(machine.cpuSet()) == 0 ? "" : "L3",
                "memory",
                "hugepages",
                "distances",
                "CPUs");
        machine.numaNodes().forEach(node -> {
            CpuSet cpus = machine.cpusOfNode(node);
            table.row(
                    Integer.toString(node),
                    ids(cpus, Cpu::socket).toString(),
                    Integer.toString(ids(cpus, Cpu::core).size()),
                    l3s(machine.cpuSet()) == 0 ? "" : Integer.toString(l3s(cpus)),
                    machine.memory().containsKey(node)
                            ? Bytes.text(machine.memory().get(node))
                            : "",
                    hugepages(node),
                    distances(node),
                    cpus.isEmpty() ? "none" : cpus.toString());
        });
        text.append(table.text());
        Table rest = new Table("");
        if (!machine.offline().isEmpty()) {
            rest.row("offline CPUs", machine.offline().toString());
        }
        if (!machine.isolated().isEmpty()) {
            rest.row("isolated CPUs", machine.isolated() + ", which no pod gets");
        }
        if (!machine.barred().isEmpty()) {
            rest.row("barred CPUs", machine.barred() + ", which the cgroups above pods do not allow");
        }
        String more = rest.text();
        return more.isEmpty() ? text.toString() : text + "\n" + more;
    }

    private String summary() {
        CpuSet all = machine.cpuSet();
        return count(all.size(), "CPU") + " online, "
                + count(ids(all, Cpu::core).size(), "core") + ", "
                + (l3s(all) == 0 ? "no L3 cache" : count(l3s(all), "L3 cache")) + ", "
                + count(machine.numaNodes().size(), "NUMA node") + ", "
                + count(machine.sockets().size(), "socket");
    }

    private int l3s(CpuSet cpus) {
        return (int) cpus.stream()
                .mapToObj(machine::cpu)
                .filter(Cpu::hasL3)
                .map(Cpu::l3)
                .distinct()
                .count();
    }

    private static String count(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private CpuSet ids(CpuSet cpus, ToIntFunction<Cpu> id) {
        return CpuSet.of(cpus.stream()
                .map(cpu -> id.applyAsInt(machine.cpu(cpu)))
                .distinct()
                .toArray());
    }

    private String hugepages(int node) {
        Map<Long, Long> pages = new TreeMap<>(machine.hugepages().getOrDefault(node, Map.of()));
        return pages.entrySet().stream()
                .filter(pool -> pool.getValue() > 0)
                .map(pool -> pool.getValue() + " of " + Bytes.text(pool.getKey()))
                .collect(Collectors.joining(", "));
    }

    private String distances(int node) {
        return machine.distances().getOrDefault(node, List.of()).stream()
                .map(String::valueOf)
                .collect(Collectors.joining(" "));
    }
}
