package io.podslice.simulator.kubelet;

import io.podslice.cgroups.CgroupPath;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A pod as the API server hands it to the kubelet, as far as resources go.
 *
 * @param name pod name
 * @param namespace Kubernetes namespace
 * @param uid pod uid
 * @param wants {@code spec.resources}; {@link Wants#NONE} where the pod has none
 * @param containers in the order of the spec, init containers first
 * @param annotations pod annotations
 * @param generation {@code metadata.generation}, which the API server raises with each change of the spec
 * @param priority {@code spec.priority}
 */
public record PodManifest(
        String name,
        String namespace,
        String uid,
        Wants wants,
        List<ContainerManifest> containers,
        Map<String, String> annotations,
        long generation,
        int priority) {

    public PodManifest {
        containers = List.copyOf(containers);
        annotations = Map.copyOf(annotations);
    }

    /** A new pod, of no particular priority. */
    public PodManifest(
            String name,
            String namespace,
            String uid,
            Wants wants,
            List<ContainerManifest> containers,
            Map<String, String> annotations) {
        this(name, namespace, uid, wants, containers, annotations, 1, 0);
    }

    /** Returns the pod with other pod-level resources. */
    public PodManifest resizedTo(Wants budget) {
        return new PodManifest(name, namespace, uid, budget, containers, annotations, generation, priority);
    }

    /** Returns the pod with other containers. */
    public PodManifest withContainers(List<ContainerManifest> others) {
        return new PodManifest(name, namespace, uid, wants, others, annotations, generation, priority);
    }

    /** Returns the pod under another name and uid. */
    public PodManifest called(String otherName, String otherUid) {
        return new PodManifest(otherName, namespace, otherUid, wants, containers, annotations, generation, priority);
    }

    /** Returns the pod with these annotations besides its others. */
    public PodManifest annotated(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(annotations);
        all.putAll(more);
        return new PodManifest(name, namespace, uid, wants, containers, all, generation, priority);
    }

    /** Returns the pod as of another generation of its spec. */
    public PodManifest at(long otherGeneration) {
        return new PodManifest(name, namespace, uid, wants, containers, annotations, otherGeneration, priority);
    }

    /** Returns the pod with another priority. */
    public PodManifest withPriority(int other) {
        return new PodManifest(name, namespace, uid, wants, containers, annotations, generation, other);
    }

    /** Returns the container of that name. */
    public ContainerManifest container(String containerName) {
        return containers.stream()
                .filter(c -> c.name().equals(containerName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name + " has no container " + containerName));
    }

    boolean hasPodLevelResources() {
        return !wants.equals(Wants.NONE);
    }

    /** Returns the pod's QoS class: pod-level resources alone decide if there are any (facts: kubelet 1.3). */
    public Qos qos() {
        if (hasPodLevelResources()) {
            return wants.isGuaranteed() ? Qos.GUARANTEED : Qos.BURSTABLE;
        }
        if (containers.stream().allMatch(c -> c.wants().equals(Wants.NONE))) {
            return Qos.BEST_EFFORT;
        }
        return containers.stream().allMatch(c -> c.wants().isGuaranteed()) ? Qos.GUARANTEED : Qos.BURSTABLE;
    }

    /**
     * Returns the requests that the scheduler counts: the pod-level values, and for those not set the sum over
     * containers.
     */
    Amounts effectiveRequests() {
        return wants.requests().or(sum(false));
    }

    Amounts effectiveLimits() {
        return wants.limits().or(sum(true));
    }

    /**
     * Returns the larger of two sums: app containers and sidecars, and the most that runs at once while the pod
     * initialises.
     */
    private Amounts sum(boolean limits) {
        Amounts running = Amounts.NONE;
        Amounts sidecars = Amounts.NONE;
        Amounts initialising = Amounts.NONE;
        for (ContainerManifest container : containers) {
            Amounts own =
                    limits ? container.wants().limits() : container.wants().requests();
            switch (container.kind()) {
                case APP -> running = running.plus(own);
                case SIDECAR -> {
                    running = running.plus(own);
                    sidecars = sidecars.plus(own);
                    initialising = initialising.max(sidecars);
                }
                case INIT -> initialising = initialising.max(sidecars.plus(own));
            }
        }
        return running.max(initialising);
    }

    /** Returns a container's limits: its own, else the pod's. */
    Amounts effectiveLimits(ContainerManifest container) {
        return container.wants().limits().or(wants.limits());
    }

    boolean everyContainerLimitsCpu() {
        return containers.stream().allMatch(c -> c.wants().limits().cpuMillis() != 0);
    }

    boolean everyContainerLimitsMemory() {
        return containers.stream().allMatch(c -> c.wants().limits().memoryBytes() != 0);
    }

    /** Returns the containers that run as long as the pod does: all but init containers. */
    public List<ContainerManifest> longRunning() {
        return containers.stream().filter(c -> c.kind() != Kind.INIT).toList();
    }

    /** Returns the pod's cgroup below a kubepods cgroup: a slice where that is one. */
    public CgroupPath cgroup(CgroupPath kubepods) {
        return qos().podCgroup(kubepods, uid);
    }
}
