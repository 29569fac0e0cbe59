package io.podslice.nri;

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
import io.podslice.proto.nri.v1alpha1.ConfigureResponse;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.ContainerUpdate;
import io.podslice.proto.nri.v1alpha1.CreateContainerRequest;
import io.podslice.proto.nri.v1alpha1.CreateContainerResponse;
import io.podslice.proto.nri.v1alpha1.Empty;
import io.podslice.proto.nri.v1alpha1.Event;
import io.podslice.proto.nri.v1alpha1.LinuxResources;
import io.podslice.proto.nri.v1alpha1.PodSandbox;
import io.podslice.proto.nri.v1alpha1.RegisterPluginRequest;
import io.podslice.proto.nri.v1alpha1.RemoveContainerRequest;
import io.podslice.proto.nri.v1alpha1.RunPodSandboxRequest;
import io.podslice.proto.nri.v1alpha1.StateChangeEvent;
import io.podslice.proto.nri.v1alpha1.StopContainerRequest;
import io.podslice.proto.nri.v1alpha1.SynchronizeRequest;
import io.podslice.proto.nri.v1alpha1.SynchronizeResponse;
import io.podslice.proto.nri.v1alpha1.UpdateContainerRequest;
import io.podslice.proto.nri.v1alpha1.UpdateContainerResponse;
import io.podslice.proto.nri.v1alpha1.UpdatePodSandboxRequest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A runtime's end of NRI, as the adaptation library of one NRI version does it: the calls that it makes, the versions
 * that it reports, and its treatment of a plugin that answers too late or subscribes to events that it does not know.
 */
final class FakeRuntime implements AutoCloseable {
    /**
     * The time that the runtime waits for an answer. It is two seconds in containerd; longer here, where a busy machine
     * must not fail a test.
     */
    static final Duration PATIENT = Duration.ofSeconds(30);

    private final Behaviour behaviour;
    private final ServerSocketChannel listening;
    private final BlockingQueue<RegisterPluginRequest> registrations = new LinkedBlockingQueue<>();
    private @Nullable Multiplexer mux;
    private @Nullable TtrpcClient client;
    volatile Duration requestTimeout = PATIENT;

    /** True if Configure is called before RegisterPlugin is answered. */
    volatile boolean configuresFirst;

    /** The message with which a registration is refused; null: it is accepted. */
    volatile @Nullable String refusal;

    private volatile int events;

    /**
     * The differences between versions.
     *
     * @param version NRI's
     * @param runtimeVersion of the containerd that has it
     * @param saysVersion true if it tells NRI's version itself
     * @param validEvents number of the last event that it knows
     * @param callForEach true if it makes a call for each event, rather than StateChange for most
     * @param splits true if it splits Synchronize into parts
     */
    record Behaviour(
            String version,
            String runtimeVersion,
            boolean saysVersion,
            int validEvents,
            boolean callForEach,
            boolean splits) {}

    static final Behaviour V0_6_1 = new Behaviour("0.6.1", "v1.7.24", false, 11, false, false);
    static final Behaviour V0_8 = new Behaviour("0.8.0", "2.1.9+ds1", false, 11, false, true);
    static final Behaviour V0_10 = new Behaviour("0.10.0", "v2.2.0", false, 14, false, true);
    static final Behaviour V0_11 = new Behaviour("0.11.0", "v2.2.7", false, 14, false, true);
    static final Behaviour V0_12_2 = new Behaviour("0.12.2", "v2.4.0", true, 14, true, true);

    static List<Behaviour> versions() {
        return List.of(V0_6_1, V0_8, V0_10, V0_11, V0_12_2);
    }

