package io.podslice.cluster.podresources;

import io.podslice.cgroups.CpuSet;
import io.podslice.cluster.kubelet.CallFailedException;
import io.podslice.cluster.kubelet.KubeletSocket;
import io.podslice.cluster.source.SourceAbsentException;
import io.podslice.cluster.wire.Fields;
import io.podslice.cluster.wire.TextFields;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.grpc.GrpcStatus;
import io.podslice.node.AssignedDevice;
import io.podslice.node.PodDevices;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kubelet's PodResources API v1: {@code Get}, which Kubernetes has from 1.34 on without a feature gate; where a kubelet
 * lacks it, the pod is looked up in {@code List}. Safe for use by many threads.
 */
public final class PodResourcesClient implements PodDevices {
    private static final Logger LOG = LoggerFactory.getLogger(PodResourcesClient.class);
    private static final String SERVICE = "v1.PodResourcesLister";

    /** The devices of all pods of a node, with their ids; the bound that other clients of this API have. */
    private static final int MOST_MESSAGE_BYTES = 16 << 20;

    private static final int CPU_IDS = 2 << Fields.TYPE | Fields.BYTES;
    private static final int CPU_ID = 2 << Fields.TYPE | Fields.NUMBER;

    private final KubeletSocket kubelet;
    private final AtomicBoolean saidAbsent = new AtomicBoolean();

    /** @param socket path of the socket file; need not exist yet, and may be replaced at any time */
    public PodResourcesClient(Path socket) {
        this.kubelet =
                new KubeletSocket(socket, MOST_MESSAGE_BYTES, "no kubelet runs here, or its folder is another one");
    }

    /**
     * {@inheritDoc}
     *
     * <p>Without a socket there is no kubelet that could have assigned a device: the answer is empty then, and the log says
     * so once.
     */
    @Override
    public Map<String, List<AssignedDevice>> of(String namespace, String name, Duration atMost) throws IOException {
        long begun = System.nanoTime();
        try {
            ByteBuffer response = kubelet.call(SERVICE, "Get", TextFields.encoded(name, namespace), atMost);
            saidAbsent.set(false);
            return DevicesReader.ofPod(response, namespace, name);
        } catch (SourceAbsentException e) {
            if (!saidAbsent.getAndSet(true)) {
                LOG.info("PodResources: {}; pods are placed without their devices", e.getMessage());
            }
            return Map.of();
        } catch (CallFailedException e) {
            if (isUnknownPod(e)) {
                return Map.of();
            }
            if (!lacksGet(e)) {
                throw e;
            }
        }
        Duration left = atMost.minusNanos(System.nanoTime() - begun);
        return DevicesReader.ofList(kubelet.call(SERVICE, "List", ByteBuffer.allocate(0), left), namespace, name);
    }

    /** Kubernetes before 1.34 has the method behind a feature gate, and answers "PodResources API Get method disabled". */
    private static boolean lacksGet(CallFailedException e) {
        return e.code() == GrpcStatus.UNIMPLEMENTED
                || (e.code() == GrpcStatus.UNKNOWN && e.says("Get method disabled"));
    }

    /** The kubelet answers with a plain error here, which becomes UNKNOWN: "pod N in namespace NS not found". */
    private static boolean isUnknownPod(CallFailedException e) {
        return e.isNotFound() || (e.code() == GrpcStatus.UNKNOWN && e.says("not found"));
    }

    /**
     * Asks if the kubelet itself gives out CPUs: with policy static of its CPU manager it tells of CPUs that can be
     * allocated, with policy none of none.
     *
     * @return a warning for the log; empty if the kubelet gives out no CPUs, or there is none
     * @throws IOException if the kubelet does not tell
     */
    public Optional<String> cpuManagerWarning(Duration atMost) throws IOException {
        ByteBuffer response;
        try {
            response = kubelet.call(SERVICE, "GetAllocatableResources", ByteBuffer.allocate(0), atMost);
        } catch (SourceAbsentException e) {
            return Optional.empty();
        }
        CpuSet cpus = cpus(response);
        return cpus.isEmpty()
                ? Optional.empty()
                : Optional.of("the kubelet's CPU manager has policy static and gives out CPUs " + cpus
                        + ": it and podslice would give the same CPUs to different pods; set cpuManagerPolicy: none in the"
                        + " kubelet's configuration");
    }

    private static CpuSet cpus(ByteBuffer response) throws UnreadableException {
        Set<Integer> cpus = new TreeSet<>();
        Fields fields = Fields.of(response);
        while (fields.next()) {
            if (fields.tag() == CPU_ID) {
                add(cpus, fields.number());
            } else if (fields.tag() == CPU_IDS) {
                Fields packed = fields.message();
                while (packed.nextPacked()) {
                    add(cpus, packed.number());
                }
            }
        }
        return CpuSet.of(cpus);
    }

    private static void add(Set<Integer> cpus, long id) throws UnreadableException {
        if (id < 0 || id > CpuSet.MAX_ID) {
            throw new UnreadableException("cpu_ids", "CPU " + id + ", not 0 to " + CpuSet.MAX_ID);
        }
        cpus.add((int) id);
    }
}
