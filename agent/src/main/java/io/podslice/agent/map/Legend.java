package io.podslice.agent.map;

import io.podslice.agent.text.Table;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.Printable;
import java.util.ArrayList;
import java.util.List;

/**
 * The legend of a map.
 *
 * @param header names the columns of the rows
 * @param rows a line for each pod that has CPUs of its own, in the order of their letters
 * @param signs the signs that the map has
 * @param notes lines below
 */
record Legend(String header, List<Row> rows, List<Sign> signs, List<String> notes) {
    private static final int LONGEST_NAME = 40;
    private static final int LONGEST_CPUS = 28;
    private static final int LONGEST_ISOLATION = 44;
    private static final int LONGEST_NOTE = 500;

    Legend {
        rows = List.copyOf(rows);
        signs = List.copyOf(signs);
        notes = List.copyOf(notes);
    }

    /**
     * The line of a pod.
     *
     * @param isExclusive true if containers of the pod have exclusive CPUs
     * @param isShared true if the pod has a shared pool
     */
    record Row(boolean isExclusive, boolean isShared, String text) {}

    /** @param uses the uses of all CPUs that the map shows */
    static Legend of(NodeMap map, List<CpuUse> uses) {
        List<MappedPod> owners = map.owners();
        boolean isResizing = owners.stream().anyMatch(pod -> !pod.resize().isEmpty());
        String resize = isResizing ? "RESIZE" : "";
        Table table =
                new Table("").row("POD", "CPU", "MEMORY", "EXCLUSIVE", "SHARED", "NUMA", "ISOLATION", "SPEC", resize);
        for (MappedPod pod : owners) {
            table.row(
                    Printable.of(pod.name(), LONGEST_NAME),
                    Printable.of(pod.cpu(), LONGEST_NAME),
                    Printable.of(pod.memory(), LONGEST_NAME),
                    cpus(pod.cpus().minus(pod.sharedPool())),
                    cpus(pod.sharedPool()),
                    cpus(pod.numaNodes()),
                    Printable.of(pod.isolation(), LONGEST_ISOLATION),
                    Printable.of(pod.source(), LONGEST_NAME),
                    Printable.of(pod.resize(), LONGEST_NAME));
        }
        List<String> lines = table.text().lines().toList();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < owners.size(); i++) {
            MappedPod pod = owners.get(i);
            boolean isExclusive = !pod.cpus().minus(pod.sharedPool()).isEmpty();
            rows.add(new Row(isExclusive, !pod.sharedPool().isEmpty(), lines.get(i + 1)));
        }
        List<String> notes = new ArrayList<>();
        int others = map.pods().size() - owners.size();
        if (others > 0) {
            notes.add(others + (others == 1 ? " pod runs" : " pods run") + " in the node shared pool");
        }
        map.notes().forEach(note -> notes.add(Printable.of(note, LONGEST_NOTE)));
        return new Legend(owners.isEmpty() ? "" : lines.getFirst(), rows, List.copyOf(Sign.of(uses)), notes);
    }

    private static String cpus(CpuSet cpus) {
        return cpus.isEmpty() ? "-" : Printable.of(cpus.toString(), LONGEST_CPUS);
    }
}
