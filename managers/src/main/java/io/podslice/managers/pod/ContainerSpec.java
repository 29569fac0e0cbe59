package io.podslice.managers.pod;

/** One container of a pod spec. */
public record ContainerSpec(String name, ContainerKind kind, ResourceRequirements resources) {}
