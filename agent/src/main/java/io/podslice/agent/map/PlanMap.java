package io.podslice.agent.map;

import io.podslice.agent.manifest.Pod;
import io.podslice.agent.plan.NodePlan;
import io.podslice.agent.plan.PodPlan;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a map of a plan. */
public final class PlanMap {
    private PlanMap() {}

    /** Makes the map of the admitted pods; the refusals of the others are its notes. */
    public static NodeMap of(NodePlan plan) {
        List<MappedPod> pods = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (PodPlan pod : plan.pods()) {
            pod.refusal()
                    .ifPresentOrElse(
                            refusal -> notes.add(
                                    pod.pod().fullName() + ": refused: " + refusal.reason() + ": " + refusal.summary()),
                            () -> pods.add(pod(plan, pod)));
        }
        return new NodeMap("", plan.machine(), plan.policy().reservedSystemCpus(), plan.nodeSharedPool(), pods, notes);
    }

    private static MappedPod pod(NodePlan plan, PodPlan planned) {
        Pod pod = planned.pod();
        EffectiveResources budget = EffectiveResources.of(pod.spec(), ResourceList.EMPTY);
        Map<String, String> requests = amounts(budget.requests());
        Map<String, String> limits = amounts(budget.limits());
        CpuSet cpus = planned.cpus();
        return new MappedPod(
                pod.fullName(),
                StatusMap.amounts(requests, limits, "cpu"),
                StatusMap.amounts(requests, limits, "memory"),
                "manifest",
                "",
                cpus,
                planned.sharedPool(),
                plan.machine().nodesOf(cpus),
                planned.containers().stream()
                        .map(container -> new MappedPod.Container(
                                container.name(),
                                container.kind().text(),
                                container.isolation().text(),
                                container.cpus()))
                        .toList(),
                List.of());
    }

    private static Map<String, String> amounts(ResourceList list) {
        Map<String, String> amounts = new LinkedHashMap<>();
        for (ResourceName name : list.names()) {
            amounts.put(name.value(), list.get(name).toString());
        }
        return amounts;
    }
}
