package io.podslice.simulator.kubeletapi;

import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.podslice.proto.podsapi.v1alpha1.GetPodRequest;
import io.podslice.proto.podsapi.v1alpha1.GetPodResponse;
import io.podslice.proto.podsapi.v1alpha1.ListPodsRequest;
import io.podslice.proto.podsapi.v1alpha1.ListPodsResponse;
import io.podslice.proto.podsapi.v1alpha1.PodsGrpc;
import io.podslice.proto.podsapi.v1alpha1.WatchPodsEvent;
import io.podslice.proto.podsapi.v1alpha1.WatchPodsRequest;
import io.podslice.simulator.pods.PodManager;
import io.podslice.simulator.socket.UnixServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * The kubelet's Pods API on a Unix socket: desired specs in lists and gets, allocated ones in live events (facts:
 * kubelet-apis 1). A restart of the kubelet is {@link #die}, {@link PodManager#restart} and {@link #start}.
 */
public final class SimulatedPodsApi implements AutoCloseable {
    private final PodManager pods;
    private final KubeletRelease release;
    private final KubeletFaults faults = new KubeletFaults();
    private final CallLimit limit = new CallLimit(System::nanoTime);
    private final UnixServer server;
    private final Set<PodWatcher> watchers = ConcurrentHashMap.newKeySet();

    /**
     * @param socket the socket to listen on; its folder must exist
     * @param pods the kubelet's pods
     * @param release the release whose behaviour it has
     */
    public SimulatedPodsApi(Path socket, PodManager pods, KubeletRelease release) {
        this.pods = pods;
        this.release = release;
        this.server = new UnixServer(socket, List.of(limited(new Service())));
    }

    private BindableService limited(BindableService service) {
        ServerServiceDefinition intercepted = ServerInterceptors.intercept(service, limit);
        return () -> intercepted;
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
        watchers.forEach(PodWatcher::leave);
        server.die();
    }

    @Override
    public void close() {
        watchers.forEach(PodWatcher::leave);
        server.close();
    }

    private final class Service extends PodsGrpc.PodsImplBase {
        private final Answers answers = new Answers(faults);

        private void checkReady() {
            if (release == KubeletRelease.V1_37_GATE_OFF) {
                throw Status.UNIMPLEMENTED
                        .withDescription("PodsAPI feature gate is disabled")
                        .asRuntimeException();
            }
            if (release == KubeletRelease.V1_37 && !pods.isSynced()) {
                throw Status.FAILED_PRECONDITION
                        .withDescription("pod sources are not ready")
                        .asRuntimeException();
            }
        }

        @Override
        public void listPods(ListPodsRequest request, StreamObserver<ListPodsResponse> reply) {
            answers.answer("ListPods", reply, alteration -> {
                checkReady();
                ListPodsResponse.Builder list = ListPodsResponse.newBuilder();
                pods.all().forEach(pod -> list.addPods(alteration.apply(pod.toByteString())));
                return list.build();
            });
        }

        @Override
        public void getPod(GetPodRequest request, StreamObserver<GetPodResponse> reply) {
            answers.answer("GetPod", reply, alteration -> {
                checkReady();
                return GetPodResponse.newBuilder()
                        .setPod(pod(request.getPodUID(), alteration))
                        .build();
            });
        }

        private ByteString pod(String uid, UnaryOperator<ByteString> alteration) {
            return alteration.apply(pods.pod(uid)
                    .orElseThrow(() -> Status.NOT_FOUND
                            .withDescription("pod with UID " + uid + " not found")
                            .asRuntimeException())
                    .toByteString());
        }

        @Override
        public void watchPods(WatchPodsRequest request, StreamObserver<WatchPodsEvent> reply) {
            KubeletFault fault = faults.take("WatchPods");
            if (fault instanceof KubeletFault.Hang) {
                return;
            }
            try {
                checkReady();
            } catch (StatusRuntimeException e) {
                reply.onError(e);
                return;
            }
            PodWatcher watcher = new PodWatcher(pods, (ServerCallStreamObserver<WatchPodsEvent>) reply, fault);
            watchers.add(watcher);
            Thread.ofVirtual().name("pod watcher").start(() -> {
                try {
                    watcher.run();
                } finally {
                    watchers.remove(watcher);
                }
            });
        }
    }
}
