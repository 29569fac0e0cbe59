package io.podslice.node.brain;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.node.Bounds;
import io.podslice.node.DeviceLocality;
import io.podslice.node.KnownPod;
import io.podslice.node.MachineSource;
import io.podslice.node.ManagedNode;
import io.podslice.node.NodeAllocations;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeMetrics;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeSources;
import io.podslice.node.NodeView;
import io.podslice.node.PlanListener;
import io.podslice.node.PodActual;
import io.podslice.node.PodExplanation;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.RevisedView;
import io.podslice.node.RuntimeContents;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.SourceHealth;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.Verdict;
import io.podslice.node.change.BudgetDrift;
import io.podslice.node.change.Changes;
import io.podslice.node.change.LiveLimits;
import io.podslice.node.cpuset.Enforcer;
import io.podslice.node.cpuset.KubeletCpuManager;
import io.podslice.node.cpuset.Partitioning;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.memory.MemoryEnforcer;
import io.podslice.node.pods.Admission;
import io.podslice.node.pods.AllocationMeter;
import io.podslice.node.pods.BoundsCheck;
import io.podslice.node.pods.Containers;
import io.podslice.node.pods.LaterDescriptions;
import io.podslice.node.pods.LostPods;
import io.podslice.node.pods.Placements;
import io.podslice.node.pods.PodAsk;
import io.podslice.node.pods.PodIntake;
import io.podslice.node.pods.PodNotes;
import io.podslice.node.pods.SandboxLifecycle;
import io.podslice.node.resize.Accounting;
import io.podslice.node.resize.CreatedContainers;
import io.podslice.node.resize.CriResizes;
import io.podslice.node.resize.GoneCpus;
import io.podslice.node.resize.IdleCgroups;
import io.podslice.node.resize.MemoryReclaim;
import io.podslice.node.resize.MemoryReclaims;
import io.podslice.node.resize.NodeFit;
import io.podslice.node.resize.PendingResizes;
import io.podslice.node.resize.ResizeRequests;
import io.podslice.node.resize.Resizes;
import io.podslice.node.resize.RuntimeNotifications;
import io.podslice.node.state.Description;
import io.podslice.node.state.Extent;
import io.podslice.node.state.Guard;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import io.podslice.node.state.Revisions;
import io.podslice.node.sync.FoundPods;
import io.podslice.node.sync.RuntimeDifference;
import io.podslice.node.sync.SandboxReading;
import io.podslice.node.sync.Synchronization;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The brain: every event of a pod's life is decided, planned, applied to the cgroups and saved here, under one lock. A
 * pod that asks nothing of podslice is let through whatever goes wrong.
 */
public final class NodeBrain implements Brain, ManagedNode {
    private static final Logger log = LoggerFactory.getLogger(NodeBrain.class);

    /** The default of the time that a resize waits at most for memory to be reclaimed. */
    public static final Duration MEMORY_WAIT = MemoryReclaim.DEFAULT_WAIT;

    private final Guard guard = new Guard();
    private final NodeConfig config;
    private final PresentMachine machine;
    private final CgroupFiles files;
    private final Revisions revisions;
    private final Ledger ledger;
    private final Enforcer enforcer;
    private final Partitioning partitioning;
    private final BudgetDrift budgets;
    private final MemoryEnforcer memory;
    private final Changes changes;
    private final LostPods lostPods;
    private final BoundsCheck bounds;
    private final DeviceLocality devices;
    private final PodRequests pods;
    private final Placements placements;
    private final NodeSources sources;
    private final PodIntake intake;
    private final PodNotes notes = new PodNotes();
    private final LaterDescriptions descriptions;
    private final Synchronization synchronization;
    private final MemoryReclaims reclaims;
    private final RuntimeNotifications notifications;
    private final GoneCpus gone;
    private final PendingResizes pendingResizes;
    private final CriResizes criResizes;
    private final ResizeRequests requests;

    /**
     * Loads the saved state, and brings the cgroups to it; there is no runtime to be told of resizes.
     *
     * @param placer decides on the placement of pods
     * @param devices finds the NUMA nodes of devices that pods name
     * @param listener hears of each plan that was written to the cgroups
     */
    public NodeBrain(
            NodeConfig config,
            Machine machine,
            CgroupFiles files,
            PodPlacer placer,
            DeviceLocality devices,
            StateFolder state,
            Clock clock,
            PlanListener listener) {
        this(
                config,
                machine,
                MachineSource.unchanging(machine),
                files,
                placer,
                devices,
                state,
                clock,
                listener,
                RuntimeUpdates.NONE,
                MemoryReclaim.DEFAULT_WAIT,
                NodeMeter.NONE);
    }

