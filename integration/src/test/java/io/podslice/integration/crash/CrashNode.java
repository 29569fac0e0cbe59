package io.podslice.integration.crash;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.WholeSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.Completion;
import io.podslice.node.ContainerRequest;
import io.podslice.node.CpuIsolation;
import io.podslice.node.DeviceLocality;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PlanListener;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RefusedException;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.StateDisk;
import io.podslice.node.Verdict;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.Promise;
import io.podslice.node.brain.StateFolder;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A node whose podslice can be killed: its cgroups, its disk and its runtime's sandboxes and containers outlive
 * podslice. The runtime makes a cgroup for each sandbox and container, with the values that podslice has sent on.
 */
final class CrashNode {
    /** 2 sockets, 2 NUMA nodes, 16 cores of 2 threads, 512 huge pages of 2 MiB on each node. */
    static final Machine MACHINE = Machine.regular(2, 1, 8, 2, 64L << 30)
            .withHugepages(0, 2L << 20, 512)
            .withHugepages(1, 2L << 20, 512);

    /** A configuration that protects and throttles memory at all levels. */
    private static final NodeConfig PROTECTING = new NodeConfig(
            NodeConfig.DEFAULT.policy(),
            NodeConfig.DEFAULT.kubepods(),
            NodeConfig.DEFAULT.cfs(),
            NodeConfig.DEFAULT.lostAfter(),
            new MemoryQos(true, OptionalDouble.of(0.9), MemoryQosVersion.V1_37, 0, 4096, 120L << 30));

    private static final PodPlacer PLACER = new PodPlacer(MACHINE, NodeConfig.DEFAULT.policy());

    final FaultPoints points = new FaultPoints();
    private final NodeCgroups node;
    final SimulatedCgroups cgroups;
    final Running runtime = new Running();
    private final StateDisk disk;
    private final StandingClock clock = new StandingClock();
    private final NodeConfig config;
    private NodeBrain brain;
    private final Map<String, Completion> pending = new HashMap<>();
    private final Map<String, LinuxResources> resources = new HashMap<>();

    /** The sandbox and containers of a pod that runs. */
    final class Running {
        final Map<String, PodSandboxRequest> asked = new TreeMap<>();
        final Set<String> sandboxes = new TreeSet<>();
        final Map<String, Set<String>> containers = new TreeMap<>();
        private int pids = 1000;

        private void start(CgroupPath path) {
            node.start(path, pids++);
        }

        private void end(CgroupPath path) {
            node.end(path);
        }
    }

    /**
     * @param cgroups the node's cgroups, without any yet
     * @param protecting true to protect memory
     * @param isolation how exclusive CPUs are kept for their owners
     */
    CrashNode(NodeCgroups cgroups, boolean protecting, CpuIsolation isolation) {
        this(cgroups, protecting, isolation, FaultyDisk::new);
    }

    /** @param disk makes the disk of the state, whose writes are points */
    CrashNode(NodeCgroups cgroups, boolean protecting, CpuIsolation isolation, Function<FaultPoints, StateDisk> disk) {
        this.node = cgroups;
        this.cgroups = cgroups.kernel();
        this.disk = disk.apply(points);
        config = config(cgroups.kubepods(), protecting ? PROTECTING : NodeConfig.DEFAULT)
                .withIsolation(isolation);
        cgroups.makeAll("/kubepods/burstable");
        cgroups.makeAll("/kubepods/besteffort");
        brain = start();
    }

    private static NodeConfig config(CgroupPath kubepods, NodeConfig base) {
        return new NodeConfig(base.policy(), kubepods, base.cfs(), base.lostAfter(), base.memoryQos());
    }

    private NodeBrain start() {
        return new NodeBrain(
                config,
                MACHINE,
                node.podslices(points),
                PLACER,
                DeviceLocality.NONE,
                new StateFolder(disk, clock, "boot"),
                clock,
                PlanListener.NONE);
    }

    NodeBrain brain() {
        return brain;
    }

    /** Starts podslice again, after a kill or not. */
    void restart() {
        pending.clear();
        brain = start();
    }

    /** Lets systemd, if there is one, answer again after a fault; the agent looks at all cgroups then. */
    void answersAgain() {
        node.answersAgain();
        brain.recheck();
    }

    /** Lets so much time pass that pods without a process count as lost. */
    void waitLong() {
        // A pod is lost when it is found empty, and again long after that.
        for (int look = 0; look < 2; look++) {
            clock.now = clock.now.plusSeconds(60);
            // A sweep checks a few pods only.
            for (int i = 0; i < 4; i++) {
                brain.sweep();
            }
        }
    }

    private static final class StandingClock extends Clock {
        private Instant now = Instant.parse("2026-11-25T12:00:00Z");

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

