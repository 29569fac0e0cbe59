package io.podslice.agent.replay;

import io.podslice.proto.v1.Container;
import io.podslice.proto.v1.Pod;
import java.util.ArrayList;
import java.util.List;

/**
 * The pod to which a CPU belongs, or the pool.
 *
 * @param use the use in the words of {@code podslice map --json}, or {@code offline} or {@code absent}
 * @param pods the pods whose own it is, namespace and name; more than one of a contested CPU
 * @param containers the containers that run on it; empty for the node shared pool
 * @param text all of it in a line
 */
public record CpuOwner(String use, List<String> pods, List<String> containers, String text) {
    private static final String EXCLUSIVE = "exclusive";

    public CpuOwner {
        pods = List.copyOf(pods);
        containers = List.copyOf(containers);
    }

    /** The node shared pool. */
    static CpuOwner pool(boolean isReserved) {
        return new CpuOwner("nodeShared", List.of(), List.of(), "node shared pool" + (isReserved ? ", reserved" : ""));
    }

    /** No owner. */
    static CpuOwner none(String use, String text) {
        return new CpuOwner(use, List.of(), List.of(), text);
    }

    /**
     * A pod to which the CPU belongs.
     *
     * @param isShared true if it is in the pod shared pool
     * @param isGone true if the pod cannot use it
     */
    static CpuOwner of(PodKey key, Pod pod, int cpu, boolean isShared, boolean isGone) {
        List<String> containers = new ArrayList<>();
        for (Container container : pod.getContainersList()) {
            boolean isOn = isShared
                    ? container.getIsolation().equals("pod")
                    : container.getIsolation().equals("container")
                            && CpuHistory.cpus(container.getCpus()).contains(cpu);
            if (isOn) {
                containers.add(container.getName());
            }
        }
        String names = containers.isEmpty()
                ? "no container yet"
                : (containers.size() == 1 ? "container " : "containers ") + String.join(", ", containers);
        String text = key + ": " + names + (isShared ? ", in the pod shared pool" : ", exclusively")
                + (isGone ? "; cannot use it: it is offline, or a cgroup above forbids it" : "");
        return new CpuOwner(isShared ? "podShared" : EXCLUSIVE, List.of(key.toString()), containers, text);
    }

    /** Several pods that should each have it alone. */
    static CpuOwner contested(List<CpuOwner> owners) {
        List<String> pods = new ArrayList<>();
        List<String> containers = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (CpuOwner owner : owners) {
            pods.addAll(owner.pods);
            containers.addAll(owner.containers);
            texts.add(owner.text);
        }
        return new CpuOwner("contested", pods, containers, "claimed by several: " + String.join("; ", texts));
    }
}
