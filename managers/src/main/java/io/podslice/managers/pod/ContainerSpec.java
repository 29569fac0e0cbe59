package io.podslice.managers.pod;

/** One container of a pod spec. */
public record ContainerSpec(
        String name, ContainerKind kind, ResourceRequirements resources, ResizePolicy resizePolicy) {

    /** A container whose resources may change while it runs. */
    public ContainerSpec(String name, ContainerKind kind, ResourceRequirements resources) {
        this(name, kind, resources, ResizePolicy.NOT_REQUIRED);
    }

    public ContainerSpec withResources(ResourceRequirements resources) {
        return new ContainerSpec(name, kind, resources, resizePolicy);
    }
}
