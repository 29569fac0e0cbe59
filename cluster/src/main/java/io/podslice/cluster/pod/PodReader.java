package io.podslice.cluster.pod;

import io.podslice.cluster.wire.Fields;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.PodSpecDefaults;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads an encoded {@code k8s.io.api.core.v1.Pod}, as the kubelet and the API server send it. Reads the fields that
 * podslice needs where they lie and skips the rest, so that a pod of 1 MiB costs little more than its containers; fields
 * that are newer than podslice are skipped too. For one pod.
 */
public final class PodReader {
    /**
     * The largest pod in bytes. The API server takes no request above 3 MiB, and etcd as it comes none above 1.5 MiB; the
     * kubelet adds a status.
     */
    public static final int MOST_BYTES = 4 << 20;

    /**
     * The most containers of all kinds. The API has no such bound; a container's smallest useful form has some hundred
     * bytes, its cgroup and processes far more, and no node runs a pod of that many.
     */
    public static final int MOST_CONTAINERS = 1024;

    private static final int METADATA = 1 << Fields.TYPE | Fields.BYTES;
    private static final int SPEC = 2 << Fields.TYPE | Fields.BYTES;
    private static final int STATUS = 3 << Fields.TYPE | Fields.BYTES;

    private static final int CONTAINERS = 2 << Fields.TYPE | Fields.BYTES;
    private static final int INIT_CONTAINERS = 20 << Fields.TYPE | Fields.BYTES;
    private static final int PRIORITY = 25 << Fields.TYPE | Fields.NUMBER;
    private static final int EPHEMERAL_CONTAINERS = 34 << Fields.TYPE | Fields.BYTES;
    private static final int RESOURCES = 40 << Fields.TYPE | Fields.BYTES;
    private static final int EPHEMERAL_COMMON = 1 << Fields.TYPE | Fields.BYTES;

    private static final int PHASE = 1 << Fields.TYPE | Fields.BYTES;
    private static final int CONDITIONS = 2 << Fields.TYPE | Fields.BYTES;
    private static final int CONDITION_TYPE = 1 << Fields.TYPE | Fields.BYTES;
    private static final int CONDITION_STATUS = 2 << Fields.TYPE | Fields.BYTES;

    private static final byte[] RESIZE_PENDING = "PodResizePending".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRUE = "True".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SUCCEEDED = "Succeeded".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FAILED = "Failed".getBytes(StandardCharsets.US_ASCII);

    private final PodMetadata.Reader metadata = new PodMetadata.Reader();
    private final List<ContainerSpec> init = new ArrayList<>();
    private final List<ContainerSpec> apps = new ArrayList<>();
    private final List<ContainerSpec> ephemeral = new ArrayList<>();
    private final AmountsReader.Count amounts = new AmountsReader.Count();
    private final AmountsReader podLevel = new AmountsReader(amounts, true);
    private int priority;
    private boolean resizePending;
    private boolean ended;

    private PodReader() {}

    /**
     * Reads a pod, with the API server's defaults. Its uid is the one by which CRI knows it: the kubelet and manifests give
     * that themselves, and the API server's mirrors in annotations ({@link PodMetadata#criUid}).
     *
     * @param source the source that it comes from
     * @param pod the pod without an envelope, from the buffer's position to its limit; neither of them changes
     * @throws UnreadableException if it is no such pod or above the bounds; tells the field and its value. The API server's
     *     rules on amounts are not checked
     */
    public static KnownPod read(SpecSource source, ByteBuffer pod) throws UnreadableException {
        if (pod.remaining() > MOST_BYTES) {
            throw new UnreadableException("", "a pod of " + pod.remaining() + " bytes, above " + MOST_BYTES);
        }
        PodReader reader = new PodReader();
        reader.read(Fields.of(pod));
        return reader.result(source);
    }

    private void read(Fields pod) throws UnreadableException {
        while (pod.next()) {
            switch (pod.tag()) {
                case METADATA -> metadata.read(pod.message());
                case SPEC -> {
                    try {
                        spec(pod.message());
                    } catch (UnreadableException e) {
                        throw e.in("spec");
                    }
                }
                case STATUS -> {
                    try {
                        status(pod.message());
                    } catch (UnreadableException e) {
                        throw e.in("status");
                    }
                }
                default -> {
                    // A pod has no other fields.
                }
            }
        }
    }

    private void spec(Fields spec) throws UnreadableException {
        while (spec.next()) {
            switch (spec.tag()) {
                case CONTAINERS -> add(apps, "containers", spec.message(), ContainerKind.APP);
                case INIT_CONTAINERS -> add(init, "initContainers", spec.message(), ContainerKind.INIT);
                case EPHEMERAL_CONTAINERS -> ephemeral(spec.message());
                case RESOURCES -> podLevel.read(spec.message());
                case PRIORITY -> priority = (int) spec.number();
                default -> {
                    // Volumes, tolerations and the like: not podslice's.
                }
            }
        }
    }

    private void ephemeral(Fields container) throws UnreadableException {
        while (container.next()) {
            if (container.tag() == EPHEMERAL_COMMON) {
                add(ephemeral, "ephemeralContainers", container.message(), ContainerKind.EPHEMERAL);
            }
        }
    }

    private void add(List<ContainerSpec> list, String name, Fields container, ContainerKind kind)
            throws UnreadableException {
        if (init.size() + apps.size() + ephemeral.size() == MOST_CONTAINERS) {
            throw new UnreadableException(name, "more than " + MOST_CONTAINERS + " containers in the pod");
        }
        try {
            list.add(ContainerReader.read(container, kind, amounts));
        } catch (UnreadableException e) {
            throw e.in(name + "[" + list.size() + "]");
        }
    }

    private void status(Fields status) throws UnreadableException {
        while (status.next()) {
            switch (status.tag()) {
                case PHASE -> ended = status.is(SUCCEEDED) || status.is(FAILED);
                case CONDITIONS -> condition(status.message());
                default -> {
                    // Actual and allocated resources: podslice has them from CRI and from the kernel.
                }
            }
        }
    }

    private void condition(Fields condition) throws UnreadableException {
        boolean isResizePending = false;
        boolean isTrue = false;
        while (condition.next()) {
            switch (condition.tag()) {
                case CONDITION_TYPE -> isResizePending = condition.is(RESIZE_PENDING);
                case CONDITION_STATUS -> isTrue = condition.is(TRUE);
                default -> {
                    // Reason and message are for people.
                }
            }
        }
        resizePending |= isResizePending && isTrue;
    }

    private KnownPod result(SpecSource source) throws UnreadableException {
        PodMetadata pod = metadata.result();
        List<ContainerSpec> containers = new ArrayList<>(init.size() + apps.size() + ephemeral.size());
        containers.addAll(init);
        containers.addAll(apps);
        containers.addAll(ephemeral);
        PodSpec spec = PodSpecDefaults.apply(new PodSpec(podLevel.result(), containers));
        return new KnownPod(
                source,
                source == SpecSource.API_SERVER ? pod.criUid() : pod.uid(),
                pod.namespace(),
                pod.name(),
                spec,
                priority,
                pod.generation(),
                resizePending,
                ended);
    }
}
