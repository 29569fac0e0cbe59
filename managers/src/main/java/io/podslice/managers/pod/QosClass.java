package io.podslice.managers.pod;

import java.util.Optional;

/** Kubernetes' quality-of-service classes. */
public enum QosClass {
    GUARANTEED("Guaranteed"),
    BURSTABLE("Burstable"),
    BEST_EFFORT("BestEffort");

    private final String text;

    QosClass(String text) {
        this.text = text;
    }

    /** The spelling of Kubernetes, e.g. {@code BestEffort}. */
    public String text() {
        return text;
    }

    /**
     * Returns the class of a pod, by its pod-level resources where it has any, else by those of all its containers,
     * init containers included; only CPU and memory count (kubelet's ComputePodQOS).
     */
    public static QosClass of(PodSpec pod) {
        return pod.hasPodLevelResources() ? ofOne(pod.resources()) : ofContainers(pod);
    }

    private static QosClass ofOne(ResourceRequirements resources) {
        boolean asks = false;
        boolean equal = true;
        for (ResourceName name : new ResourceName[] {ResourceName.CPU, ResourceName.MEMORY}) {
            Quantity request = resources.requests().get(name);
            Quantity limit = resources.limits().get(name);
            asks |= request.signum() > 0 || limit.signum() > 0;
            equal &= limit.signum() > 0 && request.equals(limit);
        }
        return asks ? equal ? GUARANTEED : BURSTABLE : BEST_EFFORT;
    }

    private static QosClass ofContainers(PodSpec pod) {
        ResourceList requests = ResourceList.EMPTY;
        ResourceList limits = ResourceList.EMPTY;
        boolean allLimited = true;
        for (ContainerSpec container : pod.containers()) {
            if (container.kind() == ContainerKind.EPHEMERAL) {
                continue;
            }
            ResourceRequirements resources = container.resources();
            requests = requests.plus(resources.requests());
            limits = limits.plus(resources.limits());
            allLimited &=
                    resources.limits().cpuMillis() > 0 && resources.limits().memoryBytes() > 0;
        }
        QosClass sum = ofOne(new ResourceRequirements(requests, limits));
        return sum == GUARANTEED && !allLimited ? BURSTABLE : sum;
    }

    /** Returns the class whose cgroup has that name below the kubepods cgroup. */
    public static Optional<QosClass> ofCgroup(String name) {
        return switch (name) {
            case "burstable" -> Optional.of(BURSTABLE);
            case "besteffort" -> Optional.of(BEST_EFFORT);
            default -> Optional.empty();
        };
    }
}
