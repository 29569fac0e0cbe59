package io.podslice.cluster;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.podslice.proto.channel.UnixChannels;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.podsapi.v1alpha1.EventType;
import io.podslice.proto.podsapi.v1alpha1.GetPodRequest;
import io.podslice.proto.podsapi.v1alpha1.GetPodResponse;
import io.podslice.proto.podsapi.v1alpha1.WatchPodsEvent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A kubelet's services on a Unix socket, by grpc-java: the Pods API as Kubernetes 1.36 has it, and as 1.37 while {@link
 * #refusal} is set. A test may put another handler in the place of any method.
 */
public final class FakeKubelet implements AutoCloseable {
    /** Answers a call: with bytes, or by an exception with a status. */
    public interface Unary {
        byte[] answer(byte[] request) throws Exception;
    }

    /** Feeds a watch. */
    public interface Watch {
        void begin(StreamObserver<byte[]> watcher) throws Exception;
    }

    private static final String PODS = "v1alpha1.Pods/";

    /** The desired pods by uid, as GetPod and the list of a watch have them. */
    public final Map<String, Pod> pods = new ConcurrentSkipListMap<>();

    /** Calls of GetPod, and watches that were begun. */
    public final AtomicInteger gets = new AtomicInteger();

    public final AtomicInteger watches = new AtomicInteger();

    /** The answer to every call of the Pods API in place of the right one; null for none. */
    public volatile @Nullable Status refusal;

    /** Answers GetPod. */
    public volatile Unary onGet = this::get;

    /** Feeds WatchPods. */
    public volatile Watch onWatch = this::list;

    private final Path socket;
    private final List<StreamObserver<byte[]>> watchers = new CopyOnWriteArrayList<>();
    private final Map<String, ServerMethodDefinition<byte[], byte[]>> methods = new ConcurrentHashMap<>();
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final EventLoopGroup loop = UnixChannels.eventLoop();
    private @Nullable Server server;

    public FakeKubelet(Path socket) throws IOException {
        this.socket = socket;
        unary(PODS + "GetPod", request -> {
            gets.incrementAndGet();
            return onGet.answer(request);
        });
        on(MethodType.SERVER_STREAMING, PODS + "WatchPods", ServerCalls.asyncServerStreamingCall((request, watcher) -> {
            watches.incrementAndGet();
            try {
                onWatch.begin(watcher);
            } catch (Exception e) {
                watcher.onError(e);
            }
        }));
        start();
    }

    /** Starts to serve on a new socket file. */
    public void start() throws IOException {
        Files.deleteIfExists(socket);
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelFactory(UnixChannels::listening)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .withChildOption(ChannelOption.SO_KEEPALIVE, null)
                .executor(workers)
                .fallbackHandlerRegistry(new HandlerRegistry() {
                    @Override
                    public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
                            String fullName, @Nullable String authority) {
                        return methods.get(fullName);
                    }
                })
                .build()
                .start();
    }

    /** Dies: connections break; the socket file stays, and no process listens. */
    public void stop() {
        Server running = server;
        if (running != null) {
            server = null;
            watchers.clear();
            await().until(running.shutdownNow()::isTerminated);
        }
    }

    public FakeKubelet unary(String fullName, Unary unary) {
        return on(MethodType.UNARY, fullName, ServerCalls.asyncUnaryCall((request, observer) -> {
            try {
                observer.onNext(unary.answer(request));
                observer.onCompleted();
            } catch (Exception e) {
                observer.onError(e);
            }
        }));
    }

    private FakeKubelet on(MethodType type, String fullName, ServerCallHandler<byte[], byte[]> handler) {
        MethodDescriptor<byte[], byte[]> method = MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(type)
                .setFullMethodName(fullName)
                .build();
        methods.put(fullName, ServerMethodDefinition.create(method, handler));
        return this;
    }

    // ---- The Pods API

    /** Answers GetPod as the kubelet does. */
    public byte[] get(byte[] request) throws InvalidProtocolBufferException {
        refuse();
        String uid = GetPodRequest.parseFrom(request).getPodUID();
        Pod pod = pods.get(uid);
        if (pod == null) {
            throw Status.NOT_FOUND
                    .withDescription("pod with UID " + uid + " not found")
                    .asRuntimeException();
        }
        return response(pod.toByteString());
    }

    public static byte[] response(ByteString pod) {
        return GetPodResponse.newBuilder().setPod(pod).build().toByteArray();
    }

    private void refuse() {
        Status status = refusal;
        if (status != null) {
            throw status.asRuntimeException();
        }
    }

    /** Begins a watch as the kubelet does: registers it, lists all pods by uid, ends the list. */
    public void list(StreamObserver<byte[]> watcher) {
        refuse();
        synchronized (watcher) {
            if (watcher instanceof ServerCallStreamObserver<byte[]> call) {
                call.setOnCancelHandler(() -> watchers.remove(watcher));
            }
            watchers.add(watcher);
            pods.values().forEach(pod -> watcher.onNext(event(EventType.ADDED, pod)));
            watcher.onNext(event(EventType.INITIAL_SYNC_COMPLETE, null));
        }
    }

    public static byte[] event(EventType type, @Nullable Pod pod) {
        WatchPodsEvent.Builder event = WatchPodsEvent.newBuilder().setType(type);
        if (pod != null) {
            event.setPod(pod.toByteString());
        }
        return event.build().toByteArray();
    }

    /** Sends an event to all watchers. */
    public void tell(EventType type, Pod pod) {
        for (StreamObserver<byte[]> watcher : watchers) {
            synchronized (watcher) {
                watcher.onNext(event(type, pod));
            }
        }
    }

    /** Puts a pod's new desired spec into place and tells of it. */
    public void change(Pod pod) {
        pods.put(pod.getMetadata().getUid(), pod);
        tell(EventType.MODIFIED, pod);
    }

    /** Removes a pod and tells of it as the kubelet does: by name and uid alone. */
    public void delete(Pod pod) {
        pods.remove(pod.getMetadata().getUid());
        tell(EventType.DELETED, Pod.newBuilder().setMetadata(pod.getMetadata()).build());
    }

    /** Ends all watches as the kubelet ends one that lags. */
    public void cutWatches() {
        List<StreamObserver<byte[]>> cut = List.copyOf(watchers);
        watchers.removeAll(cut);
        for (StreamObserver<byte[]> watcher : cut) {
            synchronized (watcher) {
                watcher.onError(Status.RESOURCE_EXHAUSTED
                        .withDescription("watch client channel closed")
                        .asRuntimeException());
            }
        }
    }

    @Override
    public void close() {
        stop();
        workers.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
