package io.podslice.managers.pod;

import java.util.List;
import java.util.Optional;

/**
 * The part of a Kubernetes pod spec that decides CPU, memory and huge pages.
 *
 * @param resources the pod-level resources; without any amount where it has none (an empty {@code spec.resources}
 *     counts as none: the kubelet of 1.36 makes such a pod BestEffort, which is a known bug)
 * @param containers in the spec's order: a sidecar counts for the init containers after it
 */
public record PodSpec(ResourceRequirements resources, List<ContainerSpec> containers) {

    public PodSpec {
        containers = List.copyOf(containers);
    }

    /** Tells if the pod has pod-level resources (KEP-2837). */
    public boolean hasPodLevelResources() {
        return !resources.isEmpty();
    }

    public Optional<ContainerSpec> container(String name) {
        for (ContainerSpec container : containers) {
            if (container.name().equals(name)) {
                return Optional.of(container);
            }
        }
        return Optional.empty();
    }

    public PodSpec withResources(ResourceRequirements resources) {
        return new PodSpec(resources, containers);
    }

    /** Returns the pod with that container in place of the container of its name. */
    public PodSpec with(ContainerSpec container) {
        return new PodSpec(
                resources,
                containers.stream()
                        .map(other -> other.name().equals(container.name()) ? container : other)
                        .toList());
    }
}
