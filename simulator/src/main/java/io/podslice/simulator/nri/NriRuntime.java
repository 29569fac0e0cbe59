package io.podslice.simulator.nri;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.podslice.nri.mux.Multiplexer;
import io.podslice.nri.mux.MuxOptions;
import io.podslice.nri.mux.SocketTrunk;
import io.podslice.nri.ttrpc.TtrpcClient;
import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.nri.ttrpc.TtrpcServer;
import io.podslice.nri.ttrpc.TtrpcService;
import io.podslice.nri.ttrpc.TtrpcStatus;
import io.podslice.proto.nri.v1alpha1.ConfigureRequest;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.ContainerUpdate;
import io.podslice.proto.nri.v1alpha1.CreateContainerRequest;
import io.podslice.proto.nri.v1alpha1.CreateContainerResponse;
import io.podslice.proto.nri.v1alpha1.Empty;
import io.podslice.proto.nri.v1alpha1.Event;
import io.podslice.proto.nri.v1alpha1.PodSandbox;
import io.podslice.proto.nri.v1alpha1.StateChangeEvent;
import io.podslice.proto.nri.v1alpha1.StopContainerRequest;
import io.podslice.proto.nri.v1alpha1.SynchronizeRequest;
import io.podslice.proto.nri.v1alpha1.SynchronizeResponse;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Plays containerd 2.1 with NRI 0.8 as its plugins see it: a socket, one plugin at a time, one event at a time. */
public final class NriRuntime implements AutoCloseable {
    /** The time to wait for a plugin to register: far longer than a busy machine takes. */
    private static final Duration PATIENT = Duration.ofSeconds(30);

    private final ServerSocketChannel listening;
    private final BlockingQueue<ByteString> registrations = new LinkedBlockingQueue<>();
    private final Duration requestTimeout;
    private @Nullable Multiplexer mux;
    private @Nullable TtrpcClient client;

    /**
     * Listens on a socket; one that exists already is replaced.
     *
     * @param requestTimeout the longest time that a plugin may take to answer; containerd's is 2 s
     */
    public NriRuntime(Path socket, Duration requestTimeout) throws IOException {
        this.requestTimeout = requestTimeout;
        Files.deleteIfExists(socket);
        this.listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(socket));
    }

    /** Registers and configures the next plugin that connects, and sends it the pods and containers. */
    public List<ContainerUpdate> accept(List<PodSandbox> pods, List<Container> containers)
            throws IOException, InterruptedException, TtrpcException {
        register(connection());
        configure();
        return synchronize(pods, containers, false);
    }

    /** Waits for the next plugin to connect, and returns the bare connection. */
    public SocketChannel connection() throws IOException {
        return listening.accept();
    }

    /** Serves the connection until the plugin has registered. */
    public void register(SocketChannel connection) throws InterruptedException {
        Multiplexer accepted = new Multiplexer(SocketTrunk.of(connection), MuxOptions.DEFAULT);
        TtrpcService service = (method, payload, context, reply) -> reply.with(serve(method, payload));
        TtrpcServer server =
                new TtrpcServer(accepted.open(2), Map.of("nri.pkg.api.v1alpha1.Runtime", service), PATIENT);
        TtrpcClient caller = new TtrpcClient(accepted.open(1), PATIENT);
        Thread.ofVirtual().start(server::serve);
        Thread.ofVirtual().start(caller::receive);
        accepted.start();
        mux = accepted;
        client = caller;
        if (registrations.poll(PATIENT.toSeconds(), TimeUnit.SECONDS) == null) {
            throw new IllegalStateException("no plugin has registered within " + PATIENT);
        }
    }

    private ByteString serve(String method, ByteString payload) throws TtrpcException {
        if (!method.equals("RegisterPlugin")) {
            throw new TtrpcException(TtrpcStatus.UNIMPLEMENTED, method);
        }
        registrations.add(payload);
        return Empty.getDefaultInstance().toByteString();
    }

    /** Configures the plugin that registered last. */
    public void configure() throws InterruptedException, TtrpcException {
        call(
                "Configure",
                ConfigureRequest.newBuilder()
                        .setRuntimeName("containerd")
                        .setRuntimeVersion("2.1.9")
                        .setRegistrationTimeout(5000)
                        .setRequestTimeout(requestTimeout.toMillis())
                        .build());
    }

    /** Sends pods and containers to the plugin; {@code more} says that another message with further ones follows. */
    public List<ContainerUpdate> synchronize(List<PodSandbox> pods, List<Container> containers, boolean more)
            throws InterruptedException, TtrpcException {
        ByteString answer = call(
                "Synchronize",
                SynchronizeRequest.newBuilder()
                        .addAllPods(pods)
                        .addAllContainers(containers)
                        .setMore(more)
                        .build());
        try {
            return SynchronizeResponse.parseFrom(answer).getUpdateList();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("Synchronize: the answer cannot be read", e);
        }
    }

    /** Sends an event about a pod, or a pod and a container, whose answer is empty or an error. */
    public void tell(Event event, PodSandbox pod, @Nullable Container container)
            throws InterruptedException, TtrpcException {
        StateChangeEvent.Builder change =
                StateChangeEvent.newBuilder().setEvent(event).setPod(pod);
        if (container != null) {
            change.setContainer(container);
        }
        call("StateChange", change.build());
    }

    /** Asks the plugin for its changes to a container that is being created. */
    public CreateContainerResponse createContainer(PodSandbox pod, Container container)
            throws InterruptedException, TtrpcException {
        ByteString answer = call(
                "CreateContainer",
                CreateContainerRequest.newBuilder()
                        .setPod(pod)
                        .setContainer(container)
                        .build());
        try {
            return CreateContainerResponse.parseFrom(answer);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("CreateContainer: the answer cannot be read", e);
        }
    }

    /** Tells the plugin that a container has ended. */
    public void stopContainer(PodSandbox pod, Container container) throws InterruptedException, TtrpcException {
        call(
                "StopContainer",
                StopContainerRequest.newBuilder()
                        .setPod(pod)
                        .setContainer(container)
                        .build());
    }

    private ByteString call(String method, MessageLite request) throws InterruptedException, TtrpcException {
        TtrpcClient caller = client;
        if (caller == null) {
            throw new IllegalStateException("no plugin yet");
        }
        return caller.call("nri.pkg.api.v1alpha1.Plugin", method, request.toByteString(), requestTimeout, Map.of());
    }

    /** Returns true while the plugin that connected last is connected. */
    public boolean isConnected() {
        Multiplexer current = mux;
        return current != null && current.problem() == null;
    }

    @Override
    public void close() throws IOException {
        listening.close();
        Multiplexer current = mux;
        if (current != null) {
            current.close();
        }
    }
}