    FakeRuntime(Path socket, Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        Files.deleteIfExists(socket);
        this.listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(socket));
    }

    /** Accepts the next plugin that connects; returns its registration. */
    RegisterPluginRequest accept() throws Exception {
        Multiplexer accepted = new Multiplexer(SocketTrunk.of(listening.accept()), MuxOptions.DEFAULT);
        mux = accepted;
        TtrpcService service = (method, payload, context, reply) -> reply.with(serve(method, payload));
        TtrpcServer server =
                new TtrpcServer(accepted.open(2), Map.of("nri.pkg.api.v1alpha1.Runtime", service), PATIENT);
        TtrpcClient caller = new TtrpcClient(accepted.open(1), PATIENT);
        client = caller;
        Thread.ofVirtual().start(server::serve);
        Thread.ofVirtual().start(caller::receive);
        accepted.start();
        RegisterPluginRequest registration = registrations.poll(30, TimeUnit.SECONDS);
        if (registration == null) {
            throw new AssertionError("no registration");
        }
        return registration;
    }

    /** Accepts the next plugin, configures it, and tells it of no pods. */
    void acceptAndConfigure() throws Exception {
        accept();
        configure();
        synchronize(List.of(), List.of());
    }

    private ByteString serve(String method, ByteString payload) throws TtrpcException, InvalidProtocolBufferException {
        if (!method.equals("RegisterPlugin")) {
            throw new TtrpcException(TtrpcStatus.UNIMPLEMENTED, method);
        }
        if (configuresFirst) {
            try {
                configure();
            } catch (InterruptedException e) {
                throw new TtrpcException(TtrpcStatus.INTERNAL, "interrupted");
            }
        }
        String refused = refusal;
        // The test continues from here, and may set a refusal for the next registration.
        registrations.add(RegisterPluginRequest.parseFrom(payload));
        if (refused != null) {
            throw new TtrpcException(TtrpcStatus.UNKNOWN, refused);
        }
        return Empty.getDefaultInstance().toByteString();
    }

    /** Calls Configure, and hangs up on a plugin that subscribes to events that this version does not know. */
    int configure() throws TtrpcException, InvalidProtocolBufferException, InterruptedException {
        ConfigureRequest.Builder request = ConfigureRequest.newBuilder()
                .setRuntimeName("containerd")
                .setRuntimeVersion(behaviour.runtimeVersion());
        if (!behaviour.version().startsWith("0.6")) {
            request.setRegistrationTimeout(5000).setRequestTimeout(requestTimeout.toMillis());
        }
        if (behaviour.saysVersion()) {
            request.setNRIVersion(behaviour.version());
        }
        events = ConfigureResponse.parseFrom(call("Configure", request.build())).getEvents();
        if ((events & ~((1 << behaviour.validEvents()) - 1)) != 0) {
            throw new AssertionError("invalid plugin events: 0x" + Integer.toHexString(events));
        }
        if (events == 0) {
            events = (1 << behaviour.validEvents()) - 1;
        }
        return events;
    }

    boolean subscribed(Event event) {
        return (events & (1 << (event.getNumber() - 1))) != 0;
    }

    ByteString call(String method, MessageLite request) throws TtrpcException, InterruptedException {
        TtrpcClient caller = client;
        if (caller == null) {
            throw new AssertionError("no plugin yet");
        }
        return caller.call("nri.pkg.api.v1alpha1.Plugin", method, request.toByteString(), requestTimeout, Map.of());
    }

    /**
     * Sends all pods and containers, in parts where one message cannot hold them; the plugin must ask for each further
     * part.
     */
    List<ContainerUpdate> synchronize(List<PodSandbox> pods, List<Container> containers) throws Exception {
        SynchronizeRequest whole = SynchronizeRequest.newBuilder()
                .addAllPods(pods)
                .addAllContainers(containers)
                .build();
        // The envelope takes the rest of a message.
        int most = (4 << 20) - 128;
        int parts = behaviour.splits() ? whole.getSerializedSize() / most + 1 : 1;
        int perPart = (pods.size() + containers.size() + parts - 1) / parts + 8;
        int pod = 0;
        int container = 0;
        while (true) {
            SynchronizeRequest.Builder part = SynchronizeRequest.newBuilder();
            for (int i = 0; i < perPart && pod < pods.size(); i++) {
                part.addPods(pods.get(pod++));
            }
            while (part.getPodsCount() + part.getContainersCount() < perPart && container < containers.size()) {
                part.addContainers(containers.get(container++));
            }
            boolean more = pod < pods.size() || container < containers.size();
            SynchronizeResponse response = SynchronizeResponse.parseFrom(
                    call("Synchronize", part.setMore(more).build()));
            if (response.getMore() != more || (more && response.getUpdateCount() > 0)) {
                throw new AssertionError("plugin does not handle split sync requests");
            }
            if (!more) {
                return response.getUpdateList();
            }
        }
    }

    // ---- Events, in the form of this version

    void runPodSandbox(PodSandbox pod) throws Exception {
        tell(Event.RUN_POD_SANDBOX, "RunPodSandbox", pod, null);
    }

    void stopPodSandbox(PodSandbox pod) throws Exception {
        tell(Event.STOP_POD_SANDBOX, "StopPodSandbox", pod, null);
    }

    void removePodSandbox(PodSandbox pod) throws Exception {
        tell(Event.REMOVE_POD_SANDBOX, "RemovePodSandbox", pod, null);
    }

    void startContainer(PodSandbox pod, Container container) throws Exception {
        tell(Event.START_CONTAINER, "StartContainer", pod, container);
    }

    void removeContainer(PodSandbox pod, Container container) throws Exception {
        tell(Event.REMOVE_CONTAINER, "RemoveContainer", pod, container);
    }

    void postUpdatePodSandbox(PodSandbox pod) throws Exception {
        tell(Event.POST_UPDATE_POD_SANDBOX, "PostUpdatePodSandbox", pod, null);
    }

    private void tell(Event event, String method, PodSandbox pod, @Nullable Container container) throws Exception {
        if (!subscribed(event)) {
            return;
        }
        if (behaviour.callForEach()) {
            // All of them have the pod first, and a container second if any.
            MessageLite request = container == null
                    ? RunPodSandboxRequest.newBuilder().setPod(pod).build()
                    : RemoveContainerRequest.newBuilder()
                            .setPod(pod)
                            .setContainer(container)
                            .build();
            call(method, request);
        } else {
            StateChangeEvent.Builder change =
                    StateChangeEvent.newBuilder().setEvent(event).setPod(pod);
            if (container != null) {
                change.setContainer(container);
            }
            call("StateChange", change.build());
        }
    }

    CreateContainerResponse createContainer(PodSandbox pod, Container container) throws Exception {
        return CreateContainerResponse.parseFrom(call(
                "CreateContainer",
                CreateContainerRequest.newBuilder()
                        .setPod(pod)
                        .setContainer(container)
                        .build()));
    }

    UpdateContainerResponse updateContainer(PodSandbox pod, Container container, LinuxResources resources)
            throws Exception {
        return UpdateContainerResponse.parseFrom(call(
                "UpdateContainer",
                UpdateContainerRequest.newBuilder()
                        .setPod(pod)
                        .setContainer(container)
                        .setLinuxResources(resources)
                        .build()));
    }

    void stopContainer(PodSandbox pod, Container container) throws Exception {
        call(
                "StopContainer",
                StopContainerRequest.newBuilder()
                        .setPod(pod)
                        .setContainer(container)
                        .build());
    }

    void updatePodSandbox(PodSandbox pod, LinuxResources overhead, LinuxResources resources) throws Exception {
        call(
                "UpdatePodSandbox",
                UpdatePodSandboxRequest.newBuilder()
                        .setPod(pod)
                        .setOverheadLinuxResources(overhead)
                        .setLinuxResources(resources)
                        .build());
    }

    /** Ends the plugin's connection, as a runtime that has run out of patience does. */
    void hangUp() {
        Multiplexer current = mux;
        if (current != null) {
            current.close();
        }
    }

    boolean isConnected() {
        Multiplexer current = mux;
        return current != null && current.problem() == null;
    }

    @Override
    public void close() throws IOException {
        listening.close();
        hangUp();
    }
}
