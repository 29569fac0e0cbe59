package io.podslice.nri;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.Door;
import io.podslice.node.Node;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.RefusedException;
import io.podslice.node.RuntimeContents;
import io.podslice.node.TimeLimit;
import io.podslice.node.Verdict;
import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.nri.ttrpc.TtrpcService.Reply;
import io.podslice.nri.ttrpc.TtrpcStatus;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.ContainerAdjustment;
import io.podslice.proto.nri.v1alpha1.ContainerUpdate;
import io.podslice.proto.nri.v1alpha1.CreateContainerResponse;
import io.podslice.proto.nri.v1alpha1.Empty;
import io.podslice.proto.nri.v1alpha1.LinuxContainerAdjustment;
import io.podslice.proto.nri.v1alpha1.LinuxContainerUpdate;
import io.podslice.proto.nri.v1alpha1.PodSandbox;
import io.podslice.proto.nri.v1alpha1.UpdateContainerRequest;
import io.podslice.proto.nri.v1alpha1.UpdateContainerResponse;
import io.podslice.proto.nri.v1alpha1.UpdatePodSandboxRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Translates NRI's events into requests and facts for the brain, and its verdicts back. */
final class PodEvents {
    private static final Logger log = LoggerFactory.getLogger(PodEvents.class);

    /** The most resizes under way at a time; a node has far fewer pods. */
    private static final int MOST_RESIZES = 4096;

    private final Node node;

    /** The decided resizes that the runtime has not put into effect yet, by sandbox. */
    private final Map<String, Completion> resizes = new ConcurrentHashMap<>();

    PodEvents(Node node) {
        this.node = node;
    }

    /**
     * Admits the pod, whose sandbox runs already, with its containers.
     *
     * @throws TtrpcException the pod is refused; the runtime stops its sandbox
     */
    void runPodSandbox(PodSandbox pod, List<Container> running, TimeLimit limit) throws TtrpcException {
        List<RuntimeContents.Container> contents =
                running.stream().map(NriRecords::running).toList();
        var _ = decide(new NodeRequest.ConfirmPodSandbox(pod.getId(), NriRecords.sandbox(pod), contents), limit);
    }

    /** Admits the pod, whose sandbox runs already; where it is refused, the runtime stops its sandbox. */
    void runPodSandbox(PodSandbox pod, Duration budget, Reply reply) {
        NodeRequest request = new NodeRequest.ConfirmPodSandbox(pod.getId(), NriRecords.sandbox(pod));
        decide(request, budget, reply, proceed -> reply.with(Empty.getDefaultInstance()));
    }

    /** Answers with the container's resources where they differ from those in the runtime's spec. */
    void createContainer(PodSandbox pod, Container container, Duration budget, Reply reply) {
        LinuxResources sent = NriRecords.resources(container.getLinux().getResources());
        NodeRequest request = new NodeRequest.ConfirmContainer(container.getId(), NriRecords.container(pod, container));
        decide(request, budget, reply, proceed -> {
            LinuxResources decided = proceed.resources();
            CreateContainerResponse.Builder response = CreateContainerResponse.newBuilder();
            if (decided != null) {
                Adjustment.between(sent, decided)
                        .ifPresent(resources -> response.setAdjust(ContainerAdjustment.newBuilder()
                                .setLinux(LinuxContainerAdjustment.newBuilder().setResources(resources))));
            }
            reply.with(response.build());
        });
    }

    /** Returns the update that a running container needs; empty if it has its resources. */
    Optional<ContainerUpdate> synchronizeContainer(PodSandbox pod, Container container, TimeLimit limit)
            throws TtrpcException {
        LinuxResources running = NriRecords.resources(container.getLinux().getResources());
        LinuxResources decided = confirmed(pod, container, limit);
        return decided == null
                ? Optional.empty()
                : Adjustment.ofUpdate(running, running, decided)
                        .map(resources -> update(container.getId(), resources, true));
    }

    private @Nullable LinuxResources confirmed(PodSandbox pod, Container container, TimeLimit limit)
            throws TtrpcException {
        NodeRequest request =
                new NodeRequest.ConfirmContainer(container.getId(), NriRecords.container(pod, container), true);
        return decide(request, limit).resources();
    }