    /** Does a deed; returns true if podslice has refused it. */
    boolean run(Deed deed) {
        return switch (deed) {
            case Deed.Admit admit -> admit(admit);
            case Deed.Started(String pod) -> started(pod);
            case Deed.NotStarted(String pod) -> {
                failed(pod);
                yield false;
            }
            case Deed.Create(String pod, String container) -> create(pod, container);
            case Deed.Created(String pod, String container) -> created(pod, container);
            case Deed.NotCreated(String pod, String container) -> {
                failed(idOf(pod, container));
                yield false;
            }
            case Deed.Resize resize -> resize(resize);
            case Deed.ResizeSpec resize -> resize(resize);
            case Deed.End(String pod, String container) -> {
                end(pod, container);
                yield false;
            }
            case Deed.Stop(String pod) -> {
                stop(pod);
                yield false;
            }
            case Deed.Remove(String pod) -> {
                remove(pod);
                yield false;
            }
            case Deed.Disturb(Deed.Disturbance disturbance) -> {
                node.disturb(disturbance);
                if (disturbance != Deed.Disturbance.MINUTE) {
                    brain.recheck(); // as the agent does when systemd tells of it
                }
                yield false;
            }
            case Deed.Sweep _ -> {
                brain.sweep();
                yield false;
            }
        };
    }

    private boolean admit(Deed.Admit admit) {
        PodSandboxRequest request = new PodSandboxRequest(
                admit.pod(),
                "default",
                admit.pod(),
                0,
                node.pathOf(admit.parent()).value(),
                Map.of(),
                Map.of("podslice.io/pod-spec", admit.spec()),
                LinuxResources.NONE,
                LinuxResources.NONE);
        return switch (Promise.answer(brain, new NodeRequest.RunPodSandbox(request))) {
            case Verdict.Refuse _ -> true;
            case Verdict.Proceed proceed -> {
                runtime.asked.put(admit.pod(), request);
                pending.put(admit.pod(), proceed.completion());
                yield false;
            }
        };
    }

    private boolean started(String pod) {
        PodSandboxRequest request = runtime.asked.get(pod);
        if (request == null || runtime.sandboxes.contains(pod)) {
            return false;
        }
        runtime.start(sandboxPath(pod));
        runtime.sandboxes.add(pod);
        if (succeeded(pod, sandboxOf(pod))) {
            return false;
        }
        // The runtime removes the sandbox that podslice refuses.
        runtime.end(sandboxPath(pod));
        runtime.sandboxes.remove(pod);
        runtime.asked.remove(pod);
        return true;
    }

    private boolean create(String pod, String container) {
        PodSandboxRequest request = runtime.asked.get(pod);
        if (request == null || !runtime.sandboxes.contains(pod)) {
            return false;
        }
        ContainerRequest asked =
                new ContainerRequest(sandboxOf(pod), request, container, 0, Map.of(), Map.of(), LinuxResources.NONE);
        return switch (Promise.answer(brain, new NodeRequest.CreateContainer(asked))) {
            case Verdict.Refuse _ -> true;
            case Verdict.Proceed proceed -> {
                LinuxResources sent = proceed.resources();
                resources.put(idOf(pod, container), sent == null ? LinuxResources.NONE : sent);
                pending.put(idOf(pod, container), proceed.completion());
                yield false;
            }
        };
    }

    private boolean created(String pod, String container) {
        String id = idOf(pod, container);
        LinuxResources sent = resources.remove(id);
        if (sent == null || !runtime.sandboxes.contains(pod)) {
            return false;
        }
        boolean done = succeeded(id, id);
        CgroupPath path = containerPath(pod, container);
        runtime.start(path);
        runtime.containers.computeIfAbsent(pod, its -> new TreeSet<>()).add(container);
        if (!sent.cpusetCpus().isEmpty()) {
            node.set(path, "cpuset.cpus", sent.cpusetCpus());
        }
        if (sent.cpuQuotaMicros() > 0) {
            node.set(path, "cpu.max", sent.cpuQuotaMicros() + " " + sent.cpuPeriodMicros());
        }
        if (sent.memoryLimitBytes() > 0) {
            node.set(path, "memory.max", Long.toString(sent.memoryLimitBytes()));
        }
        new TreeMap<>(sent.unified()).forEach((file, value) -> node.set(path, file, value));
        brain.happened(new NodeEvent.ContainerStarted(id));
        return !done;
    }

    private boolean resize(Deed.Resize resize) {
        Verdict verdict = Promise.answer(
                brain,
                new NodeRequest.UpdatePodSandbox(sandboxOf(resize.pod()), Map.of(), LinuxResources.NONE, resize.to()));
        return switch (verdict) {
            case Verdict.Refuse _ -> true;
            case Verdict.Proceed proceed -> {
                pending.put("resize", proceed.completion());
                yield !succeeded("resize", sandboxOf(resize.pod()));
            }
        };
    }

