package io.podslice.node.sync;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.LiftedQuota;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeConfig;
import io.podslice.node.PodPhase;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.RuntimeContents;
import io.podslice.node.StateException;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.SynchronizeReport.Entry;
import io.podslice.node.SynchronizeReport.Kind;
import io.podslice.node.change.Changes;
import io.podslice.node.change.MemoryInUse;
import io.podslice.node.change.PodCgroup;
import io.podslice.node.cpuset.CpusetReader;
import io.podslice.node.pods.Admission;
import io.podslice.node.pods.Containers;
import io.podslice.node.pods.LostPods;
import io.podslice.node.pods.Placements;
import io.podslice.node.pods.PodAsk;
import io.podslice.node.pods.PodIntake;
import io.podslice.node.pods.SandboxLifecycle;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reconciles the state with the runtime's contents, after podslice or the runtime was away. A failure at one pod does
 * not keep the others from being dealt with.
 */
public final class Synchronization {
    private final CgroupFiles files;
    private final MemoryInUse inUse;
    private final CpusetReader reader;
    private final Clock clock;
    private final SandboxReader sandboxReader;
    private final RunningValues running;
    private final Placements placements;
    private final Ledger ledger;
    private final LostPods lostPods;
    private final Admission admission;
    private final SandboxLifecycle sandboxes;
    private final Containers containers;
    private final Changes changes;

    public Synchronization(
            NodeConfig config,
            CgroupFiles files,
            Clock clock,
            PodIntake intake,
            Placements placements,
            Ledger ledger,
            LostPods lostPods,
            Admission admission,
            SandboxLifecycle sandboxes,
            Containers containers,
            Changes changes) {
        this.files = files;
        this.inUse = new MemoryInUse(files);
        this.reader = new CpusetReader(files, config.kubepods());
        this.clock = clock;
        this.sandboxReader = new SandboxReader(config.layout(), files, intake);
        this.running = new RunningValues(files, config.cfs());
        this.placements = placements;
        this.ledger = ledger;
        this.lostPods = lostPods;
        this.admission = admission;
        this.sandboxes = sandboxes;
        this.containers = containers;
        this.changes = changes;
    }

    /**
     * Reads the sandboxes that the state lacks, by id; needs no lock.
     *
     * @param before the state when the runtime was asked
     */
    public Map<String, SandboxReading> read(NodeState before, RuntimeContents contents) {
        Map<String, SandboxReading> readings = new HashMap<>();
        for (RuntimeDifference difference : RuntimeDifference.between(before, before, contents)) {
            if (difference instanceof RuntimeDifference.Unknown(RuntimeContents.Sandbox sandbox)) {
                readings.put(sandbox.id(), sandboxReader.read(sandbox));
            }
        }
        return readings;
    }

    /**
     * Deals with every difference, and returns the findings.
     *
     * @param before the state when the runtime was asked
     * @param unknown the sandboxes that the state lacked then, by id
     */
    public SynchronizeReport run(NodeState before, RuntimeContents contents, Map<String, SandboxReading> unknown) {
        ledger.assertHeld();
        return new Run(contents, unknown).all(before);
    }

    /**
     * Takes a sandbox in that runs with containers, unless the state has its pod.
     *
     * @param reading the sandbox as it was read without the lock
     * @param contents the sandbox and its containers alone
     */
    public SynchronizeReport takeIn(RuntimeContents.Sandbox sandbox, SandboxReading reading, RuntimeContents contents) {
        ledger.assertHeld();
        return new Run(contents, Map.of(sandbox.id(), reading)).one(sandbox);
    }

    /** Reads a sandbox; needs no lock. */
    public SandboxReading read(RuntimeContents.Sandbox sandbox) {
        return sandboxReader.read(sandbox);
    }

    /** One reconciliation. */
    private final class Run {
        private final RuntimeContents contents;
        private final Map<String, SandboxReading> unknown;
        private final List<Entry> entries = new ArrayList<>();
        /** Writes of limits and memory nodes for containers that were created without podslice. */
        private final List<Step> limits = new ArrayList<>();

