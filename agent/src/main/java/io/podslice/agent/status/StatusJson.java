package io.podslice.agent.status;

import io.podslice.agent.api.Topologies;
import io.podslice.agent.machine.MachineFile;
import io.podslice.agent.text.Json;
import io.podslice.proto.v1.Condition;
import io.podslice.proto.v1.Container;
import io.podslice.proto.v1.Device;
import io.podslice.proto.v1.MemoryProtection;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.Resources;
import io.podslice.proto.v1.SpecSource;
import io.podslice.proto.v1.StatusResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes the node API's answers for programs: podslice.v1's fields under their names in lower camel case. */
public final class StatusJson {
    private StatusJson() {}

    /** Writes the node and its pods. */
    public static String list(StatusResponse node, List<Pod> pods) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("revision", node.getRevision());
        json.put("version", node.getVersion());
        json.put("cpus", node.getCpus());
        json.put("reservedCpus", node.getReservedCpus());
        json.put("sharedPool", node.getSharedPool());
        json.put("exclusiveCpus", node.getExclusiveCpus());
        json.put("pendingResizes", node.getPendingResizes());
        json.put("configuration", node.getConfiguration());
        if (node.hasTopology()) {
            json.put("machine", MachineFile.json(Topologies.machine(node.getTopology())));
        }
        json.put("sources", node.getSourcesList().stream().map(StatusJson::json).toList());
        json.put("pods", pods.stream().map(StatusJson::json).toList());
        return Json.text(json);
    }

    /** Writes one pod. */
    public static String pod(Pod pod) {
        return Json.text(json(pod));
    }

    /**
     * Writes the changes that a watcher receives.
     *
     * @param relist true if these are all pods
     */
    public static String changes(long revision, boolean relist, List<Pod> pods, List<PodReference> removed) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("revision", revision);
        json.put("relist", relist);
        json.put("pods", pods.stream().map(StatusJson::json).toList());
        json.put("removed", removed.stream().map(StatusJson::json).toList());
        return Json.text(json);
    }

    private static Map<String, Object> json(SpecSource source) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", source.getName());
        json.put("ready", source.getReady());
        json.put("detail", source.getDetail());
        json.put("since", source.getSince());
        json.put("pods", source.getPods());
        json.put("found", source.getFound());
        json.put("missed", source.getMissed());
        json.put("failures", source.getFailures());
        return json;
    }

    private static Map<String, Object> json(PodReference pod) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("namespace", pod.getNamespace());
        json.put("name", pod.getName());
        json.put("uid", pod.getUid());
        return json;
    }

    private static Map<String, Object> json(Pod pod) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("namespace", pod.getNamespace());
        json.put("name", pod.getName());
        json.put("uid", pod.getUid());
        json.put("sandboxId", pod.getSandboxId());
        json.put("cgroup", pod.getCgroup());
        json.put("phase", pod.getPhase().name().replace("POD_PHASE_", "").toLowerCase(Locale.ROOT));
        json.put("revision", pod.getRevision());
        json.put("inferred", pod.getInferred());
        json.put("specSource", pod.getSpecSource());
        json.put("priority", pod.getPriority());
        json.put("remarks", List.copyOf(pod.getRemarksList()));
        json.put("devices", pod.getDevicesList().stream().map(StatusJson::json).toList());
        json.put("desired", json(pod.getDesired()));
        json.put("allocated", json(pod.getAllocated()));
        json.put("actual", json(pod.getActual()));
        json.put("overhead", new TreeMap<>(pod.getOverheadMap()));
        json.put("cpus", pod.getCpus());
        json.put("goneCpus", pod.getGoneCpus());
        json.put("sharedPool", pod.getSharedPool());
        json.put("numaNodes", pod.getNumaNodes());
        json.put("memoryProtection", json(pod.getMemoryProtection()));
        json.put(
                "containers",
                pod.getContainersList().stream().map(StatusJson::json).toList());
        json.put(
                "conditions",
                pod.getConditionsList().stream().map(StatusJson::json).toList());
        return json;
    }

    private static Map<String, Object> json(Device device) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("container", device.getContainer());
        json.put("resource", device.getResource());
        json.put("ids", device.getIds());
        json.put("numaNodes", device.getNumaNodes());
        return json;
    }

    private static Map<String, Object> json(Container container) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", container.getName());
        json.put("id", container.getId());
        json.put("kind", container.getKind());
        json.put("isolation", container.getIsolation());
        json.put("cpus", container.getCpus());
        json.put("desired", json(container.getDesired()));
        json.put("allocated", json(container.getAllocated()));
        json.put("actual", json(container.getActual()));
        json.put("memoryProtection", json(container.getMemoryProtection()));
        return json;
    }

    private static Map<String, Object> json(Condition condition) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", condition.getType());
        json.put("reason", condition.getReason());
        json.put("message", condition.getMessage());
        json.put("since", condition.getSince());
        return json;
    }

    private static Map<String, Object> json(Resources resources) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("requests", new TreeMap<>(resources.getRequestsMap()));
        json.put("limits", new TreeMap<>(resources.getLimitsMap()));
        return json;
    }

    private static Map<String, Object> json(MemoryProtection memory) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("memoryMin", memory.getMemoryMin());
        json.put("memoryLow", memory.getMemoryLow());
        json.put("memoryHigh", memory.getMemoryHigh());
        json.put("memoryMax", memory.getMemoryMax());
        return json;
    }
}
