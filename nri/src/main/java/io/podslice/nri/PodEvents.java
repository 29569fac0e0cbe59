package io.podslice.nri;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.node.Completion;
import io.podslice.node.Node;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RefusedException;
import io.podslice.node.Verdict;
import io.podslice.nri.Deliberations.TooLateException;
import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.ContainerAdjustment;
import io.podslice.proto.nri.v1alpha1.ContainerUpdate;
import io.podslice.proto.nri.v1alpha1.CreateContainerResponse;
import io.podslice.proto.nri.v1alpha1.LinuxContainerAdjustment;
import io.podslice.proto.nri.v1alpha1.LinuxContainerUpdate;
import io.podslice.proto.nri.v1alpha1.PodSandbox;
import io.podslice.proto.nri.v1alpha1.UpdateContainerRequest;
import io.podslice.proto.nri.v1alpha1.UpdateContainerResponse;
import io.podslice.proto.nri.v1alpha1.UpdatePodSandboxRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of each event. A pod that asks something of podslice by its annotations is refused where podslice
 * cannot decide in time, and any other goes on.
 *
 * <p>The runtime tells of a sandbox or container by its id, so a verdict is settled as soon as it is there: what comes to
 * nothing after all is stopped and removed, which are events of their own.
 */
final class PodEvents {
    private static final Logger log = LoggerFactory.getLogger(PodEvents.class);

    /** Resizes under way at once; a node has far fewer pods. */
    private static final int MOST_RESIZES = 4096;

    private final Node node;
    private final Deliberations deliberations = new Deliberations();

    /** Resizes that the runtime has not put into effect yet, by sandbox. */
    private final Map<String, Completion> resizes = new ConcurrentHashMap<>();

    PodEvents(Node node) {
        this.node = node;
    }

    /**
     * Admits the pod, whose sandbox runs already.
     *
     * @throws TtrpcException the pod is refused; the runtime stops its sandbox
     */
    void runPodSandbox(PodSandbox pod, Duration budget) throws TtrpcException {
        PodSandboxRequest request = NriRecords.sandbox(pod);
        decide(
                "RunPodSandbox " + name(pod),
                pod,
                pod.getId(),
                budget,
                () -> node.confirmPodSandbox(pod.getId(), request));
    }

    /**
     * What the container gets.
     *
     * @throws TtrpcException the container is refused
     */
    CreateContainerResponse createContainer(PodSandbox pod, Container container, Duration budget)
            throws TtrpcException {
        LinuxResources sent = NriRecords.resources(container.getLinux().getResources());
        LinuxResources decided = confirmed("CreateContainer ", pod, container, budget);
        CreateContainerResponse.Builder response = CreateContainerResponse.newBuilder();
        if (decided != null) {
            Adjustment.between(sent, decided)
                    .ifPresent(resources -> response.setAdjust(ContainerAdjustment.newBuilder()
                            .setLinux(LinuxContainerAdjustment.newBuilder().setResources(resources))));
        }
        return response.build();
    }

    /** What a container that runs already must be changed to; empty if it has it. */
    Optional<ContainerUpdate> synchronizeContainer(PodSandbox pod, Container container, Duration budget)
            throws TtrpcException {
        LinuxResources running = NriRecords.resources(container.getLinux().getResources());
        LinuxResources decided = confirmed("Synchronize ", pod, container, budget);
        return decided == null
                ? Optional.empty()
                : Adjustment.ofUpdate(running, running, decided)
                        .map(resources -> update(container.getId(), resources, true));
    }

    private @Nullable LinuxResources confirmed(String event, PodSandbox pod, Container container, Duration budget)
            throws TtrpcException {
        return decide(
                event + name(pod) + "/" + container.getName(),
                pod,
                container.getId(),
                budget,
                () -> node.confirmContainer(container.getId(), NriRecords.container(pod, container)));
    }