        /** The node shared pool that was in force at the beginning. */
        private final CpuSet pool = reader.pool();

        private boolean appeared;

        Run(RuntimeContents contents, Map<String, SandboxReading> unknown) {
            this.contents = contents;
            this.unknown = unknown;
        }

        SynchronizeReport all(NodeState before) {
            Set<String> ended = new HashSet<>();
            for (RuntimeContents.Sandbox sandbox : contents.sandboxes()) {
                if (!sandbox.ready()) {
                    ended.add(sandbox.pod().uid());
                }
            }
            admission.ranBefore(ended);
            for (RuntimeDifference difference : RuntimeDifference.between(before, ledger.state(), contents)) {
                attempt(nameOf(difference), () -> dealWith(difference));
            }
            if (appeared) {
                // A container has a desired cpuset as soon as its id is known.
                attempt("containers", this::pin);
            }
            return new SynchronizeReport(entries);
        }

        SynchronizeReport one(RuntimeContents.Sandbox sandbox) {
            PodState known = ledger.state().pod(sandbox.pod().uid()).orElse(null);
            if (known == null || known.isFound()) {
                attempt(nameOf(sandbox), () -> takeIn(sandbox));
            }
            if (appeared) {
                attempt("containers", this::pin);
            }
            return new SynchronizeReport(entries);
        }

        private void attempt(String subject, Runnable action) {
            try {
                action.run();
            } catch (CgroupException | StateException e) {
                add(Kind.LEFT_ALONE, subject, String.valueOf(e.getMessage()));
            }
        }

        private void add(Kind kind, String subject, String detail) {
            entries.add(new Entry(kind, subject, detail));
        }

        private void dealWith(RuntimeDifference difference) {
            switch (difference) {
                case RuntimeDifference.Gone(PodState pod) -> gone(pod);
                case RuntimeDifference.Ended(PodState pod) -> ended(pod);
                case RuntimeDifference.NewSandbox(PodState pod, String id) -> newSandbox(pod, id);
                case RuntimeDifference.Unknown(RuntimeContents.Sandbox sandbox) -> takeIn(sandbox);
                case RuntimeDifference.Vanished(String uid, ContainerState container) -> {
                    containers.ended(container.id());
                    add(Kind.DROPPED, name(uid) + "/" + container.name(), "it ended");
                }
                case RuntimeDifference.Appeared(String uid, RuntimeContents.Container container) -> {
                    if (appeared(uid, container)) {
                        add(Kind.REPAIRED, name(uid) + "/" + container.name(), "it came without podslice");
                    }
                }
                case RuntimeDifference.Open(PodState pod, String why) -> add(Kind.LEFT_ALONE, pod.fullName(), why);
            }
        }

        private void gone(PodState pod) {
            if (stillRuns(pod)) {
                return;
            }
            if (pod.madeCgroup()) {
                changes.removeCgroup(pod);
            }
            changes.enforceAnyway(ledger.state().without(pod.uid()), "drop " + pod.fullName());
            add(Kind.DROPPED, pod.fullName(), "the runtime does not have it any more" + givenBack(pod));
        }

        private void ended(PodState pod) {
            if (stillRuns(pod)) {
                return;
            }
            sandboxes.stopped(pod.sandboxId());
            add(Kind.DROPPED, pod.fullName(), "its sandbox does not run any more" + givenBack(pod));
        }

        /** Tells if processes of the pod still run; its CPUs must go to no other pod before those have ended. */
        private boolean stillRuns(PodState pod) {
            boolean runs = pod.phase() != PodPhase.STOPPED && !lostPods.isEmpty(pod.cgroup());
            if (runs) {
                String why = "the runtime does not say that it runs, but there are processes in " + pod.cgroup();
                add(Kind.LEFT_ALONE, pod.fullName(), why);
            }
            return runs;
        }

