package io.podslice.node.brain;

import io.podslice.managers.pod.LiftedQuota;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import io.podslice.node.PodPhase;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusalListener;
import io.podslice.node.RefusedException;
import io.podslice.node.Verdict;
import io.podslice.node.change.Changes;
import io.podslice.node.change.LiveLimits;
import io.podslice.node.cpuset.KubeletCpuManager;
import io.podslice.node.pods.Admission;
import io.podslice.node.pods.Containers;
import io.podslice.node.pods.LaterDescriptions;
import io.podslice.node.pods.PodAsk;
import io.podslice.node.pods.PodIntake;
import io.podslice.node.pods.SandboxLifecycle;
import io.podslice.node.resize.Accounting;
import io.podslice.node.resize.PendingResizes;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.Guard;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on sandboxes and containers as they come and go. A pod's annotations are read, and its devices looked up, before
 * the brain's lock is taken; decisions are made under it. A completion takes it again, once the runtime has answered.
 */
final class PodRequests {
    private static final Logger log = LoggerFactory.getLogger(PodRequests.class);

    private final Guard guard;
    private final PodIntake intake;
    private final Ledger ledger;
    private final KubeletCpuManager kubelet;
    private final Admission admission;
    private final SandboxLifecycle sandboxes;
    private final Containers containers;
    private final Changes changes;
    private final Accounting accounting;
    private final LiveLimits limits;
    private final PendingResizes pendingResizes;
    private final LaterDescriptions descriptions;
    private final RefusalListener refusals;
    private final NodeMeter meter;

    PodRequests(
            Guard guard,
            PodIntake intake,
            Ledger ledger,
            KubeletCpuManager kubelet,
            Admission admission,
            SandboxLifecycle sandboxes,
            Containers containers,
            Changes changes,
            Accounting accounting,
            LiveLimits limits,
            PendingResizes pendingResizes,
            LaterDescriptions descriptions,
            RefusalListener refusals,
            NodeMeter meter) {
        this.guard = guard;
        this.intake = intake;
        this.ledger = ledger;
        this.kubelet = kubelet;
        this.admission = admission;
        this.sandboxes = sandboxes;
        this.containers = containers;
        this.changes = changes;
        this.accounting = accounting;
        this.limits = limits;
        this.pendingResizes = pendingResizes;
        this.descriptions = descriptions;
        this.refusals = refusals;
        this.meter = meter;
    }

    /** Admits the pod of a sandbox that the runtime is about to run. */
    Verdict runPodSandbox(PodSandboxRequest request) {
        PodIntake.Intake read = intake.read(request);
        return told(request, guard.look(() -> new Decision(admitted(request, read), admission.isNew(request))));
    }

    /**
     * A verdict on a sandbox.
     *
     * @param ofNewPod true if the pod has never run on this node
     */
    private record Decision(Verdict verdict, boolean ofNewPod) {}

    /** Tells of a pod that was refused before it ever ran: not of one that podslice itself has failed. */
    private Verdict told(PodSandboxRequest request, Decision decision) {
        if (decision.verdict() instanceof Verdict.Refuse(Refusal refusal)
                && decision.ofNewPod()
                && refusal.kind() != Refusal.Kind.INTERNAL) {
            refusals.refused(request, refusal);
        }
        return decision.verdict();
    }

    /**
     * Makes a decision on a container under the lock. One that needs the reading of its sandbox, which runs, is made again
     * with it: the sandbox is read without the lock.
     *
     * @param decision takes the reading if there is one; returns empty if it needs one
     */
    private Verdict decide(
            PodSandboxRequest sandbox, Function<Optional<PodIntake.Intake>, Optional<Verdict>> decision) {
        return guard.look(() -> decision.apply(Optional.empty())).orElseGet(() -> {
            PodIntake.Intake read = intake.readRunning(sandbox);
            return guard.look(() -> decision.apply(Optional.of(read))).orElseThrow();
        });
    }

    private Verdict admitted(PodSandboxRequest request, PodIntake.Intake read) {
        guard.assertHeld();
        return switch (read) {
            case PodIntake.Intake.PassThrough() -> proceed(null, Completion.NONE);
            case PodIntake.Intake.Refused(Refusal refusal) -> new Verdict.Refuse(refusal);
            case PodIntake.Intake.Asks(PodAsk ask) -> admitted(request, admission.admit(request, ask));
        };
    }

    private Verdict admitted(PodSandboxRequest request, Admission.Outcome outcome) {
        return switch (outcome) {
            case Admission.Outcome.Untouched() -> proceed(null, Completion.NONE);
            case Admission.Outcome.Rejected(Refusal refusal) -> new Verdict.Refuse(refusal);
            case Admission.Outcome.Admitted in -> {
                sandboxes.expect(in);
                try {
                    if (in.before() != null) {
                        accounting.sandbox(in.pod(), request);
                    }
                } catch (RefusedException e) {
                    sandboxes.notStarted(in);
                    yield new Verdict.Refuse(e.refusal());
                }
                yield proceed(null, new SandboxCompletion(in));
            }
        };
    }

