package io.podslice.integration.demo;

import io.podslice.cgroups.CpuSet;
import io.podslice.integration.demo.PodView.ContainerView;
import io.podslice.simulator.journal.Deed;
import io.podslice.simulator.kubelet.Wants;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes the demo's result as JSON. CPU sets are lists in the kernel's format, amounts are in millicores and bytes. */
final class JsonReport {
    private final DemoResult result;

    JsonReport(DemoResult result) {
        this.result = result;
    }

    String text() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("machine", machine());
        json.put("source", result.source().toString());
        json.put("driver", result.driver().text());
        List<Object> pods = new ArrayList<>();
        for (int i = 0; i < result.started().size(); i++) {
            pods.add(pod(result.before().get(i), result.started().get(i)));
        }
        json.put("pods", pods);
        json.put("resize", resize());
        json.put("checks", result.checks());
        json.put("holds", result.holds());
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(json);
    }

    private Map<String, Object> machine() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cpus", result.machine().cpuSet().toString());
        Map<String, Object> nodes = new LinkedHashMap<>();
        result.machine().memory().forEach((node, bytes) -> {
            CpuSet cpus = result.machine().cpusOfNode(node);
            nodes.put(node.toString(), Map.of("cpus", cpus.toString(), "memory", bytes));
        });
        json.put("numaNodes", nodes);
        return json;
    }

    private Map<String, Object> pod(PodView before, PodView after) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", after.name());
        json.put("budget", budget(after.manifest().wants()));
        json.put("cpus", after.cpus().toString());
        json.put("numaNodes", result.machine().nodesOf(after.cpus()).toString());
        json.put("cgroup", cgroup(before.cgroup(), after.cgroup()));
        json.put(
                "containers",
                after.containers().stream()
                        .map(container -> container(before.container(container.name()), container))
                        .toList());
        return json;
    }

    private static Map<String, Object> budget(Wants wants) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cpuMillis", wants.limits().cpuMillis());
        json.put("memoryBytes", wants.limits().memoryBytes());
        return json;
    }

    private static Map<String, Object> container(ContainerView before, ContainerView after) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", after.name());
        json.put("kind", after.manifest().kind().name().toLowerCase(Locale.ROOT));
        json.put("exclusive", after.wantsOwnCpus());
        json.put("cpus", after.cpus().toString());
        json.put("cgroup", cgroup(before.cgroup(), after.cgroup()));
        return json;
    }

    private static Map<String, Object> cgroup(Reading before, Reading after) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("path", after.cgroup().value());
        json.put("before", before.values());
        json.put("after", after.values());
        return json;
    }

    private Map<String, Object> resize() {
        PodView before = result.started().getLast();
        PodView after = result.resized().getLast();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("pod", after.name());
        json.put("from", budget(before.manifest().wants()));
        json.put("to", budget(after.manifest().wants()));
        json.put(
                "cpus",
                Map.of("before", before.cpus().toString(), "after", after.cpus().toString()));
        json.put("cgroup", cgroup(before.cgroup(), after.cgroup()));
        json.put("steps", result.steps().stream().map(JsonReport::step).toList());
        return json;
    }

    private static Map<String, Object> step(Deed deed) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("actor", deed.actor().toString());
        switch (deed) {
            case Deed.Call call -> {
                json.put("call", call.method());
                json.put("subject", call.subject());
                json.put("detail", call.detail());
            }
            case Deed.Write write -> {
                json.put("cgroup", write.cgroup().value());
                json.put("file", write.file());
                json.put("before", write.before());
                json.put("after", write.after());
            }
            case Deed.Made made -> json.put("made", made.cgroup().value());
            case Deed.Removed removed -> json.put("removed", removed.cgroup().value());
        }
        return json;
    }
}