        private void newSandbox(PodState pod, String sandboxId) {
            NodeState next = ledger.state().with(pod.withPhase(PodPhase.RUNNING, sandboxId, clock.instant()));
            changes.enforceAnyway(next, "new sandbox of " + pod.fullName());
            add(Kind.REPAIRED, pod.fullName(), "its sandbox is " + sandboxId);
        }

        private void takeIn(RuntimeContents.Sandbox sandbox) {
            SandboxReading reading = unknown.get(sandbox.id());
            if (reading == null) {
                add(Kind.LEFT_ALONE, nameOf(sandbox), "it came while the runtime was asked");
                return;
            }
            PodSandboxRequest pod = reading.pod();
            String name = nameOf(sandbox);
            switch (reading.intake()) {
                case PodIntake.Intake.PassThrough() -> {
                    // The pod asks nothing.
                }
                case PodIntake.Intake.Refused(Refusal refusal) -> add(Kind.LEFT_ALONE, name, refusal.text());
                case PodIntake.Intake.Asks(PodAsk ask) ->
                    takeIn(sandbox.id(), pod, running.of(ask, contents.liveIn(sandbox.id())), name);
            }
        }

        private void takeIn(String sandboxId, PodSandboxRequest pod, PodAsk ask, String name) {
            CgroupPath sandbox = CgroupLayout.containerOf(ask.cgroup(), sandboxId);
            if (!files.exists(sandbox)) {
                if (ask.asks()) {
                    add(Kind.LEFT_ALONE, name, "its sandbox has no cgroup " + sandbox);
                }
                return;
            }
            PodPlacement found = found(sandboxId, pod, ask);
            boolean wasDescribed = ledger.state()
                    .pod(pod.uid())
                    .map(known -> known.description().isCluster())
                    .orElse(false);
            if (!ask.asks() && found == null && !wasDescribed) {
                if (ask.inferred()) {
                    return; // an inferred pod without CPUs of its own has been promised nothing
                }
                found = PodPlacement.none(ask.spec()); // nor has a described one, which shares as it does now
            }
            switch (admission.takeIn(pod, ask, found, sandboxId)) {
                case Admission.Outcome.Untouched() -> {
                    // The pod asks nothing.
                }
                case Admission.Outcome.Rejected(Refusal refusal) ->
                    add(Kind.LEFT_ALONE, name, "it shares the node's pool: " + refusal.text());
                case Admission.Outcome.Admitted(PodState admitted, PodState before, var steps) -> {
                    boolean stays = found != null
                            && found.cpus().equals(admitted.placement().cpus());
                    add(Kind.TAKEN_IN, name, has(admitted) + (stays ? ", which it had" : ""));
                    for (RuntimeContents.Container container : contents.liveIn(sandboxId)) {
                        attempt(name + "/" + container.name(), () -> appeared(admitted.uid(), container));
                    }
                }
            }
        }

        /** Returns the placement that the pod's cgroups show; null if they show none. */
        private @Nullable PodPlacement found(String sandboxId, PodSandboxRequest pod, PodAsk ask) {
            Map<String, CpuSet> kept = new LinkedHashMap<>();
            for (RuntimeContents.Container container : contents.liveIn(sandboxId)) {
                kept.put(container.name(), reader.own(CgroupLayout.containerOf(ask.cgroup(), container.id())));
            }
            if (!ask.asks() && pool.isEmpty()) {
                return null; // podslice restricts no pod here: another program pins containers
            }
            CpuSet taken = pool;
            for (PodState other : ledger.state().pods()) {
                if (!other.uid().equals(pod.uid()) && !other.cgroup().equals(ask.cgroup())) {
                    taken = taken.union(other.placement().cpus());
                }
            }
            return new FoundPlacement(reader.own(CgroupLayout.containerOf(ask.cgroup(), sandboxId)), kept, taken)
                    .of(ask, placements.setSize(ask));
        }