    private final class SandboxCompletion implements Completion {
        private final Admission.Outcome.Admitted admitted;

        SandboxCompletion(Admission.Outcome.Admitted admitted) {
            this.admitted = admitted;
        }

        @Override
        public void succeeded(String id) throws RefusedException {
            try {
                guard.orRefuse(() -> sandboxes.started(admitted.pod(), id));
            } catch (RefusedException e) {
                failed();
                throw e;
            }
            tellGranted();
        }

        @Override
        public void failed() {
            freed("give back", () -> sandboxes.notStarted(admitted));
        }

        private void tellGranted() {
            PodState pod = admitted.pod();
            PodState before = admitted.before();
            boolean isNews = before == null || !before.allocation().equals(pod.allocation());
            if (isNews && (pod.asks() || pod.hasCpus())) {
                meter.note(
                        new NodeIncident.Granted(pod.podName(), pod.allocation().summary()));
            }
        }
    }

    /**
     * Admits a container that the runtime is about to create. A pod whose sandbox was started without podslice is admitted
     * before.
     */
    Verdict createContainer(ContainerRequest request) {
        return decide(request.sandbox(), sandbox -> created(request, sandbox));
    }

    private Optional<Verdict> created(ContainerRequest request, Optional<PodIntake.Intake> sandbox) {
        guard.assertHeld();
        kubelet.sent(
                "container " + request.sandbox().namespace() + "/"
                        + request.sandbox().name() + "/" + request.name(),
                request.resources());
        PodState pod = podOf(request);
        if ((pod == null || pod.isFound()) && request.sandbox().asks()) {
            if (sandbox.isEmpty()) {
                return Optional.empty();
            }
            if (admitted(request.sandbox(), sandbox.get()) instanceof Verdict.Refuse refuse) {
                return Optional.of(refuse);
            }
            log.warn(
                    "pod {}/{}: its sandbox was started without podslice; taken in now",
                    request.sandbox().namespace(),
                    request.sandbox().name());
            pod = podOf(request);
        }
        if (pod == null) {
            return Optional.of(proceed(null, Completion.NONE));
        }
        if (pod.spec().isEmpty() && !pod.isFound() && intake.hasSources()) {
            if (sandbox.isEmpty()) {
                return Optional.empty();
            }
            pod = sandbox.get() instanceof PodIntake.Intake.Asks(PodAsk ask) ? descriptions.firstOf(pod, ask) : pod;
        }
        if (pod.phase().awaitsSandbox()) {
            sandboxes.started(pod, request.sandboxId());
            pod = ledger.state().pod(pod.uid()).orElse(pod);
        }
        return Optional.of(admitContainer(pod, request));
    }

    /**
     * Returns the pod of the request's sandbox; else the pod of its uid if the state has no sandbox for it yet, for its
     * RunPodSandbox may just have been answered; else null.
     */
    private @Nullable PodState podOf(ContainerRequest request) {
        PodState pod = ledger.state().ofSandbox(request.sandboxId()).orElse(null);
        if (pod != null) {
            return pod;
        }
        pod = ledger.state().pod(request.sandbox().uid()).orElse(null);
        return pod != null && pod.sandboxId().isEmpty() && pod.phase() != PodPhase.STOPPED ? pod : null;
    }

    private Verdict admitContainer(PodState pod, ContainerRequest request) {
        Containers.AdmittedContainer admitted;
        try {
            admitted = containers.admit(accounting.container(pod, request), request);
        } catch (RefusedException e) {
            return new Verdict.Refuse(e.refusal());
        }
        LinuxResources resources = admitted.resources();
        return proceed(
                resources.equals(request.resources()) ? null : resources,
                new ContainerCompletion(pod.uid(), admitted.serial(), true));
    }

    /** A container that this door has let in, or that another door has: then it is that door's to give back. */
    private final class ContainerCompletion implements Completion {
        private final String uid;
        private final long serial;
        private final boolean admitted;

        ContainerCompletion(String uid, long serial, boolean admitted) {
            this.uid = uid;
            this.serial = serial;
            this.admitted = admitted;
        }

        @Override
        public void succeeded(String id) {
            guard.quietly("container created", () -> containers.identified(uid, serial, id));
        }

        @Override
        public void failed() {
            if (admitted) {
                freed("container not created", () -> containers.abandoned(uid, serial));
            }
        }
    }

    /** Confirms a sandbox that runs; admits its pod if no door has. */
    Verdict confirmPodSandbox(String sandboxId, PodSandboxRequest request) {
        return guard.look(() -> confirmed(sandboxId, request)).orElseGet(() -> {
            PodIntake.Intake read = intake.read(request);
            return told(
                    request,
                    guard.look(() -> confirmed(sandboxId, request)
                            .map(verdict -> new Decision(verdict, false))
                            .orElseGet(() -> new Decision(admitted(request, read), admission.isNew(request)))));
        });
    }

