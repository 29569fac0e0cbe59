package io.podslice.managers.pod;

/** What a container or a pod asks for ({@code requests}) and may use at most ({@code limits}). */
public record ResourceRequirements(ResourceList requests, ResourceList limits) {
    public static final ResourceRequirements NONE = new ResourceRequirements(ResourceList.EMPTY, ResourceList.EMPTY);

    public boolean isEmpty() {
        return requests.isEmpty() && limits.isEmpty();
    }
}