        /** Adds a container to the state, and tells if it was missing there. */
        private boolean appeared(String uid, RuntimeContents.Container container) {
            PodState pod = ledger.state().pod(uid).orElse(null);
            if (pod == null) {
                return false;
            }
            appeared = true;
            for (ContainerState known : pod.containers()) {
                if (known.id().isEmpty() && known.name().equals(container.name())) {
                    containers.identified(uid, known.serial(), container.id());
                    return true;
                }
            }
            ContainerRequest request = new ContainerRequest(
                    container.sandboxId(), NOT_TOLD, container.name(), 0, Map.of(), Map.of(), container.resources());
            try {
                Containers.AdmittedContainer admitted = containers.takeIn(pod, request);
                containers.identified(uid, admitted.serial(), container.id());
                limits(pod.cgroupOf(container.id()), container.resources(), admitted.resources());
            } catch (RefusedException e) {
                add(
                        Kind.LEFT_ALONE,
                        pod.fullName() + "/" + container.name(),
                        e.refusal().text());
                return false;
            }
            return true;
        }

        /** Collects the writes that give a container the values that the runtime would have been sent. */
        private void limits(CgroupPath path, LinuxResources has, LinuxResources shall) {
            long quota = LiftedQuota.quotaInForce(shall);
            if (LiftedQuota.quotaInForce(has) != quota) {
                String value = PodCgroup.cpuMax(quota, shall.cpuPeriodMicros());
                limits.add(new Step.WriteFile(path, CgroupFile.CPU_MAX, value, true));
            }
            if (has.memoryLimitBytes() != shall.memoryLimitBytes()) {
                String value = PodCgroup.memoryMax(shall.memoryLimitBytes());
                Step limit = new Step.WriteFile(path, CgroupFile.MEMORY_MAX, value, true);
                limits.addAll(inUse.allowed(Plan.of(limit), "synchronize with the runtime")
                        .steps());
            }
            if (!has.cpusetMems().equals(shall.cpusetMems())) {
                limits.add(new Step.WriteFile(path, CgroupFile.CPUSET_MEMS, shall.cpusetMems(), true));
            }
        }

        private void pin() {
            changes.enforceOrThrow(
                    ledger.state(),
                    List.of(),
                    change -> change.shrinks().then(change.widens()).then(new Plan(limits)),
                    null,
                    "synchronize with the runtime");
        }
    }

    private static final PodSandboxRequest NOT_TOLD =
            new PodSandboxRequest("", "", "", 0, "", Map.of(), Map.of(), LinuxResources.NONE, LinuxResources.NONE);

    private String name(String uid) {
        return ledger.state().pod(uid).map(PodState::fullName).orElse(uid);
    }

    private String nameOf(RuntimeDifference difference) {
        return switch (difference) {
            case RuntimeDifference.Gone(PodState pod) -> pod.fullName();
            case RuntimeDifference.Ended(PodState pod) -> pod.fullName();
            case RuntimeDifference.NewSandbox(PodState pod, String id) -> pod.fullName();
            case RuntimeDifference.Unknown(RuntimeContents.Sandbox sandbox) -> nameOf(sandbox);
            case RuntimeDifference.Vanished(String uid, ContainerState container) -> name(uid) + "/" + container.name();
            case RuntimeDifference.Appeared(String uid, RuntimeContents.Container container) ->
                name(uid) + "/" + container.name();
            case RuntimeDifference.Open(PodState pod, String why) -> pod.fullName();
        };
    }

    private static String nameOf(RuntimeContents.Sandbox sandbox) {
        return sandbox.pod().namespace() + "/" + sandbox.pod().name();
    }

    private static String has(PodState pod) {
        return pod.hasCpus() ? "CPUs " + pod.placement().cpus() : "no CPUs of its own";
    }

    private static String givenBack(PodState pod) {
        return pod.hasCpus() ? "; its CPUs " + pod.placement().cpus() + " are given back" : "";
    }
}