    /**
     * Loads the saved state, and brings the cgroups to it; the runtime is told of resizes, and CPUs are followed that come
     * and go.
     *
     * @param source tells which CPUs there are at the moment
     * @param runtime takes the resources that containers have been given without it
     * @param memoryWait the time that a resize waits at most for memory to be reclaimed
     * @param meter counts allocations, resizes and repairs
     */
    public NodeBrain(
            NodeConfig config,
            Machine machine,
            MachineSource source,
            CgroupFiles files,
            PodPlacer placer,
            DeviceLocality devices,
            StateFolder state,
            Clock clock,
            PlanListener listener,
            RuntimeUpdates runtime,
            Duration memoryWait,
            NodeMeter meter) {
        this(
                config,
                machine,
                source,
                files,
                placer,
                devices,
                NodeSources.NONE,
                state,
                clock,
                listener,
                runtime,
                memoryWait,
                meter);
    }

    /**
     * Loads the saved state, and brings the cgroups to it; pods are looked up in the cluster's sources.
     *
     * @param sources the ways to what the cluster knows of pods
     */
    public NodeBrain(
            NodeConfig config,
            Machine machine,
            MachineSource source,
            CgroupFiles files,
            PodPlacer placer,
            DeviceLocality devices,
            NodeSources sources,
            StateFolder state,
            Clock clock,
            PlanListener listener,
            RuntimeUpdates runtime,
            Duration memoryWait,
            NodeMeter meter) {
        this.config = config;
        this.files = files;
        this.revisions = new Revisions(clock.millis());
        this.ledger = new Ledger(guard, state.store(), revisions);
        this.machine = new PresentMachine(ledger, machine, placer, source, files, config);
        KubeletCpuManager kubelet = new KubeletCpuManager(guard);
        this.enforcer = new Enforcer(guard, files, this.machine, config, kubelet);
        this.budgets = new BudgetDrift(guard, files);
        this.memory = new MemoryEnforcer(guard, files, config.kubepods(), memoryQos(config, files), ledger.state());
        this.partitioning = new Partitioning(guard, files, this.machine, config);
        this.changes = new Changes(files, this.machine, ledger, enforcer, partitioning, memory, listener, meter);
        this.lostPods = new LostPods(files, clock, config.lostAfter(), ledger, changes);
        AllocationMeter allocations = new AllocationMeter(meter);
        this.placements = new Placements(config.policy(), this.machine, ledger, lostPods, allocations);
        this.sources = sources;
        this.devices = devices;
        this.intake = new PodIntake(config, devices, sources);
        this.bounds = new BoundsCheck(config.bounds(), this.machine, memory.qos());
        Admission admission = new Admission(
                config, machine, files, clock, placements, bounds, memory.qos(), notes, ledger, lostPods, changes);
        this.descriptions = new LaterDescriptions(ledger, placements, bounds, notes, changes);
        SandboxLifecycle sandboxes = new SandboxLifecycle(files, clock, ledger, changes);
        Containers containers = new Containers(
                config, machine, this.machine, ledger, enforcer, partitioning, memory, changes, allocations, bounds);
        this.synchronization = new Synchronization(
                config, files, clock, intake, placements, ledger, lostPods, admission, sandboxes, containers, changes);
        Resizes resizes = new Resizes(
                config,
                this.machine,
                new NodeFit(this.machine, config.policy()),
                new IdleCgroups(files),
                ledger,
                changes,
                meter,
                allocations,
                bounds);
        MemoryReclaim reclaim = new MemoryReclaim(files, memoryWait);
        this.reclaims = new MemoryReclaims(clock, ledger, changes, reclaim);
        this.notifications = new RuntimeNotifications(guard, config, files, ledger, changes, containers, runtime);
        this.gone = new GoneCpus(clock, ledger, changes, this.machine, notifications, allocations);
        this.pendingResizes = new PendingResizes(clock, ledger, changes, resizes, reclaims, notifications, meter);
        this.pods = new PodRequests(
                guard,
                intake,
                ledger,
                kubelet,
                admission,
                sandboxes,
                containers,
                changes,
                new Accounting(config, ledger, resizes),
                new LiveLimits(files),
                pendingResizes,
                descriptions,
                sources.refusals(),
                meter);
        CreatedContainers created =
                new CreatedContainers(guard, clock, files, ledger, changes, containers, notifications, runtime);
        this.criResizes =
                new CriResizes(guard, ledger, changes, containers, created, resizes, reclaims, reclaim, pendingResizes);
        this.requests =
                new ResizeRequests(guard, clock, ledger, resizes, reclaims, reclaim, pendingResizes, notifications);
        Resumption resumption = new Resumption(files, clock, ledger, changes, enforcer, partitioning, reclaims);
        guard.quietly("resume", () -> resumption.resume(this::tidy, memory.qos(), new FoundPods(files, config, clock)));
        guard.quietly("follow CPUs", gone::follow);
    }

