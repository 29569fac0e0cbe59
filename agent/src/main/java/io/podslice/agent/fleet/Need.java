package io.podslice.agent.fleet;

import io.podslice.cluster.fleet.FleetNode;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.ExclusiveCpus;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The resources for which a new pod needs a place.
 *
 * @param requests of the pod as a whole
 * @param exclusive the CPUs that it gets exclusively; 0 if it shares
 * @param isGuaranteed true if the topology manager aligns it
 * @param hasBudget true if it has resources of its own, {@code spec.resources}
 * @param containers the need of each container, init containers first
 */
record Need(ResourceList requests, int exclusive, boolean isGuaranteed, boolean hasBudget, List<Part> containers) {

    /**
     * An amount of each resource that must be found together, CPUs in thousandths.
     *
     * @param name of the container; {@code the pod} for the pod as a whole
     * @param amounts by resource name, above 0
     * @param isKept true if it is used beside the parts after it, false if these take its place
     */
    record Part(String name, Map<String, Long> amounts, boolean isKept) {}

    Need {
        containers = List.copyOf(containers);
    }

    /**
     * Returns the need of a pod.
     *
     * @param spec with its defaults
     * @param knobs the containers of which its annotations say that they have exclusive CPUs, or share
     */
    static Need of(PodSpec spec, Map<String, Boolean> knobs) {
        List<Part> parts = new ArrayList<>();
        List<Part> apps = new ArrayList<>();
        long exclusive = ExclusiveCpus.ofPod(spec);
        boolean isWhole = exclusive > 0;
        for (ContainerSpec container : spec.containers()) {
            if (container.kind() == ContainerKind.EPHEMERAL) {
                continue;
            }
            boolean isInit = container.kind() == ContainerKind.INIT;
            Part part = new Part(container.name(), amounts(container.resources().requests()), !isInit);
            (isInit ? parts : apps).add(part);
            if (!isWhole && !isInit) {
                exclusive += ExclusiveCpus.of(spec, container, knobs.get(container.name()));
            }
        }
        parts.addAll(apps);
        ResourceList requests = EffectiveResources.of(spec, ResourceList.EMPTY).requests();
        boolean isGuaranteed = QosClass.of(spec) == QosClass.GUARANTEED;
        return new Need(
                requests,
                (int) Math.min(exclusive, Integer.MAX_VALUE),
                isGuaranteed,
                spec.hasPodLevelResources(),
                parts);
    }

    private static Map<String, Long> amounts(ResourceList list) {
        Map<String, Long> amounts = new TreeMap<>();
        for (ResourceName name : list.names()) {
            long amount = name.equals(ResourceName.CPU)
                    ? list.cpuMillis()
                    : list.get(name).value();
            if (amount > 0) {
                amounts.put(name.value(), amount);
            }
        }
        return amounts;
    }

    /**
     * Returns the parts that must each be found within as many NUMA nodes as the policy allows.
     *
     * @param scope the topology manager's scope
     */
    List<Part> aligned(String scope) {
        // A budget is one thing, whatever the scope.
        return scope.equals("pod") || hasBudget ? List.of(new Part("the pod", amounts(requests), true)) : containers;
    }

    /** Returns the exclusive CPUs alone, which a node must have on any of its NUMA nodes. */
    Part anywhere() {
        return new Part("the pod", exclusive == 0 ? Map.of() : Map.of(FleetNode.CPU, exclusive * 1000L), true);
    }
}
