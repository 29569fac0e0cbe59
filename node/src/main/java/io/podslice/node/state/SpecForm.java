package io.podslice.node.state;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResizePolicy.RestartPolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A pod's spec as the state file has it. */
record SpecForm(Amounts resources, List<Container> containers) {

    record Amounts(SortedMap<String, String> requests, SortedMap<String, String> limits) {}

    record Container(String name, ContainerKind kind, Amounts resources, Resize resizePolicy) {}

    record Resize(RestartPolicy cpu, RestartPolicy memory) {}

    static SpecForm of(PodSpec spec) {
        return new SpecForm(
                amounts(spec.resources()),
                spec.containers().stream()
                        .map(container -> new Container(
                                container.name(),
                                container.kind(),
                                amounts(container.resources()),
                                new Resize(
                                        container.resizePolicy().cpu(),
                                        container.resizePolicy().memory())))
                        .toList());
    }

    private static Amounts amounts(ResourceRequirements resources) {
        return new Amounts(texts(resources.requests()), texts(resources.limits()));
    }

    static SortedMap<String, String> texts(ResourceList list) {
        SortedMap<String, String> texts = new TreeMap<>();
        for (ResourceName name : list.names()) {
            texts.put(name.value(), list.get(name).toString());
        }
        return texts;
    }

    PodSpec toSpec() {
        return new PodSpec(
                resources(resources),
                containers.stream()
                        .map(container -> new ContainerSpec(
                                container.name(),
                                container.kind(),
                                resources(container.resources()),
                                new ResizePolicy(
                                        container.resizePolicy().cpu(),
                                        container.resizePolicy().memory())))
                        .toList());
    }

    private static ResourceRequirements resources(Amounts amounts) {
        return new ResourceRequirements(list(amounts.requests()), list(amounts.limits()));
    }

    static ResourceList list(Map<String, String> texts) {
        SortedMap<ResourceName, Quantity> amounts = new TreeMap<>();
        texts.forEach((name, amount) -> amounts.put(new ResourceName(name), Quantity.parse(amount)));
        return ResourceList.of(amounts);
    }
}