    private static MemoryQos memoryQos(NodeConfig config, CgroupFiles files) {
        MemoryQos configured = config.memoryQos();
        boolean hasEffect = configured.isOff()
                || files.read(CgroupPath.ROOT, CgroupFile.CONTROLLERS).contains("memory");
        if (hasEffect) {
            return configured;
        }
        log.warn("the cgroup tree has no memory controller: memoryReservationPolicy and memoryThrottlingFactor"
                + " have no effect");
        return MemoryQos.OFF;
    }

    /**
     * Gives the cgroups of all pods back to kubelet and runtime, by one change: no CPU set, partition, restriction to memory nodes or
     * memory protection of podslice's is left, and lifted quotas are the kubelet's again. No pod is managed afterwards. For a node that podslice leaves:
     * a brain that goes on would take the pods in again.
     *
     * @return the steps that changed something, a line each, in order
     * @throws io.podslice.cgroups.CgroupException if the kernel refuses a write; nothing has changed
     * @throws io.podslice.node.StateException if the change cannot be saved; nothing has changed
     */
    public List<String> release() {
        return guard.look(() -> {
            Plan values = Release.values(ledger.state(), config.cfs());
            return changes
                    .enforceOrThrow(
                            NodeState.EMPTY,
                            List.of(),
                            change -> values.then(change.shrinks()).then(change.widens()),
                            null,
                            "release all pods")
                    .stream()
                    .map(AppliedStep::describe)
                    .toList();
        });
    }

    /** Saves the state; logs a failure, so that a disk that cannot be written keeps no other work from being done. */
    private void tidy() {
        guard.quietly("save the state", ledger::tidy);
    }

    @Override
    public Verdict decide(NodeRequest request) {
        return switch (request) {
            case NodeRequest.RunPodSandbox(var sandbox) -> pods.runPodSandbox(sandbox);
            case NodeRequest.CreateContainer(var container) -> pods.createContainer(container);
            case NodeRequest.ConfirmPodSandbox(var id, var sandbox, var running) -> {
                takeIn(new RuntimeContents.Sandbox(id, sandbox, true, 0), running);
                yield pods.confirmPodSandbox(id, sandbox);
            }
            case NodeRequest.ConfirmContainer(var id, var container, var runs) ->
                pods.confirmContainer(id, container, runs);
            case NodeRequest.UpdateContainer(var id, var annotations, var resources, var door) ->
                criResizes.updateContainer(id, resources, door);
            case NodeRequest.UpdatePodSandbox(var id, var annotations, var overhead, var resources, var door) ->
                criResizes.updatePod(id, overhead, resources, door);
        };
    }

    /** Takes a pod in that runs and that the state does not have: it keeps the CPUs and limits that it runs with. */
    private void takeIn(RuntimeContents.Sandbox sandbox, List<RuntimeContents.Container> running) {
        boolean known = ledger.state()
                .pod(sandbox.pod().uid())
                .filter(pod -> !pod.isFound())
                .isPresent();
        if (running.isEmpty() || known) {
            return;
        }
        SandboxReading reading = synchronization.read(sandbox);
        RuntimeContents contents = new RuntimeContents(List.of(sandbox), running);
        told(guard.look(() -> synchronization.takeIn(sandbox, reading, contents)));
    }

    private static SynchronizeReport told(SynchronizeReport report) {
        if (!report.entries().isEmpty()) {
            log.info("synchronized with the runtime: {}", report.text());
        }
        return report;
    }

    @Override
    public boolean asks(NodeRequest request) {
        if (request.asks()) {
            return true;
        }
        NodeState state = ledger.state();
        Optional<PodState> known = switch (request) {
            case NodeRequest.RunPodSandbox run -> Optional.empty();
            case NodeRequest.ConfirmPodSandbox confirm -> state.ofSandbox(confirm.sandboxId());
            case NodeRequest.CreateContainer create ->
                state.ofSandbox(create.container().sandboxId());
            case NodeRequest.ConfirmContainer confirm ->
                state.ofSandbox(confirm.container().sandboxId());
            case NodeRequest.UpdateContainer update -> state.ofContainer(update.containerId());
            case NodeRequest.UpdatePodSandbox update -> state.ofSandbox(update.sandboxId());
        };
        return known.isPresent() && (known.get().asks() || isResizeOfPinned(request, known.get()));
    }

    /**
     * Tells if the request resizes a pod to which podslice has given CPUs, though it asks for nothing: passed
     * undecided, its budget and its CPUs would differ, and the kubelet repeats what is refused.
     */
    private static boolean isResizeOfPinned(NodeRequest request, PodState pod) {
        return pod.hasCpus()
                && (request instanceof NodeRequest.UpdateContainer || request instanceof NodeRequest.UpdatePodSandbox);
    }