    /**
     * Answers with the update as decided: a kubelet's resize names no CPUs, and sets a quota, which a container with
     * exclusive CPUs must not have.
     */
    void updateContainer(UpdateContainerRequest request, Duration budget, Reply reply) {
        Container container = request.getContainer();
        LinuxResources sent = NriRecords.resources(request.getLinuxResources());
        NodeRequest asked = new NodeRequest.UpdateContainer(
                container.getId(), request.getPod().getAnnotationsMap(), sent, Door.NRI);
        decide(asked, budget, reply, proceed -> {
            try {
                proceed.completion().succeeded(container.getId());
            } catch (RefusedException e) {
                reply.refused(Refusals.of(e.refusal()));
                return;
            }
            UpdateContainerResponse.Builder response = UpdateContainerResponse.newBuilder();
            LinuxResources decided = proceed.resources();
            if (decided != null) {
                LinuxResources running =
                        NriRecords.resources(container.getLinux().getResources());
                Adjustment.ofUpdate(running, sent, decided)
                        .ifPresent(resources -> response.addUpdate(update(container.getId(), resources, false)));
            }
            reply.with(response.build());
        });
    }

    private static ContainerUpdate update(
            String id, io.podslice.proto.nri.v1alpha1.LinuxResources resources, boolean ignoreFailure) {
        return ContainerUpdate.newBuilder()
                .setContainerId(id)
                .setLinux(LinuxContainerUpdate.newBuilder().setResources(resources))
                .setIgnoreFailure(ignoreFailure)
                .build();
    }

    /**
     * Checks that the pod can be resized. The resize is done when the runtime reports it with {@link
     * #podSandboxUpdated}.
     */
    void updatePodSandbox(UpdatePodSandboxRequest request, Duration budget, Reply reply) {
        PodSandbox pod = request.getPod();
        NodeRequest asked = new NodeRequest.UpdatePodSandbox(
                pod.getId(),
                pod.getAnnotationsMap(),
                NriRecords.resources(request.getOverheadLinuxResources()),
                NriRecords.resources(request.getLinuxResources()),
                Door.NRI);
        decide(asked, budget, reply, proceed -> {
            forgetResize(pod.getId());
            if (resizes.size() >= MOST_RESIZES) {
                proceed.completion().failed();
                reply.refused(new TtrpcException(
                        TtrpcStatus.RESOURCE_EXHAUSTED, "PodsliceError: " + MOST_RESIZES + " resizes are under way"));
                return;
            }
            resizes.put(pod.getId(), proceed.completion());
            reply.with(Empty.getDefaultInstance());
        });
    }

    /** Enforces the pod's new resources, which the runtime has applied. */
    void podSandboxUpdated(PodSandbox pod) {
        Completion resize = resizes.remove(pod.getId());
        if (resize != null) {
            try {
                resize.succeeded(pod.getId());
            } catch (RefusedException e) {
                log.error(
                        "pod {}/{}: the runtime has accepted a resize that podslice cannot enforce: {}",
                        pod.getNamespace(),
                        pod.getName(),
                        e.refusal().text());
            }
        }
    }

    private void forgetResize(String sandboxId) {
        Completion resize = resizes.remove(sandboxId);
        if (resize != null) {
            resize.failed();
        }
    }

    void podSandboxStopped(PodSandbox pod, Duration budget, Runnable noted) {
        forgetResize(pod.getId());
        node.happened(new NodeEvent.SandboxStopped(pod.getId()), budget, noted);
    }

    void podSandboxRemoved(PodSandbox pod, Duration budget, Runnable noted) {
        forgetResize(pod.getId());
        node.happened(new NodeEvent.SandboxRemoved(pod.getId()), budget, noted);
    }

    /** Brings the container's cgroup, which the runtime has just made, to its CPUs before the container's process starts. */
    void containerStarting(Container container, Duration budget, Runnable noted) {
        node.happened(new NodeEvent.ContainerStarted(container.getId()), budget, noted);
    }

    void containerStopped(Container container, Duration budget, Runnable noted) {
        node.happened(new NodeEvent.ContainerStopped(container.getId()), budget, noted);
    }

    void containerRemoved(Container container, Duration budget, Runnable noted) {
        node.happened(new NodeEvent.ContainerRemoved(container.getId()), budget, noted);
    }

    /** Gives up the resizes that are not in effect when the session ends: the runtime never reports them afterwards. */
    void ended() {
        resizes.keySet().forEach(this::forgetResize);
    }

    private Verdict.Proceed decide(NodeRequest request, TimeLimit limit) throws TtrpcException {
        return switch (node.decide(request, limit)) {
            case Verdict.Refuse(var refusal) -> throw Refusals.of(refusal);
            case Verdict.Proceed proceed -> proceed;
        };
    }

    /** Decides on the calling thread; a refusal is answered here. */
    private void decide(NodeRequest request, Duration budget, Reply reply, Consumer<Verdict.Proceed> proceed) {
        node.decide(request, TimeLimit.of(budget), verdict -> {
            switch (verdict) {
                case Verdict.Refuse(var refusal) -> reply.refused(Refusals.of(refusal));
                case Verdict.Proceed given -> proceed.accept(given);
            }
        });
    }
}
