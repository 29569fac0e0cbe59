package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * A pod as the API server shows it, with the cgroups that the cgroupfs driver makes for it.
 *
 * @param json the object
 */
record KubePod(JsonNode json) {
    private static final String RUNTIME = "containerd://";
    private static final String STATIC_UID = "kubernetes.io/config.hash";

    String name() {
        return json.at("/metadata/name").asString();
    }

    /** Returns the uid by which the kubelet and CRI know the pod: of a mirror pod that of its manifest. */
    String uid() {
        String ofManifest = annotation(STATIC_UID);
        return ofManifest.isEmpty() ? json.at("/metadata/uid").asString() : ofManifest;
    }

    String phase() {
        return json.at("/status/phase").asString("");
    }

    /** Returns an annotation's text, empty where it is not there. */
    String annotation(String name) {
        return json.path("metadata").path("annotations").path(name).asString("");
    }

    /** Returns the reason and the message of the pod's phase. */
    String reason() {
        return json.at("/status/reason").asString("") + ": "
                + json.at("/status/message").asString("");
    }

    /** Returns the pod's and its containers' states in a line, for a report. */
    String summary() {
        List<String> parts = new ArrayList<>(List.of(name(), phase(), reason()));
        conditions().forEach(condition -> parts.add(condition.toString()));
        statuses().forEach(status -> parts.add(status.path("name").asString() + " " + status.path("state")));
        return String.join(" ", parts);
    }

    /** Returns the conditions that tell of a resize. */
    List<JsonNode> resizeConditions() {
        return conditions()
                .filter(condition -> condition.path("type").asString("").startsWith("PodResize"))
                .toList();
    }

    private Stream<JsonNode> conditions() {
        return elements(json.at("/status/conditions"));
    }

    /** Returns true if every container runs. */
    boolean runs() {
        long wanted = Stream.of("/spec/containers", "/spec/initContainers")
                .mapToLong(list -> json.at(list).size())
                .sum();
        return phase().equals("Running")
                && statuses()
                                .filter(status -> status.at("/state/running").isObject())
                                .count()
                        == wanted;
    }

    /**
     * Returns true if the kubelet has done what the spec's present generation says. The observed generation is one that it has
     * seen, so the pod's limits are compared too.
     */
    boolean isUpToDate() {
        return json.at("/status/observedGeneration").asLong(0)
                        == json.at("/metadata/generation").asLong(-1)
                && resizeConditions().isEmpty()
                && json.at("/status/resources/limits").equals(json.at("/spec/resources/limits"));
    }

    private Stream<JsonNode> statuses() {
        return Stream.concat(
                elements(json.at("/status/initContainerStatuses")), elements(json.at("/status/containerStatuses")));
    }

    private static Stream<JsonNode> elements(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    /** Returns a container's status; a missing node where it has none. */
    JsonNode status(String container) {
        return statuses()
                .filter(status -> status.path("name").asString("").equals(container))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(name() + " has no status of " + container));
    }

    /** Returns the names of all containers that have a status. */
    List<String> containers() {
        return statuses().map(status -> status.path("name").asString()).toList();
    }

    String cgroup() {
        String qos = json.at("/status/qosClass").asString();
        String folder = switch (qos) {
            case "Guaranteed" -> "";
            case "Burstable" -> "/burstable";
            case "BestEffort" -> "/besteffort";
            default -> throw new IllegalStateException(name() + " has the QoS class " + qos);
        };
        return "/kubepods" + folder + "/pod" + uid();
    }

    String cgroup(String container) {
        String id = status(container).path("containerID").asString("");
        if (!id.startsWith(RUNTIME)) {
            throw new IllegalStateException(name() + "/" + container + " has the container id \"" + id + "\"");
        }
        return cgroup() + "/" + id.substring(RUNTIME.length());
    }

    /** Returns the first process of a container. */
    long process(String container) {
        return Linux.processes(cgroup(container)).getFirst();
    }

    /** Returns the CPUs on which the scheduler may put the container's first process. */
    CpuSet allowed(String container) {
        return Linux.allowed(process(container));
    }
}
