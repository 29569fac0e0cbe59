package io.podslice.managers.pod;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The number of exclusive CPUs of containers and pods: the CPU manager's rules, and podslice's annotation, which
 * overrides them.
 */
public final class ExclusiveCpus {
    private ExclusiveCpus() {}

    /**
     * Returns the number of CPUs that the container gets exclusively; 0 if it shares.
     *
     * @param pod the pod with its defaults
     * @param knob the pod annotation's value for this container; null where it has none
     */
    public static int of(PodSpec pod, ContainerSpec container, @Nullable Boolean knob) {
        if (container.kind() == ContainerKind.EPHEMERAL || (knob != null && !knob)) {
            return 0;
        }
        int cpus = wholeCpus(container.resources().requests().get(ResourceName.CPU));
        return knob != null || isEligible(pod, container) ? cpus : 0;
    }

    /**
     * Returns the reason for which a container gets exclusive CPUs, or none.
     *
     * @param pod the pod with its defaults
     * @param knob the pod annotation's value for this container; null where it has none
     */
    public static String why(PodSpec pod, ContainerSpec container, @Nullable Boolean knob) {
        Quantity cpu = container.resources().requests().get(ResourceName.CPU);
        if (container.kind() == ContainerKind.EPHEMERAL) {
            return "an ephemeral container shares";
        }
        if (knob != null && !knob) {
            return "its annotation says that it shares";
        }
        if (cpu.signum() == 0) {
            return "requests no CPU";
        }
        if (!cpu.isWhole()) {
            return "requests " + cpu + " CPU, which is not whole";
        }
        if (knob != null) {
            return "its annotation says that it has CPUs of its own";
        }
        if (QosClass.of(pod) != QosClass.GUARANTEED) {
            return "the pod is " + QosClass.of(pod).text() + ", not Guaranteed";
        }
        for (ResourceName name : List.of(ResourceName.CPU, ResourceName.MEMORY)) {
            if (pod.hasPodLevelResources() && !isGuaranteed(container, name)) {
                return "its " + name + " limit is not its request, as it must be in a pod with resources of its own";
            }
        }
        return "guaranteed, with whole CPUs";
    }

    /**
     * Tells if the rules allow exclusive CPUs: in a Guaranteed pod without pod-level resources for any container; in a
     * pod that has them, for a container that is itself guaranteed for CPU and memory (KEP-5526).
     */
    private static boolean isEligible(PodSpec pod, ContainerSpec container) {
        if (QosClass.of(pod) != QosClass.GUARANTEED) {
            return false;
        }
        return !pod.hasPodLevelResources()
                || (isGuaranteed(container, ResourceName.CPU) && isGuaranteed(container, ResourceName.MEMORY));
    }

    private static boolean isGuaranteed(ContainerSpec container, ResourceName name) {
        Quantity limit = container.resources().limits().get(name);
        return limit.signum() > 0
                && limit.equals(container.resources().requests().get(name));
    }

    /**
     * Returns the number of CPUs that the pod gets as a whole: a whole CPU budget of a Guaranteed pod with pod-level
     * resources; else 0.
     */
    public static int ofPod(PodSpec pod) {
        boolean aligned = pod.hasPodLevelResources() && QosClass.of(pod) == QosClass.GUARANTEED;
        return aligned ? wholeCpus(pod.resources().requests().get(ResourceName.CPU)) : 0;
    }

    private static int wholeCpus(Quantity cpu) {
        return cpu.isWhole() ? (int) Math.min(cpu.value(), Integer.MAX_VALUE) : 0;
    }
}