    /** What the update becomes: a kubelet's resize names no CPUs, and sets a quota that a pinned container has not. */
    UpdateContainerResponse updateContainer(UpdateContainerRequest request, Duration budget) throws TtrpcException {
        Container container = request.getContainer();
        LinuxResources sent = NriRecords.resources(request.getLinuxResources());
        LinuxResources decided = decide(
                "UpdateContainer " + name(request.getPod()) + "/" + container.getName(),
                request.getPod(),
                container.getId(),
                budget,
                () -> node.updateContainerResources(container.getId(), sent));
        UpdateContainerResponse.Builder response = UpdateContainerResponse.newBuilder();
        if (decided != null) {
            LinuxResources running = NriRecords.resources(container.getLinux().getResources());
            Adjustment.ofUpdate(running, sent, decided)
                    .ifPresent(resources -> response.addUpdate(update(container.getId(), resources, false)));
        }
        return response.build();
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
     * Whether the pod can be resized; it is, once the runtime has told that it {@linkplain #podSandboxUpdated has been}.
     *
     * @throws TtrpcException the resize is refused
     */
    void updatePodSandbox(UpdatePodSandboxRequest request, Duration budget) throws TtrpcException {
        PodSandbox pod = request.getPod();
        within(
                "UpdatePodSandbox " + name(pod),
                pod,
                budget,
                () -> node.updatePodSandboxResources(
                        pod.getId(),
                        NriRecords.resources(request.getOverheadLinuxResources()),
                        NriRecords.resources(request.getLinuxResources())),
                proceed -> {
                    forgetResize(pod.getId());
                    if (resizes.size() >= MOST_RESIZES) {
                        proceed.completion().failed();
                        return new Outcome(null, Refusals.undecided(MOST_RESIZES + " resizes are under way"));
                    }
                    resizes.put(pod.getId(), proceed.completion());
                    return Outcome.UNTOUCHED;
                },
                proceed -> proceed.completion().failed());
    }

    /** The runtime has taken the pod's new resources: they are enforced. */
    void podSandboxUpdated(PodSandbox pod, Duration budget) {
        Completion resize = resizes.remove(pod.getId());
        if (resize != null) {
            deliberations.event("PostUpdatePodSandbox " + name(pod), budget, () -> {
                try {
                    resize.succeeded(pod.getId());
                } catch (RefusedException e) {
                    log.error(
                            "pod {}: the runtime has accepted a resize that cannot be had: {}",
                            name(pod),
                            e.refusal().text());
                }
            });
        }
    }

    private void forgetResize(String sandboxId) {
        Completion resize = resizes.remove(sandboxId);
        if (resize != null) {
            resize.failed();
        }
    }

    void podSandboxStopped(PodSandbox pod, Duration budget) {
        forgetResize(pod.getId());
        deliberations.event("StopPodSandbox " + name(pod), budget, () -> node.podSandboxStopped(pod.getId()));
    }

    void podSandboxRemoved(PodSandbox pod, Duration budget) {
        forgetResize(pod.getId());
        deliberations.event("RemovePodSandbox " + name(pod), budget, () -> node.podSandboxRemoved(pod.getId()));
    }

    void containerStopped(PodSandbox pod, Container container, Duration budget) {
        String what = "StopContainer " + name(pod) + "/" + container.getName();
        deliberations.event(what, budget, () -> node.containerStopped(container.getId()));
    }

    void containerRemoved(PodSandbox pod, Container container, Duration budget) {
        String what = "RemoveContainer " + name(pod) + "/" + container.getName();
        deliberations.event(what, budget, () -> node.containerRemoved(container.getId()));
    }

    /** The session has ended: what the runtime has not put into effect by now it never tells of. */
    void ended() {
        resizes.keySet().forEach(this::forgetResize);
    }

    // ---- Decisions

    /** What a verdict came to once it was settled. */
    private record Outcome(
            @Nullable LinuxResources resources, @Nullable TtrpcException refusal) {
        static final Outcome UNTOUCHED = new Outcome(null, null);
    }

    private interface Settling {
        Outcome settle(Verdict.Proceed proceed);
    }

    private interface TooLate {
        void settle(Verdict.Proceed proceed);
    }

    /** Null: as it is. */
    private @Nullable LinuxResources decide(
            String what, PodSandbox pod, String id, Duration budget, Supplier<Verdict> decision) throws TtrpcException {
        boolean asks = asks(pod);
        return within(what, pod, budget, decision, proceed -> succeeded(proceed, id), proceed -> {
            if (asks || proceed.resources() != null) {
                // It was refused, or runs without what was decided.
                proceed.completion().failed();
            } else {
                succeeded(proceed, id);
            }
        });
    }

    private static Outcome succeeded(Verdict.Proceed proceed, String id) {
        try {
            proceed.completion().succeeded(id);
            return new Outcome(proceed.resources(), null);
        } catch (RefusedException e) {
            return new Outcome(null, Refusals.of(e.refusal()));
        }
    }

    private @Nullable LinuxResources within(
            String what, PodSandbox pod, Duration budget, Supplier<Verdict> decision, Settling inTime, TooLate tooLate)
            throws TtrpcException {
        Outcome outcome;
        try {
            outcome = deliberations.within(
                    what,
                    budget,
                    decision,
                    verdict -> switch (verdict) {
                        case Verdict.Refuse(var refusal) -> new Outcome(null, Refusals.of(refusal));
                        case Verdict.Proceed proceed -> inTime.settle(proceed);
                    },
                    verdict -> {
                        if (verdict instanceof Verdict.Proceed proceed) {
                            tooLate.settle(proceed);
                        }
                    });
        } catch (TooLateException | IllegalStateException e) {
            if (asks(pod)) {
                log.error("{}: refused: {}", what, e.getMessage());
                throw Refusals.undecided(String.valueOf(e.getMessage()));
            }
            log.error("{}: passes, though undecided: {}", what, e.getMessage());
            return null;
        }
        if (outcome.refusal() != null) {
            log.info("{}: refused: {}", what, outcome.refusal().getMessage());
            throw outcome.refusal();
        }
        return outcome.resources();
    }

    /** Whether podslice must not let the pod run undecided. */
    private static boolean asks(PodSandbox pod) {
        return pod.getAnnotationsMap().keySet().stream().anyMatch(PodAnnotations::isOwn);
    }

    private static String name(PodSandbox pod) {
        return pod.getNamespace() + "/" + pod.getName();
    }
}
