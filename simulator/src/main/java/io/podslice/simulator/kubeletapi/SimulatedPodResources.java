package io.podslice.simulator.kubeletapi;

import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.podresources.v1.AllocatableResourcesRequest;
import io.podslice.proto.podresources.v1.AllocatableResourcesResponse;
import io.podslice.proto.podresources.v1.ContainerDevices;
import io.podslice.proto.podresources.v1.ContainerResources;
import io.podslice.proto.podresources.v1.GetPodResourcesRequest;
import io.podslice.proto.podresources.v1.GetPodResourcesResponse;
import io.podslice.proto.podresources.v1.ListPodResourcesRequest;
import io.podslice.proto.podresources.v1.ListPodResourcesResponse;
import io.podslice.proto.podresources.v1.NUMANode;
import io.podslice.proto.podresources.v1.PodResources;
import io.podslice.proto.podresources.v1.PodResourcesListerGrpc;
import io.podslice.proto.podresources.v1.TopologyInfo;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.pods.PodManager;
import io.podslice.simulator.pods.PodRecord;
import io.podslice.simulator.socket.UnixServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The kubelet's PodResources API v1 on a Unix socket, of a kubelet without CPU and memory managers: devices alone
 * (facts: kubelet-apis 2, kubelet 11).
 */
public final class SimulatedPodResources implements AutoCloseable {
    private final PodManager pods;
    private final DeviceManager devices;
    private final KubeletFaults faults = new KubeletFaults();
    private final CallLimit limit = new CallLimit(System::nanoTime);
    private final UnixServer server;

    /**
     * @param socket the socket to listen on; its folder must exist
     * @param pods the kubelet's pods
     * @param devices the devices that it has allocated
     */
    public SimulatedPodResources(Path socket, PodManager pods, DeviceManager devices) {
        this.pods = pods;
        this.devices = devices;
        ServerServiceDefinition limited = ServerInterceptors.intercept(new Service(), limit);
        BindableService service = () -> limited;
        this.server = new UnixServer(socket, List.of(service));
    }

    /** Returns the faults of calls to come. */
    public KubeletFaults faults() {
        return faults;
    }

    /** Returns the socket on which it listens. */
    public Path socket() {
        return server.socket();
    }

    /** Returns the number of calls that were over the limit of 100 a second, with a burst of 10. */
    public long rejected() {
        return limit.rejected();
    }

    /** Starts to listen on a new socket file. */
    public void start() {
        server.start();
    }

    /** Stops as if the kubelet was killed: every connection breaks, and its socket file goes. */
    public void die() {
        server.die();
    }

    @Override
    public void close() {
        server.close();
    }

    private PodResources resources(PodManifest pod) {
        PodResources.Builder resources =
                PodResources.newBuilder().setNamespace(pod.namespace()).setName(pod.name());
        for (ContainerManifest container : pod.longRunning()) {
            ContainerResources.Builder own = ContainerResources.newBuilder().setName(container.name());
            devices.of(pod.uid(), container).forEach((resource, ids) -> own.addAllDevices(grouped(resource, ids)));
            resources.addContainers(own);
        }
        return resources.build();
    }

    /** Returns one entry for each set of NUMA nodes, as the kubelet groups them. */
    private List<ContainerDevices> grouped(String resource, List<String> ids) {
        Map<CpuSet, ContainerDevices.Builder> groups = new LinkedHashMap<>();
        for (String id : ids) {
            CpuSet nodes = devices.numaNodes(resource, id);
            groups.computeIfAbsent(nodes, set -> group(resource, set)).addDeviceIds(id);
        }
        return groups.values().stream().map(ContainerDevices.Builder::build).toList();
    }

    private static ContainerDevices.Builder group(String resource, CpuSet nodes) {
        ContainerDevices.Builder group = ContainerDevices.newBuilder().setResourceName(resource);
        if (!nodes.isEmpty()) {
            TopologyInfo.Builder topology = TopologyInfo.newBuilder();
            nodes.forEach(node -> topology.addNodes(NUMANode.newBuilder().setID(node)));
            group.setTopology(topology);
        }
        return group;
    }

    private final class Service extends PodResourcesListerGrpc.PodResourcesListerImplBase {
        private final Answers answers = new Answers(faults);

        @Override
        public void list(ListPodResourcesRequest request, StreamObserver<ListPodResourcesResponse> reply) {
            answers.answer("List", reply, alteration -> {
                Field.Builder list = Field.newBuilder();
                pods.active()
                        .forEach(pod -> list.addLengthDelimited(
                                alteration.apply(resources(pod.desired()).toByteString())));
                return ListPodResourcesResponse.newBuilder()
                        .setUnknownFields(raw(list))
                        .build();
            });
        }

        @Override
        public void get(GetPodResourcesRequest request, StreamObserver<GetPodResourcesResponse> reply) {
            answers.answer(
                    "Get",
                    reply,
                    alteration -> GetPodResourcesResponse.newBuilder()
                            .setUnknownFields(raw(Field.newBuilder()
                                    .addLengthDelimited(alteration.apply(
                                            resources(pod(request)).toByteString()))))
                            .build());
        }

        /** Returns field 1 with bytes that need be no message, as a field that is unknown is written as it is. */
        private static UnknownFieldSet raw(Field.Builder field) {
            return UnknownFieldSet.newBuilder().addField(1, field.build()).build();
        }

        private PodManifest pod(GetPodResourcesRequest request) {
            return pods.active().stream()
                    .map(PodRecord::desired)
                    .filter(pod -> pod.name().equals(request.getPodName())
                            && pod.namespace().equals(request.getPodNamespace()))
                    .findFirst()
                    .orElseThrow(() -> Status.UNKNOWN
                            .withDescription("pod " + request.getPodName() + " in namespace "
                                    + request.getPodNamespace() + " not found")
                            .asRuntimeException());
        }

        @Override
        public void getAllocatableResources(
                AllocatableResourcesRequest request, StreamObserver<AllocatableResourcesResponse> reply) {
            answers.answer("GetAllocatableResources", reply, alteration -> {
                AllocatableResourcesResponse.Builder all = AllocatableResourcesResponse.newBuilder();
                for (DevicePlugin plugin : devices.plugins()) {
                    all.addAllDevices(grouped(
                            plugin.resource(), new ArrayList<>(plugin.devices().keySet())));
                }
                return all.build();
            });
        }
    }
}
