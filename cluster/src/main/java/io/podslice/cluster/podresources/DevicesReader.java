package io.podslice.cluster.podresources;

import io.podslice.cgroups.CpuSet;
import io.podslice.cluster.wire.Fields;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.node.AssignedDevice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;

/** Reads one pod's devices out of an encoded message. For one message. */
final class DevicesReader {
    /** The most containers of a pod, as where its spec is read. */
    private static final int MOST_CONTAINERS = 1024;

    /** The most entries, each some devices of one resource on one set of NUMA nodes. */
    private static final int MOST_ENTRIES = 4096;

    /** The kernel's largest MAX_NUMNODES. */
    private static final int MOST_NUMA_NODES = 1024;

    private static final int LONGEST_NAME = 317;

    /** The ids of an entry serve messages alone: the first of them tell enough. */
    private static final int MOST_IDS = 8;

    private static final int LONGEST_ID = 1024;

    private static final int POD_RESOURCES = 1 << Fields.TYPE | Fields.BYTES;

    private static final int POD_NAME = 1 << Fields.TYPE | Fields.BYTES;
    private static final int POD_NAMESPACE = 2 << Fields.TYPE | Fields.BYTES;
    private static final int CONTAINERS = 3 << Fields.TYPE | Fields.BYTES;

    private static final int CONTAINER_NAME = 1 << Fields.TYPE | Fields.BYTES;
    private static final int DEVICES = 2 << Fields.TYPE | Fields.BYTES;

    private static final int RESOURCE_NAME = 1 << Fields.TYPE | Fields.BYTES;
    private static final int DEVICE_IDS = 2 << Fields.TYPE | Fields.BYTES;
    private static final int TOPOLOGY = 3 << Fields.TYPE | Fields.BYTES;

    private static final int TOPOLOGY_NODES = 1 << Fields.TYPE | Fields.BYTES;
    private static final int NODE_ID = 1 << Fields.TYPE | Fields.NUMBER;

    private final Map<String, List<AssignedDevice>> devices = new LinkedHashMap<>();
    private int containers;
    private int entries;

    private DevicesReader() {}

    /**
     * Reads a pod's devices by container; a container without any is left out.
     *
     * @param response an encoded {@code GetPodResourcesResponse}
     * @throws UnreadableException if the bytes cannot be read, exceed a bound, or tell of another pod
     */
    static Map<String, List<AssignedDevice>> ofPod(ByteBuffer response, String namespace, String name)
            throws UnreadableException {
        return find(response, namespace, name)
                .orElseThrow(() -> new UnreadableException(
                        "pod_resources",
                        "the kubelet answered with another pod when asked for " + namespace + "/" + name));
    }

    /**
     * Reads a pod's devices by container out of those of all pods.
     *
     * @param response an encoded {@code ListPodResourcesResponse}
     * @return empty for a pod that is not in the list
     * @throws UnreadableException if the bytes cannot be read, or exceed a bound
     */
    static Map<String, List<AssignedDevice>> ofList(ByteBuffer response, String namespace, String name)
            throws UnreadableException {
        return find(response, namespace, name).orElse(Map.of());
    }

    private static Optional<Map<String, List<AssignedDevice>>> find(ByteBuffer response, String namespace, String name)
            throws UnreadableException {
        Fields fields = Fields.of(response);
        while (fields.next()) {
            if (fields.tag() == POD_RESOURCES && isPod(fields.message(), namespace, name)) {
                DevicesReader reader = new DevicesReader();
                reader.pod(fields.message());
                return Optional.of(reader.devices);
            }
        }
        return Optional.empty();
    }

    private static boolean isPod(Fields pod, String namespace, String name) throws UnreadableException {
        String itsName = "";
        String itsNamespace = "";
        while (pod.next()) {
            switch (pod.tag()) {
                case POD_NAME -> itsName = pod.text("name", LONGEST_NAME);
                case POD_NAMESPACE -> itsNamespace = pod.text("namespace", LONGEST_NAME);
                default -> {
                    // Read once it is known to be the pod.
                }
            }
        }
        return itsName.equals(name) && itsNamespace.equals(namespace);
    }

    private void pod(Fields pod) throws UnreadableException {
        while (pod.next()) {
            // CPUs and memory are of the kubelet's own managers, beside which podslice places nothing.
            if (pod.tag() == CONTAINERS) {
                if (++containers > MOST_CONTAINERS) {
                    throw new UnreadableException("containers", "more than " + MOST_CONTAINERS);
                }
                container(pod.message());
            }
        }
    }

    private void container(Fields container) throws UnreadableException {
        String own = "";
        List<AssignedDevice> assigned = new ArrayList<>();
        while (container.next()) {
            switch (container.tag()) {
                case CONTAINER_NAME -> own = container.text("containers.name", LONGEST_NAME);
                case DEVICES -> {
                    if (++entries > MOST_ENTRIES) {
                        throw new UnreadableException("containers.devices", "more than " + MOST_ENTRIES);
                    }
                    assigned.add(device(container.message()));
                }
                default -> {
                    // Dynamic resources have no NUMA nodes here.
                }
            }
        }
        if (!assigned.isEmpty()) {
            devices.computeIfAbsent(own, key -> new ArrayList<>()).addAll(assigned);
        }
    }

    private static AssignedDevice device(Fields entry) throws UnreadableException {
        String resource = "";
        StringJoiner ids = new StringJoiner(",");
        int count = 0;
        Set<Integer> nodes = new TreeSet<>();
        while (entry.next()) {
            switch (entry.tag()) {
                case RESOURCE_NAME -> resource = entry.text("resource_name", LONGEST_NAME);
                case DEVICE_IDS -> {
                    if (++count <= MOST_IDS) {
                        ids.add(entry.text("device_ids", LONGEST_ID));
                    }
                }
                case TOPOLOGY -> topology(entry.message(), nodes);
                default -> {
                    // Of no meaning here.
                }
            }
        }
        if (count > MOST_IDS) {
            ids.add("and " + (count - MOST_IDS) + " more");
        }
        return new AssignedDevice(resource, ids.toString(), CpuSet.of(nodes));
    }

    private static void topology(Fields topology, Set<Integer> nodes) throws UnreadableException {
        while (topology.next()) {
            if (topology.tag() == TOPOLOGY_NODES) {
                long id = 0; // as protobuf leaves out a zero
                Fields node = topology.message();
                while (node.next()) {
                    if (node.tag() == NODE_ID) {
                        id = node.number();
                    }
                }
                if (id < 0 || id >= MOST_NUMA_NODES) {
                    throw new UnreadableException(
                            "topology.nodes.ID", "NUMA node " + id + ", not 0 to " + (MOST_NUMA_NODES - 1));
                }
                nodes.add((int) id);
            }
        }
    }
}
