package io.podslice.integration.agent;

import io.podslice.agent.manifest.Pod;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResizePolicy.RestartPolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.Wants;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Turns pods as the agent reads them from manifest files into pods as the simulated kubelet starts them. */
public final class PodManifests {
    private PodManifests() {}

    /**
     * Returns the kubelet's view of a pod.
     *
     * @throws IllegalArgumentException if the pod has ephemeral containers, which no pod has when it starts
     */
    public static PodManifest of(Pod pod) {
        return new PodManifest(
                pod.name(),
                pod.namespace(),
                pod.uid(),
                wants(pod.spec().resources()),
                pod.spec().containers().stream()
                        .map(container -> new ContainerManifest(
                                container.name(),
                                kind(container),
                                pod.images().getOrDefault(container.name(), ""),
                                wants(container.resources()),
                                restartedFor(container.resizePolicy()),
                                devices(container.resources().limits())))
                        .toList(),
                pod.annotations());
    }

    private static Set<String> restartedFor(ResizePolicy policy) {
        Set<String> resources = new HashSet<>();
        if (policy.cpu() == RestartPolicy.RESTART_CONTAINER) {
            resources.add(ResourceName.CPU.value());
        }
        if (policy.memory() == RestartPolicy.RESTART_CONTAINER) {
            resources.add(ResourceName.MEMORY.value());
        }
        return resources;
    }

    /** Returns the amounts of extended resources, whose names have a domain: device plugins give them. */
    private static Map<String, Integer> devices(ResourceList limits) {
        Map<String, Integer> devices = new HashMap<>();
        for (ResourceName name : limits.names()) {
            if (name.value().contains("/")) {
                devices.put(name.value(), (int) limits.get(name).value());
            }
        }
        return devices;
    }

    private static Wants wants(ResourceRequirements resources) {
        return new Wants(amounts(resources.requests()), amounts(resources.limits()));
    }

    private static Amounts amounts(ResourceList list) {
        return new Amounts(list.cpuMillis(), list.memoryBytes());
    }

    private static Kind kind(ContainerSpec container) {
        return switch (container.kind()) {
            case APP -> Kind.APP;
            case INIT -> Kind.INIT;
            case SIDECAR -> Kind.SIDECAR;
            case EPHEMERAL -> throw new IllegalArgumentException(container.name() + ": is an ephemeral container");
        };
    }
}
