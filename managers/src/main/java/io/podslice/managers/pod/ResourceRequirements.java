package io.podslice.managers.pod;

/** The {@code requests} and {@code limits} of a container or pod. */
public record ResourceRequirements(ResourceList requests, ResourceList limits) {
    public static final ResourceRequirements NONE = new ResourceRequirements(ResourceList.EMPTY, ResourceList.EMPTY);

    public boolean isEmpty() {
        return requests.isEmpty() && limits.isEmpty();
    }
}
