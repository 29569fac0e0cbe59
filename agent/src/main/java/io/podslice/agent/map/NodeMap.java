package io.podslice.agent.map;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The content of a map: a machine, and the pods on it.
 *
 * @param heading says what the map is of; empty for nothing to say
 * @param reserved CPUs that no pod gets for itself
 * @param sharedPool the node shared pool
 * @param pods those without CPUs of their own included
 * @param notes lines that belong below the legend, such as refusals
 */
public record NodeMap(
        String heading, Machine machine, CpuSet reserved, CpuSet sharedPool, List<MappedPod> pods, List<String> notes) {
    /** The most CPUs that a map shows; Linux has no more. */
    public static final int MOST_CPUS = 8192;

    /** @throws IllegalArgumentException if the machine has more than {@value #MOST_CPUS} CPUs */
    public NodeMap {
        pods = List.copyOf(pods);
        notes = List.copyOf(notes);
        int cpus = machine.cpuSet()
                .union(machine.offline())
                .union(machine.barred())
                .size();
        if (cpus > MOST_CPUS) {
            throw new IllegalArgumentException("the machine has " + cpus + " CPUs; a map shows at most " + MOST_CPUS);
        }
    }

    /** Returns this map under another heading. */
    public NodeMap headed(String other) {
        return new NodeMap(other, machine, reserved, sharedPool, pods, notes);
    }

    /** Returns this map with the pods that an earlier one has too in its order, before the others: each keeps its letter. */
    public NodeMap lettered(NodeMap earlier) {
        Map<String, Integer> places = new HashMap<>();
        earlier.owners().forEach(pod -> places.put(pod.name(), places.size()));
        List<MappedPod> sorted = new ArrayList<>(pods);
        sorted.sort(Comparator.comparingInt(pod -> places.getOrDefault(pod.name(), places.size())));
        return new NodeMap(heading, machine, reserved, sharedPool, sorted, notes);
    }

    /** Returns the pods that have CPUs of their own: each has the letter of its index here. */
    public List<MappedPod> owners() {
        return pods.stream().filter(MappedPod::hasCpus).toList();
    }
}