    /** Confirms a sandbox of a pod that a door has admitted; empty if none has. */
    private Optional<Verdict> confirmed(String sandboxId, PodSandboxRequest request) {
        guard.assertHeld();
        PodState pod = ledger.state().pod(request.uid()).orElse(null);
        boolean same = pod != null && pod.fullName().equals(request.namespace() + "/" + request.name());
        if (pod != null && same && sandboxes.hasEnded(pod, sandboxId)) {
            return Optional.of(proceed(null, Completion.NONE));
        }
        if (pod == null || !isThat(pod, sandboxId, request)) {
            return Optional.empty();
        }
        if (pod.phase() != PodPhase.STARTING && pod.sandboxId().isEmpty()) {
            // The runtime's answer did not reach the state before podslice was restarted.
            NodeState next = ledger.state().with(pod.withPhase(PodPhase.RUNNING, sandboxId, pod.since()));
            changes.enforceAnyway(next, "sandbox of " + pod.fullName());
        }
        return Optional.of(proceed(null, Completion.NONE));
    }

    /** Tells if the pod is the request's, in that sandbox or still without one. */
    private static boolean isThat(PodState pod, String sandboxId, PodSandboxRequest request) {
        boolean sandbox = pod.sandboxId().equals(sandboxId) || (pod.sandboxId().isEmpty() && !pod.isFound());
        return sandbox
                && pod.phase() != PodPhase.STOPPED
                && pod.name().equals(request.name())
                && pod.namespace().equals(request.namespace())
                && pod.annotations().equals(PodIntake.own(request.annotations()));
    }

    /**
     * Returns the resources of a container that another door has admitted; admits it if none has.
     *
     * @param runs true if it is made already: then its memory limit is not lowered
     */
    Verdict confirmContainer(String containerId, ContainerRequest request, boolean runs) {
        return decide(
                request.sandbox(),
                sandbox -> confirmed(containerId, request)
                        .or(() -> created(request, sandbox))
                        .map(verdict -> runs ? kept(containerId, request, verdict) : verdict));
    }

    /** Leaves out of a verdict on a running container what would lower its memory limit. */
    private Verdict kept(String containerId, ContainerRequest request, Verdict verdict) {
        PodState pod = podOf(request);
        if (pod == null || !(verdict instanceof Verdict.Proceed proceed) || proceed.resources() == null) {
            return verdict;
        }
        LinuxResources kept = limits.kept(
                        pod.fullName() + "/" + request.name(),
                        pod.cgroupOf(containerId),
                        request.resources(),
                        proceed.resources())
                .orElse(null);
        return proceed(request.resources().equals(kept) ? null : kept, proceed.completion());
    }

    /** Confirms a container that a door has admitted; empty if none has. */
    private Optional<Verdict> confirmed(String containerId, ContainerRequest request) {
        guard.assertHeld();
        PodState pod = podOf(request);
        ContainerState known = pod == null || pod.isFound() ? null : containerOf(pod, containerId, request.name());
        if (pod == null || known == null) {
            return Optional.empty();
        }
        LinuxResources decided =
                LiftedQuota.asTold(containers.updated(pod, known, request.resources()), request.resources());
        return Optional.of(proceed(
                decided.equals(request.resources()) ? null : decided,
                known.id().isEmpty() ? new ContainerCompletion(pod.uid(), known.serial(), false) : Completion.NONE));
    }

    /**
     * Returns the container of that id, or else the one of that name whose id is not known yet; null if there is none.
     */
    private static @Nullable ContainerState containerOf(PodState pod, String id, String name) {
        return pod.container(id)
                .orElseGet(() -> pod.containers().stream()
                        .filter(container ->
                                container.id().isEmpty() && container.name().equals(name))
                        .findFirst()
                        .orElse(null));
    }

    /** Takes note of the end of a sandbox or container. Takes the lock itself. */
    void happened(NodeEvent event) {
        switch (event) {
            case NodeEvent.SandboxStopped(String id) -> freed("sandbox stopped", () -> sandboxes.stopped(id));
            case NodeEvent.SandboxRemoved(String id) -> freed("sandbox removed", () -> sandboxes.removed(id));
            case NodeEvent.ContainerStarted(String id) ->
                guard.quietly("container started", () -> containers.started(id));
            case NodeEvent.ContainerStopped(String id) -> freed("container stopped", () -> containers.ended(id));
            case NodeEvent.ContainerRemoved(String id) -> freed("container removed", () -> containers.ended(id));
        }
    }

    /** Does work that no caller waits for and that frees resources, and then retries the pending resizes. */
    private void freed(String occasion, Runnable action) {
        guard.quietly(occasion, action);
        guard.quietly("retry resizes", pendingResizes::retry);
    }

    private static Verdict proceed(@Nullable LinuxResources resources, Completion completion) {
        return new Verdict.Proceed(resources, completion);
    }
}
