package io.podslice.nri;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
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
    public ByteString call(String method, ByteString payload, CallContext context)
            throws TtrpcException, InvalidProtocolBufferException {
        return answer(method, payload, budget(context)).toByteString();
    }

    /**
     * Returns three quarters of the time left: the answer needs time to arrive, and on a loaded machine delays come
     * together.
     */
    private Duration budget(CallContext context) {
        return context.left(requestTimeout).multipliedBy(3).dividedBy(4);
    }

    private MessageLite answer(String method, ByteString payload, Duration budget)
            throws TtrpcException, InvalidProtocolBufferException {
        return switch (method) {
            case "Configure" -> configure(ConfigureRequest.parseFrom(payload));
            case "Synchronize" -> synchronization.part(SynchronizeRequest.parseFrom(payload), budget);
            case "Shutdown" -> {
                log.info("the runtime is going down");
                yield Empty.getDefaultInstance();
            }
            case "CreateContainer" -> {
                CreateContainerRequest request = CreateContainerRequest.parseFrom(payload);
                yield events.createContainer(request.getPod(), request.getContainer(), budget);
            }
            case "UpdateContainer" -> events.updateContainer(UpdateContainerRequest.parseFrom(payload), budget);
            case "StopContainer" -> {
                StopContainerRequest request = StopContainerRequest.parseFrom(payload);
                events.containerStopped(request.getContainer(), budget);
                yield StopContainerResponse.getDefaultInstance();
            }
            case "UpdatePodSandbox" -> {
                events.updatePodSandbox(UpdatePodSandboxRequest.parseFrom(payload), budget);
                yield Empty.getDefaultInstance();
            }
            case "StateChange" -> {
                stateChange(StateChangeEvent.parseFrom(payload), budget);
                yield Empty.getDefaultInstance();
            }
            default -> {
                event(method, payload, budget);
                yield Empty.getDefaultInstance();
            }
        };
    }

    /** Serves the calls of 0.12 that replace StateChange. All their answers are empty. */
    private void event(String method, ByteString payload, Duration budget)
            throws TtrpcException, InvalidProtocolBufferException {
        switch (method) {
            case "RunPodSandbox" ->
                events.runPodSandbox(RunPodSandboxRequest.parseFrom(payload).getPod(), budget);
            case "PostUpdatePodSandbox" ->
                events.podSandboxUpdated(
                        PostUpdatePodSandboxRequest.parseFrom(payload).getPod());
            case "StopPodSandbox" ->
                events.podSandboxStopped(
                        StopPodSandboxRequest.parseFrom(payload).getPod(), budget);
            case "RemovePodSandbox" ->
                events.podSandboxRemoved(
                        RemovePodSandboxRequest.parseFrom(payload).getPod(), budget);
            case "RemoveContainer" -> {
                RemoveContainerRequest request = RemoveContainerRequest.parseFrom(payload);
                events.containerRemoved(request.getContainer(), budget);
            }
            case "PostCreateContainer",
                    "StartContainer",
                    "PostStartContainer",
                    "PostUpdateContainer",
                    "ValidateContainerAdjustment" ->
                log.debug("{}: an event that podslice has not subscribed to; accepted", method);
            default -> throw TtrpcService.unknown(NAME, method);
        }
    }

    private void stateChange(StateChangeEvent change, Duration budget) throws TtrpcException {
        switch (change.getEvent()) {
            case RUN_POD_SANDBOX -> events.runPodSandbox(change.getPod(), budget);
            case POST_UPDATE_POD_SANDBOX -> events.podSandboxUpdated(change.getPod());
            case STOP_POD_SANDBOX -> events.podSandboxStopped(change.getPod(), budget);
            case REMOVE_POD_SANDBOX -> events.podSandboxRemoved(change.getPod(), budget);
            case REMOVE_CONTAINER -> events.containerRemoved(change.getContainer(), budget);
            default ->
                log.debug(
                        "StateChange {}: an event that podslice has not subscribed to; accepted",
                        change.getEventValue());
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