    private boolean resize(Deed.ResizeSpec resize) {
        SortedMap<String, ResourceRequirements> first = new TreeMap<>();
        first.put("a", amounts(resize.first(), 1));
        ResizeRequest request = new ResizeRequest(
                "default", resize.pod(), Optional.of(amounts(resize.cpus(), resize.gi())), first, 0, false);
        return !(brain.resize(request) instanceof ResizeAnswer.Done);
    }

    private static ResourceRequirements amounts(int cpus, int gi) {
        ResourceList amounts = ResourceList.EMPTY
                .with(ResourceName.CPU, Quantity.ofMillis(1000L * cpus))
                .with(ResourceName.MEMORY, Quantity.ofBytes((long) gi << 30));
        return new ResourceRequirements(amounts, amounts);
    }

    private void end(String pod, String container) {
        Set<String> running = runtime.containers.getOrDefault(pod, Set.of());
        if (running.contains(container)) {
            runtime.end(containerPath(pod, container));
            running.remove(container);
            brain.happened(new NodeEvent.ContainerRemoved(idOf(pod, container)));
        }
    }

    private void stop(String pod) {
        if (!runtime.sandboxes.contains(pod)) {
            return;
        }
        for (String container : runtime.containers.getOrDefault(pod, Set.of())) {
            runtime.end(containerPath(pod, container));
        }
        runtime.containers.remove(pod);
        runtime.end(sandboxPath(pod));
        runtime.sandboxes.remove(pod);
        brain.happened(new NodeEvent.SandboxStopped(sandboxOf(pod)));
    }

    private void remove(String pod) {
        brain.happened(new NodeEvent.SandboxRemoved(sandboxOf(pod)));
        runtime.asked.remove(pod);
    }

    private boolean succeeded(String key, String id) {
        Completion completion = pending.remove(key);
        if (completion == null) {
            return true;
        }
        try {
            completion.succeeded(id);
            return true;
        } catch (RefusedException e) {
            return false;
        }
    }

    private void failed(String key) {
        Completion completion = pending.remove(key);
        resources.remove(key);
        if (completion != null) {
            runtime.asked.remove(key);
            completion.failed();
        }
    }

    static String sandboxOf(String pod) {
        return "sandbox-" + pod;
    }

    static String idOf(String pod, String container) {
        return "container-" + pod + "-" + container;
    }

    CgroupPath podPath(String pod) {
        PodSandboxRequest request = runtime.asked.get(pod);
        return new CgroupPath(request == null ? "/nowhere/" + pod : request.cgroupParent());
    }

    CgroupPath sandboxPath(String pod) {
        return node.below(podPath(pod), sandboxOf(pod));
    }

    /** Returns the cgroup of a sandbox or container, by its id. */
    CgroupPath below(CgroupPath pod, String id) {
        return node.below(pod, id);
    }

    /** Tells if the cgroup is one of a container or sandbox, by its name. */
    static boolean isRuntimes(String name) {
        return name.contains("sandbox-") || name.contains("container-");
    }

    /** Tells if the file is one of the parent, made by podslice, of pods that lie outside of kubepods. */
    boolean isElsewhere(String file) {
        String parent = node.pathOf("/elsewhere") + "/";
        return file.startsWith(parent + "cp") || file.startsWith(parent + "h") || file.startsWith(parent + "m");
    }

    CgroupPath containerPath(String pod, String container) {
        return node.below(podPath(pod), idOf(pod, container));
    }

    /**
     * Returns the files that podslice writes: those of every cgroup except the runtime's own cgroups of containers and
     * sandboxes.
     */
    Map<String, String> tree() {
        Map<String, String> all = new TreeMap<>();
        add(CgroupPath.ROOT, all);
        return all;
    }

    private void add(CgroupPath path, Map<String, String> all) {
        for (String child : cgroups.children(path)) {
            CgroupPath below = path.child(child);
            for (String file : WRITTEN) {
                if (cgroups.hasFile(below, file)) {
                    String text = cgroups.read(below, file);
                    all.put(below + "/" + file, file.equals("cpuset.cpus") && isWhole(below, text) ? "" : text);
                }
            }
            add(below, all);
        }
    }

    /**
     * Tells if a list restricts as little as an empty one: the kernel does not let a set be emptied while processes live
     * there, and what is whole is less while there are partitions.
     */
    private boolean isWhole(CgroupPath path, String list) {
        CpuSet cpus = CpuSet.parse(list);
        CpuSet root = CpuSet.parse(cgroups.read(CgroupPath.ROOT, "cpuset.cpus.effective"));
        return cpus.containsAll(root) && cpus.containsAll(WholeSet.cpus(cgroups, path));
    }

    private static final Set<String> WRITTEN = Set.of(
            "cpuset.cpus",
            "cpuset.cpus.exclusive",
            "cpuset.cpus.partition",
            "cpu.max",
            "cpu.weight",
            "hugetlb.2MB.max",
            "memory.max",
            "memory.high",
            "memory.low",
            "memory.min");

    @Nullable
    String struck() {
        return points.struck();
    }
}
