package io.podslice.managers.resize;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.InvalidPodSpecException;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.PodSpecFields;
import io.podslice.managers.pod.PodSpecValidation;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.Map;
import java.util.Optional;

/** Applies a requested resize to a running pod's spec, by the API server's rules and in its words. */
public final class SpecResize {
    private static final String POD = "spec.resources";

    private SpecResize() {}

    /**
     * Returns the pod with new amounts in place of its own; resources that are not named keep their amounts.
     *
     * @param allocated the pod's allocated spec, with its defaults
     * @param pod new amounts of the pod as a whole
     * @param containers new amounts of containers, by name
     * @throws InvalidPodSpecException naming the field, if the rules forbid this change of a running pod
     */
    public static PodSpec of(
            PodSpec allocated, Optional<ResourceRequirements> pod, Map<String, ResourceRequirements> containers) {
        PodSpec desired = allocated;
        if (pod.isPresent()) {
            if (!allocated.hasPodLevelResources()) {
                throw new InvalidPodSpecException(
                        POD, shown(pod.get()), "the pod has no resources as a whole to resize; name its containers");
            }
            check(pod.get(), POD, "only cpu and memory resources are mutable at pod-level", "pod-level resource ");
            desired = desired.withResources(merged(allocated.resources(), pod.get()));
        }
        for (Map.Entry<String, ResourceRequirements> change : containers.entrySet()) {
            ContainerSpec container = resizable(allocated, change.getKey(), change.getValue());
            desired = desired.with(container.withResources(merged(container.resources(), change.getValue())));
        }
        PodSpecValidation.check(desired, PodSpecFields.inManifest(desired, "spec"));
        if (QosClass.of(desired) != QosClass.of(allocated)) {
            throw new InvalidPodSpecException(
                    "spec",
                    QosClass.of(desired).text(),
                    "Pod QOS Class may not change as a result of resizing; it is "
                            + QosClass.of(allocated).text());
        }
        return desired;
    }

    private static ContainerSpec resizable(PodSpec allocated, String name, ResourceRequirements change) {
        String field = "spec.containers[" + name + "].resources";
        ContainerSpec container = allocated
                .container(name)
                .orElseThrow(() -> new InvalidPodSpecException(
                        field, name, "no container of the pod: containers may not be added or removed on resize"));
        if (container.kind() == ContainerKind.INIT) {
            throw new InvalidPodSpecException(
                    field, shown(change), "resources for non-sidecar init containers are immutable");
        }
        if (container.kind() == ContainerKind.EPHEMERAL) {
            throw new InvalidPodSpecException(field, shown(change), "cannot be set for an ephemeral container");
        }
        check(change, field, "only cpu and memory resources are mutable", "resource ");
        return container;
    }

    private static void check(ResourceRequirements change, String field, String onlyThese, String what) {
        check(change.requests(), field + ".requests", onlyThese, what + "requests cannot be removed");
        check(change.limits(), field + ".limits", onlyThese, what + "limits cannot be removed");
    }

    private static void check(ResourceList amounts, String field, String onlyThese, String removed) {
        for (ResourceName name : amounts.names()) {
            Quantity amount = amounts.get(name);
            String at = field + "[" + name + "]";
            if (!name.equals(ResourceName.CPU) && !name.equals(ResourceName.MEMORY)) {
                throw new InvalidPodSpecException(at, amount.toString(), onlyThese);
            }
            if (amount.signum() == 0) {
                throw new InvalidPodSpecException(at, amount.toString(), removed);
            }
        }
    }

    private static ResourceRequirements merged(ResourceRequirements has, ResourceRequirements change) {
        return new ResourceRequirements(
                replaced(has.requests(), change.requests()), replaced(has.limits(), change.limits()));
    }

    private static ResourceList replaced(ResourceList has, ResourceList change) {
        ResourceList result = has;
        for (ResourceName name : change.names()) {
            result = result.with(name, change.get(name).roundedUpToMilli());
        }
        return result;
    }

    private static String shown(ResourceRequirements resources) {
        return "requests " + resources.requests() + ", limits " + resources.limits();
    }
}
