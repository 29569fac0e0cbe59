package io.podslice.node.brain;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.LiftedQuota;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.QosCgroups;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.ContainerRequest;
import io.podslice.node.DeviceLocality;
import io.podslice.node.MachineSource;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeSources;
import io.podslice.node.NodeView;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.StateException;
import io.podslice.node.Verdict;
import io.podslice.node.change.PodCgroup;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.StateChange;
import io.podslice.node.state.StateStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A brain on a fake cgroup tree, with a runtime that makes a cgroup for each sandbox and container. */
class BrainFixture {
    static final long GI = 1L << 30;

    /** 2 sockets with one NUMA node each, 8 cores of 2 threads on each: CPUs 0-7,16-23 and 8-15,24-31. */
    static final Machine MACHINE = Machine.regular(2, 1, 8, 2, 64 * GI);

    final Machine machine;
    final FakeCgroupFiles files;
    final MemoryStore store = new MemoryStore();
    final MovableClock clock = new MovableClock();
    final List<String> occasions = new ArrayList<>();
    final List<String> steps = new ArrayList<>();
    DeviceLocality devices = DeviceLocality.NONE;
    NodeSources sources = NodeSources.NONE;
    final MovableMachine source;
    RuntimeUpdates runtime = RuntimeUpdates.NONE;
    NodeMeter meter = NodeMeter.NONE;
    NodeConfig config;
    NodeBrain brain;

    BrainFixture() {
        this(MACHINE, NodeConfig.DEFAULT);
    }

    BrainFixture(Machine machine, NodeConfig config) {
        this.machine = machine;
        this.source = new MovableMachine(machine);
        this.config = config;
        this.files = newFiles();
        QosCgroups classes = new QosCgroups(config.layout());
        files.makeAll(classes.holding(QosClass.BURSTABLE).value());
        files.makeAll(classes.holding(QosClass.BEST_EFFORT).value());
        this.brain = start();
    }

    FakeCgroupFiles newFiles() {
        return new FakeCgroupFiles(machine.cpuSet());
    }

    static NodeConfig withPolicy(PlacementPolicy policy) {
        return new NodeConfig(policy, NodeConfig.DEFAULT.kubepods(), Cfs.DEFAULT, NodeConfig.DEFAULT.lostAfter());
    }

    static NodeConfig withoutCpuManager() {
        return withPolicy(PlacementPolicy.DEFAULT.withCpuManager(CpuManagerPolicy.NONE, CpuManagerOptions.NONE));
    }

