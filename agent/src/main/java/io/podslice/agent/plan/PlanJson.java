package io.podslice.agent.plan;

import io.podslice.agent.machine.MachineFile;
import io.podslice.agent.text.Json;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.topology.HintExplanation;
import io.podslice.node.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a plan as JSON, for programs. CPU and memory sets are in the kernel's list format, quotas in microseconds. */
public final class PlanJson {
    private final boolean explains;

    private PlanJson(boolean explains) {
        this.explains = explains;
    }

    /**
     * Returns the plan as a JSON document.
     *
     * @param explains true to add the sets of NUMA nodes that were considered
     */
    public static String text(NodePlan plan, boolean explains) {
        PlanJson json = new PlanJson(explains);
        Map<String, Object> top = new LinkedHashMap<>();
        top.put("machine", MachineFile.json(plan.machine()));
        top.put("pods", plan.pods().stream().map(json::pod).toList());
        top.put("nodeSharedPool", plan.nodeSharedPool().toString());
        if (!plan.kubepods().isEmpty()) {
            top.put("kubepods", plan.kubepods());
        }
        return Json.text(top);
    }

    private Map<String, Object> pod(PodPlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", plan.pod().name());
        json.put("namespace", plan.pod().namespace());
        json.put("admitted", plan.admitted());
        json.put("reason", plan.refusal().map(Refusal::reason).orElse(""));
        json.put("message", plan.refusal().map(PlanJson::lines).orElse(""));
        json.put("numaNodes", ids(plan.numaNodes()));
        json.put("cpus", plan.cpus().toString());
        json.put("mems", plan.mems().toString());
        json.put("sharedPool", plan.sharedPool().toString());
        json.put(
                "containers",
                plan.containers().stream().map(PlanJson::container).toList());
        json.put("cgroup", cgroup(plan));
        if (explains) {
            json.put("explain", explain(plan));
        }
        return json;
    }

    /** Returns the kubelet's text, and podslice's own line below it. */
    private static String lines(Refusal refusal) {
        return refusal.detail().isEmpty() ? refusal.summary() : refusal.summary() + "\n" + refusal.detail();
    }

    private static Map<String, Object> container(ContainerPlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", plan.name());
        json.put("kind", plan.kind().text());
        json.put("isolation", plan.isolation().text());
        json.put("cpus", plan.cpus().toString());
        json.put("mems", plan.mems().toString());
        json.put("cfsQuota", plan.cfsQuota());
        plan.oomScoreAdj().ifPresent(adj -> json.put("oomScoreAdj", adj));
        return json;
    }

    /** Returns the cgroups of the pod, of its class and of its containers. */
    private static Map<String, Object> cgroup(PodPlan plan) {
        Map<String, Object> json = new LinkedHashMap<>(plan.cgroup());
        if (!plan.admitted()) {
            return json;
        }
        Map<String, Object> names = new LinkedHashMap<>();
        plan.names().forEach((driver, path) -> names.put(driver.text(), path.value()));
        json.put("names", names);
        if (!plan.parent().isEmpty()) {
            json.put("parent", plan.parent());
        }
        Map<String, Object> containers = new LinkedHashMap<>();
        plan.containers().forEach(container -> containers.put(container.name(), container.cgroup()));
        json.put("containers", containers);
        return json;
    }

    private static Map<String, Object> explain(PodPlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("qosClass", plan.qos().text());
        json.put("containers", plan.eligibility());
        List<Object> hints = new ArrayList<>();
        for (HintExplanation hint : plan.hints()) {
            hints.add(hint(plan, hint));
        }
        json.put("hints", hints);
        return json;
    }

    private static Map<String, Object> hint(PodPlan plan, HintExplanation hint) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("container", plan.containerOf(hint).orElse(""));
        json.put(
                "asked",
                hint.asked().stream()
                        .map(asked -> Map.of("what", asked.what(), "fewestNumaNodes", asked.fewest()))
                        .toList());
        List<Object> candidates = new ArrayList<>();
        for (HintExplanation.Candidate candidate : hint.candidates()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("numaNodes", ids(candidate.nodes()));
            entry.put("size", candidate.size());
            entry.put("preferred", candidate.preferred());
            entry.put("chosen", candidate.chosen());
            entry.put("why", candidate.why());
            candidates.add(entry);
        }
        json.put("candidates", candidates);
        json.put("more", hint.more());
        json.put(
                "affinity", hint.asked().isEmpty() ? List.of() : ids(hint.hint().nodes()));
        json.put("preferred", hint.hint().preferred());
        json.put("admitted", hint.admits());
        return json;
    }

    private static List<Integer> ids(CpuSet nodes) {
        return nodes.stream().boxed().toList();
    }
}
