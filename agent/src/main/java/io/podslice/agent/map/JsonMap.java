package io.podslice.agent.map;

import io.podslice.agent.text.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes maps as JSON, for programs: the nesting of the machine's parts with the use of each CPU, and the pods. CPU sets are in
 * the kernel's list format.
 */
public final class JsonMap {
    private final NodeMap map;
    private final List<MappedPod> owners;
    private final Uses uses;

    private JsonMap(NodeMap map) {
        this.map = map;
        this.owners = map.owners();
        this.uses = Uses.of(map);
    }

    /** Writes one map as a JSON document. */
    public static String text(NodeMap map) {
        return Json.text(new JsonMap(map).json());
    }

    /** Writes maps as one JSON document, each under its name. */
    public static String text(Map<String, NodeMap> maps) {
        Map<String, Object> json = new LinkedHashMap<>();
        maps.forEach((name, map) -> json.put(name, new JsonMap(map).json()));
        return Json.text(json);
    }

    private Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("machine", part(Nesting.of(map)));
        json.put("reservedCpus", map.reserved().toString());
        json.put("sharedPool", map.sharedPool().toString());
        json.put("pods", map.pods().stream().map(this::pod).toList());
        json.put("notes", map.notes());
        return json;
    }

    private Map<String, Object> part(Part part) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", part.kind().text());
        if (part.id() >= 0) {
            json.put("id", part.id());
        }
        if (!part.title().isEmpty()) {
            json.put("title", part.title());
        }
        if (part.kind() == Part.Kind.NUMA_NODE && map.machine().memory().containsKey(part.id())) {
            json.put("memoryBytes", map.machine().memory().get(part.id()));
        }
        if (part.kind() == Part.Kind.CPU) {
            use(json, uses.of(part.id()));
        }
        if (!part.parts().isEmpty()) {
            json.put("parts", part.parts().stream().map(this::part).toList());
        }
        return json;
    }

    private void use(Map<String, Object> json, CpuUse use) {
        json.put("use", use.kind().text());
        if (use.owner() >= 0) {
            json.put("letter", Letters.capital(use.owner()));
            json.put("pod", owners.get(use.owner()).name());
        }
        flag(json, "reserved", use.isReserved());
        flag(json, "isolated", use.isIsolated());
        flag(json, "gone", use.isGone());
    }

    private static void flag(Map<String, Object> json, String name, boolean is) {
        if (is) {
            json.put(name, true);
        }
    }

    private Map<String, Object> pod(MappedPod pod) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", pod.name());
        if (pod.hasCpus()) {
            json.put("letter", Letters.capital(owners.indexOf(pod)));
        }
        json.put("cpu", pod.cpu());
        json.put("memory", pod.memory());
        json.put("specSource", pod.source());
        json.put("resize", pod.resize());
        json.put("cpus", pod.cpus().toString());
        json.put("sharedPool", pod.sharedPool().toString());
        json.put("numaNodes", pod.numaNodes().toString());
        List<Object> containers = new ArrayList<>();
        for (MappedPod.Container container : pod.containers()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", container.name());
            one.put("kind", container.kind());
            one.put("isolation", container.isolation());
            one.put("cpus", container.cpus().toString());
            containers.add(one);
        }
        json.put("containers", containers);
        List<Object> devices = new ArrayList<>();
        for (MappedPod.Device device : pod.devices()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("container", device.container());
            one.put("resource", device.resource());
            one.put("ids", device.ids());
            one.put("numaNodes", device.numaNodes().toString());
            devices.add(one);
        }
        json.put("devices", devices);
        return json;
    }
}
