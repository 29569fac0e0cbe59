package io.podslice.nri;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.nri.ttrpc.CallContext;
import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.nri.ttrpc.TtrpcService;
import io.podslice.proto.nri.v1alpha1.ConfigureRequest;
import io.podslice.proto.nri.v1alpha1.ConfigureResponse;
import io.podslice.proto.nri.v1alpha1.CreateContainerRequest;
import io.podslice.proto.nri.v1alpha1.Empty;
import io.podslice.proto.nri.v1alpha1.PostUpdatePodSandboxRequest;
import io.podslice.proto.nri.v1alpha1.RemoveContainerRequest;
import io.podslice.proto.nri.v1alpha1.RemovePodSandboxRequest;
import io.podslice.proto.nri.v1alpha1.RunPodSandboxRequest;
import io.podslice.proto.nri.v1alpha1.StartContainerRequest;
import io.podslice.proto.nri.v1alpha1.StateChangeEvent;
import io.podslice.proto.nri.v1alpha1.StopContainerRequest;
import io.podslice.proto.nri.v1alpha1.StopContainerResponse;
import io.podslice.proto.nri.v1alpha1.StopPodSandboxRequest;
import io.podslice.proto.nri.v1alpha1.SynchronizeRequest;
import io.podslice.proto.nri.v1alpha1.UpdateContainerRequest;
import io.podslice.proto.nri.v1alpha1.UpdatePodSandboxRequest;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the runtime's calls: NRI from 0.12 on has one call for each event, earlier versions StateChange for most. Both
 * are always served, since a newer runtime falls back to the older form.
 */
final class PluginService implements TtrpcService {
    private static final Logger log = LoggerFactory.getLogger(PluginService.class);

    static final String NAME = "nri.pkg.api.v1alpha1.Plugin";

    /** The time that containerd waits for an answer, for calls that name none. */
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);

    private final PodEvents events;
    private final Synchronization synchronization;
    private volatile Duration requestTimeout = DEFAULT_TIMEOUT;

    PluginService(PodEvents events) {
        this.events = events;
        this.synchronization = new Synchronization(events);
    }

    @Override
    public void call(String method, ByteString payload, CallContext context, Reply reply)
            throws TtrpcException, InvalidProtocolBufferException {
        answer(method, payload, budget(context), reply);
    }

    /**
     * Returns three quarters of the time left: the answer needs time to arrive, and on a loaded machine delays come
     * together.
     */
    private Duration budget(CallContext context) {
        return context.left(requestTimeout).multipliedBy(3).dividedBy(4);
    }

    private void answer(String method, ByteString payload, Duration budget, Reply reply)
            throws TtrpcException, InvalidProtocolBufferException {
        switch (method) {
            case "Configure" -> reply.with(configure(ConfigureRequest.parseFrom(payload)));
            case "Synchronize" -> reply.with(synchronization.part(SynchronizeRequest.parseFrom(payload), budget));
            case "Shutdown" -> {
                log.info("the runtime is going down");
                reply.with(Empty.getDefaultInstance());
            }
            case "CreateContainer" -> {
                CreateContainerRequest request = CreateContainerRequest.parseFrom(payload);
                events.createContainer(request.getPod(), request.getContainer(), budget, reply);
            }
            case "UpdateContainer" -> events.updateContainer(UpdateContainerRequest.parseFrom(payload), budget, reply);
            case "StopContainer" -> {
                StopContainerRequest request = StopContainerRequest.parseFrom(payload);
                events.containerStopped(
                        request.getContainer(), budget, () -> reply.with(StopContainerResponse.getDefaultInstance()));
            }
            case "UpdatePodSandbox" ->
                events.updatePodSandbox(UpdatePodSandboxRequest.parseFrom(payload), budget, reply);
            case "StateChange" -> stateChange(StateChangeEvent.parseFrom(payload), budget, reply);
            default -> event(method, payload, budget, reply);
        }
    }

    /** Serves the calls of 0.12 that replace StateChange. All their answers are empty. */
    private void event(String method, ByteString payload, Duration budget, Reply reply)
            throws TtrpcException, InvalidProtocolBufferException {
        Runnable noted = () -> reply.with(Empty.getDefaultInstance());
        switch (method) {
            case "RunPodSandbox" ->
                events.runPodSandbox(RunPodSandboxRequest.parseFrom(payload).getPod(), budget, reply);
            case "PostUpdatePodSandbox" -> {
                events.podSandboxUpdated(
                        PostUpdatePodSandboxRequest.parseFrom(payload).getPod());
                noted.run();
            }
            case "StopPodSandbox" ->
                events.podSandboxStopped(
                        StopPodSandboxRequest.parseFrom(payload).getPod(), budget, noted);
            case "RemovePodSandbox" ->
                events.podSandboxRemoved(
                        RemovePodSandboxRequest.parseFrom(payload).getPod(), budget, noted);
            case "RemoveContainer" -> {
                RemoveContainerRequest request = RemoveContainerRequest.parseFrom(payload);
                events.containerRemoved(request.getContainer(), budget, noted);
            }
            case "StartContainer" -> {
                StartContainerRequest request = StartContainerRequest.parseFrom(payload);
                events.containerStarting(request.getContainer(), budget, noted);
            }
            case "PostCreateContainer", "PostStartContainer", "PostUpdateContainer", "ValidateContainerAdjustment" -> {
                log.debug("{}: an event that podslice has not subscribed to; accepted", method);
                noted.run();
            }
            default -> throw TtrpcService.unknown(NAME, method);
        }
    }

    private void stateChange(StateChangeEvent change, Duration budget, Reply reply) {
        Runnable noted = () -> reply.with(Empty.getDefaultInstance());
        switch (change.getEvent()) {
            case RUN_POD_SANDBOX -> events.runPodSandbox(change.getPod(), budget, reply);
            case POST_UPDATE_POD_SANDBOX -> {
                events.podSandboxUpdated(change.getPod());
                noted.run();
            }
            case STOP_POD_SANDBOX -> events.podSandboxStopped(change.getPod(), budget, noted);
            case REMOVE_POD_SANDBOX -> events.podSandboxRemoved(change.getPod(), budget, noted);
            case START_CONTAINER -> events.containerStarting(change.getContainer(), budget, noted);
            case REMOVE_CONTAINER -> events.containerRemoved(change.getContainer(), budget, noted);
            default -> {
                log.debug(
                        "StateChange {}: an event that podslice has not subscribed to; accepted",
                        change.getEventValue());
                noted.run();
            }
        }
    }

    private ConfigureResponse configure(ConfigureRequest request) {
        NriVersion version = NriVersion.of(request);
        if (request.getRequestTimeout() > 0) {
            requestTimeout = Duration.ofMillis(request.getRequestTimeout());
        }
        log.info(
                "registered with {} {} (NRI {}), which waits {} ms for an answer",
                request.getRuntimeName(),
                request.getRuntimeVersion(),
                version,
                requestTimeout.toMillis());
        if (!request.getConfig().isBlank()) {
            log.warn("the runtime's drop-in configuration for podslice is not used: podslice has a file of its own");
        }
        return ConfigureResponse.newBuilder().setEvents(EventMask.of(version)).build();
    }
}
