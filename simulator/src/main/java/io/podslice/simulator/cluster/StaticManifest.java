package io.podslice.simulator.cluster;

import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import io.podslice.simulator.kubelet.Wants;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes a pod as a manifest in YAML, as an administrator puts it into the kubelet's folder of static pods. */
final class StaticManifest {
    private final StringBuilder text = new StringBuilder();

    private StaticManifest() {}

    static String of(PodManifest pod) {
        StaticManifest manifest = new StaticManifest();
        manifest.write(pod);
        return manifest.text.toString();
    }

    private void write(PodManifest pod) {
        line(0, "# A static pod; the kubelet adds the node's name to its name.");
        line(0, "apiVersion: v1");
        line(0, "kind: Pod");
        line(0, "metadata:");
        line(2, "name: " + pod.name());
        line(2, "namespace: " + pod.namespace());
        if (!pod.annotations().isEmpty()) {
            line(2, "annotations:");
            new TreeMap<>(pod.annotations()).forEach((key, value) -> line(4, key + ": '" + quoted(value) + "'"));
        }
        line(0, "spec:");
        line(2, "priority: " + pod.priority());
        if (!pod.wants().equals(Wants.NONE)) {
            resources(2, pod.wants(), Map.of());
        }
        containers(
                "initContainers",
                pod.containers().stream().filter(c -> c.kind() != Kind.APP).toList());
        containers(
                "containers",
                pod.containers().stream().filter(c -> c.kind() == Kind.APP).toList());
    }

    private static String quoted(String value) {
        return value.replace("'", "''");
    }

    private void containers(String list, List<ContainerManifest> containers) {
        if (containers.isEmpty()) {
            return;
        }
        line(2, list + ":");
        for (ContainerManifest container : containers) {
            line(2, "- name: " + container.name());
            line(4, "image: " + container.image());
            if (container.kind() == Kind.SIDECAR) {
                line(4, "restartPolicy: Always");
            }
            if (!container.restartedFor().isEmpty()) {
                line(4, "resizePolicy:");
                container.restartedFor().stream().sorted().forEach(resource -> {
                    line(4, "- resourceName: " + resource);
                    line(6, "restartPolicy: RestartContainer");
                });
            }
            if (!container.wants().equals(Wants.NONE) || !container.devices().isEmpty()) {
                resources(4, container.wants(), container.devices());
            }
        }
    }

    private void resources(int indent, Wants wants, Map<String, Integer> devices) {
        line(indent, "resources:");
        amounts(indent + 2, "limits", wants.limits(), devices);
        amounts(indent + 2, "requests", wants.requests(), Map.of());
    }

    private void amounts(int indent, String side, Amounts amounts, Map<String, Integer> devices) {
        if (amounts.equals(Amounts.NONE) && devices.isEmpty()) {
            return;
        }
        line(indent, side + ":");
        if (amounts.cpuMillis() != 0) {
            line(indent + 2, "cpu: \"" + PodSpecAnnotation.cpu(amounts.cpuMillis()) + "\"");
        }
        if (amounts.memoryBytes() != 0) {
            line(indent + 2, "memory: " + PodSpecAnnotation.memory(amounts.memoryBytes()));
        }
        new TreeMap<>(devices).forEach((resource, number) -> line(indent + 2, resource + ": \"" + number + "\""));
    }

    private void line(int indent, String content) {
        text.append(" ".repeat(indent)).append(content).append('\n');
    }
}