    static NodeConfig withStaticMemory() {
        return withPolicy(PlacementPolicy.DEFAULT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()));
    }

    NodeBrain start() {
        brain = new NodeBrain(
                config,
                source.now(),
                source,
                files,
                new PodPlacer(source.now(), config.policy()),
                devices,
                sources,
                new StateFolder(store),
                clock,
                (occasion, applied) -> {
                    occasions.add(occasion);
                    applied.forEach(step -> steps.add(step.describe()));
                },
                runtime,
                Duration.ofMillis(100),
                meter);
        return brain;
    }

    PodSandboxRequest pod(String name, String cgroupParent, Map<String, String> annotations) {
        return pod(name, cgroupParent, annotations, LinuxResources.NONE);
    }

    PodSandboxRequest pod(String name, String cgroupParent, Map<String, String> annotations, LinuxResources resources) {
        return new PodSandboxRequest(
                "uid-" + name, "default", name, 0, cgroupParent, Map.of(), annotations, resources, LinuxResources.NONE);
    }

    static Map<String, String> spec(String json) {
        return Map.of("podslice.io/pod-spec", json.replace('\'', '"'));
    }

    /** Returns the brain's verdict as a door gets it: a fault refuses the pod, or lets it pass. */
    Verdict decide(NodeRequest request) {
        return Promise.answer(brain, request);
    }

    /** Runs the sandbox as the runtime would; returns the refusal if there is one. */
    @Nullable
    Refusal run(PodSandboxRequest pod, String sandboxId) {
        return switch (decide(new NodeRequest.RunPodSandbox(pod))) {
            case Verdict.Refuse(Refusal refusal) -> refusal;
            case Verdict.Proceed proceed -> {
                files.makeAll(cgroupOf(pod, sandboxId).value());
                yield complete(proceed, sandboxId);
            }
        };
    }

    /** Returns the cgroup that the runtime gives a sandbox or container of the pod. */
    static CgroupPath cgroupOf(PodSandboxRequest pod, String id) {
        return CgroupLayout.containerOf(new CgroupPath(pod.cgroupParent()), id);
    }

    static @Nullable Refusal complete(Verdict.Proceed proceed, String id) {
        try {
            proceed.completion().succeeded(id);
            return null;
        } catch (RefusedException e) {
            return e.refusal();
        }
    }

    ContainerRequest container(PodSandboxRequest pod, String sandboxId, String name, LinuxResources resources) {
        return new ContainerRequest(sandboxId, pod, name, 0, Map.of(), Map.of(), resources);
    }

    /** Creates and starts the container as the runtime would; returns the resources that it was created with. */
    LinuxResources create(PodSandboxRequest pod, String sandboxId, String name) {
        return create(pod, sandboxId, name, LinuxResources.NONE);
    }

    LinuxResources create(PodSandboxRequest pod, String sandboxId, String name, LinuxResources sent) {
        Verdict verdict = decide(new NodeRequest.CreateContainer(container(pod, sandboxId, name, sent)));
        if (!(verdict instanceof Verdict.Proceed proceed)) {
            throw new AssertionError("refused: " + verdict);
        }
        LinuxResources resources = proceed.resources() == null ? sent : proceed.resources();
        String id = idOf(sandboxId, name);
        complete(proceed, id);
        CgroupPath path = files.makeAll(cgroupOf(pod, id).value());
        files.set(path, "cpuset.cpus", resources.cpusetCpus());
        files.set(path, "cpu.max", PodCgroup.cpuMax(LiftedQuota.quotaInForce(resources), resources.cpuPeriodMicros()));
        files.set(path, "memory.max", PodCgroup.memoryMax(resources.memoryLimitBytes()));
        return resources;
    }

    static String idOf(String sandboxId, String name) {
        return sandboxId + "-" + name;
    }

    void stopSandbox(PodSandboxRequest pod, String sandboxId) {
        CgroupPath path = new CgroupPath(pod.cgroupParent());
        for (String child : files.exists(path) ? files.children(path) : List.<String>of()) {
            if (child.contains(sandboxId)) {
                files.removeAll(path.child(child));
            }
        }
        brain.happened(new NodeEvent.SandboxStopped(sandboxId));
    }

    static LinuxResources cpuAndMemory(long milli, long memoryBytes) {
        return LinuxResources.NONE
                .withCpuShares(milli * 1024 / 1000)
                .withCpuQuota(milli * 100, 100_000)
                .withMemoryLimit(memoryBytes);
    }

    NodeView.PodView view(String name) {
        for (NodeView.PodView pod : brain.snapshot().pods()) {
            if (pod.name().equals(name)) {
                return pod;
            }
        }
        throw new AssertionError("no pod " + name + " in " + brain.snapshot());
    }

    CpuSet cpusOf(String pod, String container) {
        for (NodeView.ContainerView view : view(pod).containers()) {
            if (view.name().equals(container)) {
                return view.cpus();
            }
        }
        throw new AssertionError("no container " + container + " in " + view(pod));
    }

    /** Keeps the state in memory. */
    static final class MemoryStore implements StateStore {
        NodeState saved = NodeState.EMPTY;
        boolean broken;

        /** Takes back what an earlier podslice had begun. */
        Plan undo = Plan.EMPTY;

        private @Nullable StateChange begun;

        @Override
        public Saved load() {
            return new Saved(saved, undo, List.of());
        }

        @Override
        public void begin(String occasion, Plan undo, StateChange change) {
            check();
            begun = change;
        }

        @Override
        public void commit() {
            check();
            saved = Objects.requireNonNull(begun).appliedTo(saved);
            begun = null;
        }

        @Override
        public void undone() {
            begun = null;
        }

        @Override
        public void record(String occasion, StateChange change) {
            check();
            saved = change.appliedTo(saved);
        }

        @Override
        public void checkpoint(NodeState state) {
            check();
            saved = state;
        }

        @Override
        public boolean isFull() {
            return false;
        }

        @Override
        public void tidy(NodeState state) {
            checkpoint(state);
        }

        private void check() {
            if (broken) {
                throw new StateException("state.json", "cannot be written: disk full", new IllegalStateException());
            }
        }
    }

    /** A machine whose CPUs go offline and come online. */
    static final class MovableMachine implements MachineSource {
        private final Machine whole;
        private CpuSet offline = CpuSet.empty();

        MovableMachine(Machine whole) {
            this.whole = whole;
        }

        Machine now() {
            return offline.isEmpty() ? whole : whole.withOffline(offline);
        }

        @Override
        public CpuSet online() {
            return now().cpuSet();
        }

        @Override
        public Machine read() {
            return now();
        }
    }

    /** Takes CPUs offline, and the others online, in the kernel and in sysfs. */
    void offline(String cpus) {
        source.offline = CpuSet.parse(cpus);
        files.online = machine.cpuSet().minus(source.offline);
    }

    /** A clock that stands still until it is moved. */
    static final class MovableClock extends Clock {
        private Instant now = Instant.parse("2026-11-22T12:00:00Z");

        void advance(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