    @Override
    public void happened(NodeEvent event) {
        pods.happened(event);
    }

    /**
     * Gives a running pod other resources, all of them or none; a resize that does not fit now is kept and tried again
     * when resources become free.
     */
    @Override
    public ResizeAnswer resize(ResizeRequest request) {
        return requests.resize(request);
    }

    @Override
    public SynchronizeReport synchronize(RuntimeContents.Source runtime) throws IOException {
        NodeState before = guard.look(ledger::state);
        RuntimeContents contents = runtime.ask(RuntimeDifference.idsIn(before));
        Map<String, SandboxReading> unknown = synchronization.read(before, contents);
        return told(guard.look(() -> synchronization.run(before, contents, unknown)));
    }

    /**
     * Follows CPUs that come and go, takes back the resources of lost pods, repairs values that other programs
     * have overwritten, and retries pending resizes. Must be called about every 10 s, the period at which the kubelet's CPU
     * manager reconciles.
     */
    public void sweep() {
        sweep(Extent.SOME);
    }

    /**
     * Sweeps all pods and cgroups at once: after an event that may have changed values everywhere, such as a reload of
     * systemd's units.
     */
    public void recheck() {
        sweep(Extent.ALL);
    }

    private void sweep(Extent extent) {
        guard.quietly("follow CPUs", gone::follow);
        guard.quietly("sweep", () -> {
            lostPods.releaseSome();
            partitioning.beginSweep();
            enforcer.findRestricted(ledger.state(), extent);
            memory.inspect(ledger.state(), extent);
            changes.repair(budgets.repairs(ledger.state(), extent), extent);
        });
        guard.quietly("retry resizes", pendingResizes::retry);
        tidy();
        notifications.tell();
    }

    /** Returns the node as it is now. */
    public NodeView snapshot() {
        return guard.look(() ->
                NodeViews.of(machine, config, ledger.state(), memory.ofNode(ledger.state()), notes, partitioning));
    }

    /**
     * Explains which NUMA nodes the topology manager would consider for a pod that came now, and why each set lost, with
     * what the sources say of the pod and the devices that it has. Changes nothing. Without hints for a pod that asks
     * nothing, or whose annotations cannot be read.
     */
    public PodExplanation explain(PodSandboxRequest request) {
        return intake.read(request) instanceof PodIntake.Intake.Asks(PodAsk ask)
                ? new PodExplanation(
                        ask.note().origin(ask.description()), guard.look(() -> placements.explain(request.uid(), ask)))
                : new PodExplanation(PodNotes.Note.NONE.origin(Description.CRI), List.of());
    }

    /**
     * Takes note of a pod as a source of the cluster describes it, be it new or changed: a later generation of a pod of the
     * state brings memory requests and resize policies, which CRI never carries. May be called from any thread; most
     * calls change nothing, and take no lock.
     */
    public void described(KnownPod pod) {
        if (descriptions.concerns(pod)) {
            guard.quietly("description of " + pod.namespace() + "/" + pod.name(), () -> descriptions.changed(pod));
        }
    }

    @Override
    public List<SourceHealth> sources() {
        return sources.specs().health();
    }

    @Override
    public RevisedView revisedSnapshot() {
        return guard.look(() -> new RevisedView(
                revisions.current(),
                NodeViews.of(machine, config, ledger.state(), memory.ofNode(ledger.state()), notes, partitioning)));
    }

    @Override
    public NodeAllocations allocations() {
        return guard.look(() -> NodeViews.allocations(machine, config, ledger.state()));
    }

    @Override
    public Machine machine() {
        return guard.look(machine::machine);
    }

    @Override
    public PodActual actual(NodeView.PodView pod) {
        return ActualReader.pod(files, pod);
    }

    @Override
    public long awaitOtherRevision(long revision, Duration atMost) throws InterruptedException {
        return revisions.awaitOther(revision, atMost);
    }

    @Override
    public NodeMetrics metrics() {
        return guard.look(() -> NodeMetrics.of(snapshot(), NodeViews.assignments(ledger.state())));
    }

    /**
     * Returns a copy of this node, to try on it what a pod would get. May be called from any thread; the copy is made without
     * the lock, for it reads many cgroups.
     */
    public Rehearsal rehearse() {
        NodeConfig now = config.withBounds(guard.look(bounds::inForce));
        return Rehearsal.of(now, machine(), files, devices, ledger.state());
    }

    /** Holds pods to other bounds from now on, where they are admitted and where they grow. */
    public void bound(Bounds others) {
        guard.quietly("bound", () -> bounds.become(others));
    }
}
