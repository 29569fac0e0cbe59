package io.podslice.agent.api;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.managers.pod.Printable;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.NodeView;
import io.podslice.node.NodeView.PodView;
import io.podslice.node.ResizeRequest;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.ResizePodRequest;
import io.podslice.proto.v1.Resources;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads requests; a request that cannot be read is INVALID_ARGUMENT with the field and its value. Pure. */
final class Requests {
    private Requests() {}

    /**
     * Returns the pod that a request names.
     *
     * @param field the request's field that names the pod
     */
    static PodView pod(NodeView node, String field, PodReference reference) {
        boolean named =
                !reference.getNamespace().isEmpty() && !reference.getName().isEmpty();
        if (reference.getNamespace().isEmpty() != reference.getName().isEmpty()) {
            String missing = reference.getNamespace().isEmpty() ? "namespace" : "name";
            throw invalid(field + "." + missing, "", "must not be empty, a pod is named by both namespace and name");
        }
        if (!named && reference.getUid().isEmpty()) {
            throw invalid(field, "", "must name a pod, by namespace and name or by uid");
        }
        for (PodView pod : node.pods()) {
            boolean isName = !named
                    || (pod.namespace().equals(reference.getNamespace())
                            && pod.name().equals(reference.getName()));
            boolean isUid = reference.getUid().isEmpty() || pod.uid().equals(reference.getUid());
            if (isName && isUid) {
                return pod;
            }
        }
        throw Status.NOT_FOUND
                .withDescription(Printable.of(text(reference), 200) + ": podslice manages no such pod on this node")
                .asRuntimeException();
    }

    private static String text(PodReference reference) {
        String name = reference.getNamespace() + "/" + reference.getName();
        if (reference.getUid().isEmpty()) {
            return "pod " + name;
        }
        return "pod " + (reference.getName().isEmpty() ? "" : name + " ") + "of uid " + reference.getUid();
    }

    /** Returns the requested resize of a pod. */
    static ResizeRequest resize(ResizePodRequest request, PodView pod, boolean dryRun) {
        Optional<ResourceRequirements> own = request.hasResources()
                ? Optional.of(requirements("resources", request.getResources()))
                : Optional.empty();
        SortedMap<String, ResourceRequirements> containers = new TreeMap<>();
        request.getContainersMap()
                .forEach(
                        (name, resources) -> containers.put(name, requirements("containers[" + name + "]", resources)));
        if (own.filter(some -> !some.isEmpty()).isEmpty()
                && containers.values().stream().allMatch(ResourceRequirements::isEmpty)) {
            throw invalid("resources", "", "must name at least one request or limit, of the pod or of a container");
        }
        return new ResizeRequest(pod.namespace(), pod.name(), own, containers, request.getPriority(), dryRun);
    }

    private static ResourceRequirements requirements(String field, Resources resources) {
        return new ResourceRequirements(
                amounts(field + ".requests", resources.getRequestsMap()),
                amounts(field + ".limits", resources.getLimitsMap()));
    }

    private static ResourceList amounts(String field, Map<String, String> given) {
        ResourceList amounts = ResourceList.EMPTY;
        for (Map.Entry<String, String> entry : given.entrySet()) {
            String at = field + "[" + entry.getKey() + "]";
            ResourceName name =
                    entry.getKey().equals(ResourceName.CPU.value()) ? ResourceName.CPU : ResourceName.MEMORY;
            if (!entry.getKey().equals(name.value())) {
                throw invalid(at, entry.getValue(), "only cpu and memory resources are mutable");
            }
            Quantity amount;
            try {
                amount = name.amount(entry.getValue());
            } catch (IllegalArgumentException e) {
                throw invalid(at, entry.getValue(), String.valueOf(e.getMessage()));
            }
            if (amount.signum() < 0) {
                throw invalid(at, entry.getValue(), "must be greater than or equal to 0");
            }
            amounts = amounts.with(name, amount);
        }
        return amounts;
    }

    static StatusRuntimeException invalid(String field, String value, String problem) {
        return Status.INVALID_ARGUMENT
                .withDescription(Printable.of(field, 200) + ": \"" + Printable.of(value, 200) + "\": " + problem)
                .asRuntimeException();
    }
}
