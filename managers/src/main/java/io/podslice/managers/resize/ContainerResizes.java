package io.podslice.managers.resize;

import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResizePolicy.RestartPolicy;
import io.podslice.managers.pod.ResourceName;
import java.util.ArrayList;
import java.util.List;

/**
 * The running containers that a resize changes, by the kubelet's computePodResizeAction.
 *
 * @param restarts names of the containers that must restart for it, in the spec's order
 * @param memoryDown names of the containers whose memory shrinks while they run, in the reverse of the spec's order
 * @param memoryUp names of the containers whose memory grows, in the spec's order
 * @param cpuDown names of the containers whose CPU shrinks while they run, in the reverse of the spec's order
 * @param cpuUp names of the containers whose CPU grows, in the spec's order
 */
public record ContainerResizes(
        List<String> restarts,
        List<String> memoryDown,
        List<String> memoryUp,
        List<String> cpuDown,
        List<String> cpuUp) {

    /**
     * A running container.
     *
     * @param current its actual amounts
     * @param desired its desired amounts
     */
    public record Candidate(String name, ResizePolicy policy, ContainerAmounts current, ContainerAmounts desired) {}

    public ContainerResizes {
        restarts = List.copyOf(restarts);
        memoryDown = List.copyOf(memoryDown);
        memoryUp = List.copyOf(memoryUp);
        cpuDown = List.copyOf(cpuDown);
        cpuUp = List.copyOf(cpuUp);
    }

    /**
     * Sorts the running containers by the change that the resize makes to them; containers that do not run take their
     * new amounts when they start.
     *
     * @param containers running containers, in the spec's order
     */
    public static ContainerResizes of(List<Candidate> containers) {
        List<String> restarts = new ArrayList<>();
        Ways memory = new Ways();
        Ways cpu = new Ways();
        for (Candidate container : containers) {
            ContainerAmounts.Change cpuChange = container.current().to(container.desired(), ResourceName.CPU);
            ContainerAmounts.Change memoryChange = container.current().to(container.desired(), ResourceName.MEMORY);
            if (restarts(cpuChange, container.policy().cpu())
                    || restarts(memoryChange, container.policy().memory())) {
                restarts.add(container.name());
            } else {
                memory.add(container.name(), memoryChange);
                cpu.add(container.name(), cpuChange);
            }
        }
        return new ContainerResizes(restarts, memory.down, memory.up, cpu.down, cpu.up);
    }

    private static boolean restarts(ContainerAmounts.Change change, RestartPolicy policy) {
        return change != ContainerAmounts.Change.NONE && policy == RestartPolicy.RESTART_CONTAINER;
    }

    /** The names of the containers whose amounts of the resource shrink. */
    public List<String> down(ResourceName resource) {
        return resource.equals(ResourceName.CPU) ? cpuDown : memoryDown;
    }

    /** The names of the containers whose amounts of the resource grow. */
    public List<String> up(ResourceName resource) {
        return resource.equals(ResourceName.CPU) ? cpuUp : memoryUp;
    }

    private static final class Ways {
        final List<String> down = new ArrayList<>();
        final List<String> up = new ArrayList<>();

        void add(String container, ContainerAmounts.Change change) {
            switch (change) {
                case DECREASE -> down.addFirst(container);
                case INCREASE -> up.addLast(container);
                case NONE -> {
                    // Unchanged.
                }
            }
        }
    }
}
