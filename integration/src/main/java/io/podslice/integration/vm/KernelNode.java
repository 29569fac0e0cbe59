package io.podslice.integration.vm;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Controllers;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.KernelCgroupFiles;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.machine.SysfsMachine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.LinuxResources;
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
import io.podslice.node.NodeView;
import io.podslice.node.PlanListener;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RefusedException;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.Verdict;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.Promise;
import io.podslice.node.brain.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * podslice's brain on the running kernel, and a runtime that makes a cgroup for each sandbox and container and moves a
 * sleeping process into it. The processes are used again, since starting one takes long under emulation.
 */
final class KernelNode {
    static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    private static final CgroupPath PARKED = new CgroupPath("/services.slice/parked");

    private final KernelCgroupFiles files = new KernelCgroupFiles(Path.of("/sys/fs/cgroup"));
    private final Machine machine;
    private final Path state;
    private final ForeignThreads watch;
    private final Deque<Long> parked = new ArrayDeque<>();
    private final Map<CgroupPath, Long> running = new HashMap<>();
    private final Map<String, PodSandboxRequest> pods = new TreeMap<>();
    private final Map<String, Set<String>> containers = new HashMap<>();
    private final Set<CgroupPath> spoilt = new HashSet<>();
    private CpuIsolation isolation = CpuIsolation.PARTITION;
    private NodeBrain brain;

    KernelNode(Path state, ForeignThreads watch) throws IOException {
        this.state = state;
        this.watch = watch;
        this.machine = SysfsMachine.read(Path.of("/sys"), Path.of("/proc"));
        makeAll(KUBEPODS.child("burstable").child("other"));
        makeAll(KUBEPODS.child("besteffort"));
        makeAll(PARKED);
        this.brain = newBrain();
    }

    void makeAll(CgroupPath path) {
        path.parent().filter(parent -> !files.exists(parent)).ifPresent(this::makeAll);
        new PlanRunner(files).apply(new Plan(Controllers.enableAbove(path)));
        if (!files.exists(path)) {
            files.create(path);
        }
    }

    private NodeBrain newBrain() {
        NodeConfig config = NodeConfig.DEFAULT.withIsolation(isolation);
        return new NodeBrain(
                config,
                machine,
                files,
                new PodPlacer(machine, config.policy()),
                DeviceLocality.NONE,
                new StateFolder(StateFolder.disk(state), Clock.systemUTC(), "boot"),
                Clock.systemUTC(),
                PlanListener.NONE);
    }

    /** Starts podslice again, with another setting. */
    void restart(CpuIsolation other) {
        isolation = other;
        boolean weaker = other == CpuIsolation.CPUSET;
        if (weaker) {
            pods.keySet().forEach(this::ending);
        }
        brain = newBrain();
        pods.keySet().forEach(this::granted);
    }

    NodeView view() {
        return brain.snapshot();
    }

    void sweep() {
        brain.sweep();
    }

    Set<String> pods() {
        return Set.copyOf(pods.keySet());
    }

    /** Starts a process that sleeps, or takes one that slept. */
    private long process() throws IOException {
        Long pid = parked.poll();
        return pid == null ? new ProcessBuilder("/bin/sleep", "1000000").start().pid() : pid;
    }

    private void enter(CgroupPath path) throws IOException {
        if (!files.exists(path)) {
            files.create(path);
        }
        long pid = process();
        files.write(path, "cgroup.procs", Long.toString(pid));
        running.put(path, pid);
    }

    /** Lets the cgroup's process leave, and removes the cgroup, as a runtime does at a container's end. */
    private void leave(CgroupPath path) {
        Long pid = running.remove(path);
        if (pid != null) {
            files.write(PARKED, "cgroup.procs", Long.toString(pid));
            parked.add(pid);
        }
        if (files.exists(path)) {
            files.remove(path);
        }
    }

    private static CgroupPath cgroup(PodSandboxRequest pod) {
        return new CgroupPath(pod.cgroupParent());
    }

    /** Runs a pod with its sandbox; returns false if it was refused. */
    boolean run(String name, CgroupPath parent, String spec, Map<String, String> annotations) throws IOException {
        Map<String, String> own = new TreeMap<>(annotations);
        own.put("podslice.io/pod-spec", spec);
        PodSandboxRequest request = new PodSandboxRequest(
                name,
                "default",
                name,
                0,
                parent.child("pod" + name).value(),
                Map.of(),
                own,
                LinuxResources.NONE,
                LinuxResources.NONE);
        if (!(Promise.answer(brain, new NodeRequest.RunPodSandbox(request)) instanceof Verdict.Proceed proceed)) {
            return false;
        }
        CgroupPath sandbox = cgroup(request).child("sandbox-" + name);
        enter(sandbox);
        if (!succeeded(proceed.completion(), "sandbox-" + name)) {
            leave(sandbox);
            return false;
        }
        pods.put(name, request);
        containers.put(name, new HashSet<>());
        return true;
    }

    /** Runs a container; its CPUs are its own from the return of the call that starts it. */
    void start(String pod, String container, int number) throws IOException {
        PodSandboxRequest request = pods.get(pod);
        if (request == null) {
            return;
        }
        ContainerRequest asked =
                new ContainerRequest("sandbox-" + pod, request, container, 0, Map.of(), Map.of(), LinuxResources.NONE);
        if (!(Promise.answer(brain, new NodeRequest.CreateContainer(asked)) instanceof Verdict.Proceed proceed)) {
            return;
        }
        String id = container + "-" + pod + "-" + number;
        var _ = succeeded(proceed.completion(), id);
        CgroupPath path = cgroup(request).child(id);
        files.create(path);
        LinuxResources sent = proceed.resources();
        if (sent != null && !sent.cpusetCpus().isEmpty()) {
            files.write(path, "cpuset.cpus", sent.cpusetCpus());
        }
        enter(path);
        containers.computeIfAbsent(pod, _ -> new HashSet<>()).add(id);
        brain.happened(new NodeEvent.ContainerStarted(id));
        granted(pod);
    }

    private static boolean succeeded(Completion completion, String id) {
        try {
            completion.succeeded(id);
            return true;
        } catch (RefusedException e) {
            return false;
        }
    }

    /** Tells the watch of the slices that the pod's containers have by now. */
    private void granted(String pod) {
        for (NodeView.PodView view : brain.snapshot().pods()) {
            if (!view.name().equals(pod) || isolation == CpuIsolation.CPUSET) {
                continue;
            }
            for (NodeView.ContainerView container : view.containers()) {
                Long pid = container.id().isEmpty()
                        ? null
                        : running.get(view.cgroup().child(container.id()));
                if (pid != null && container.isolation().equals("container")) {
                    watch.granted(container.id(), container.cpus(), Set.of(pid));
                }
            }
        }
    }

    private void ending(String pod) {
        containers.getOrDefault(pod, Set.of()).forEach(watch::ending);
    }

    /** Ends a container of the pod, if one runs: the runtime has removed its cgroup when podslice hears of it. */
    void end(String pod, boolean isTold) {
        Set<String> ids = containers.getOrDefault(pod, Set.of());
        PodSandboxRequest request = pods.get(pod);
        if (ids.isEmpty() || request == null) {
            return;
        }
        end(request, ids.iterator().next(), isTold);
    }

    private void end(PodSandboxRequest pod, String id, boolean isTold) {
        watch.ending(id);
        leave(cgroup(pod).child(id));
        containers.getOrDefault(pod.name(), Set.of()).remove(id);
        if (isTold) {
            brain.happened(new NodeEvent.ContainerRemoved(id));
        }
    }

    /** Starts a container of the pod anew: the one before it has ended, and podslice may not have heard of that. */
    void startAnew(String pod, String container, int number, boolean isTold) throws IOException {
        PodSandboxRequest request = pods.get(pod);
        if (request == null) {
            return;
        }
        for (String id : Set.copyOf(containers.getOrDefault(pod, Set.of()))) {
            if (id.startsWith(container + "-")) {
                end(request, id, isTold);
            }
        }
        start(pod, container, number);
    }

    /** Resizes the pod and its first container; returns false if that does not fit. */
    boolean resize(String pod, int cpus, int first) {
        ending(pod);
        SortedMap<String, ResourceRequirements> containers = new TreeMap<>();
        containers.put("a", amounts(first));
        ResizeAnswer answer =
                brain.resize(new ResizeRequest("default", pod, Optional.of(amounts(cpus)), containers, 0, false));
        granted(pod);
        return answer instanceof ResizeAnswer.Done;
    }

    private static ResourceRequirements amounts(int cpus) {
        ResourceList amounts = ResourceList.EMPTY
                .with(ResourceName.CPU, Quantity.ofMillis(1000L * cpus))
                .with(ResourceName.MEMORY, Quantity.ofBytes(64L << 20));
        return new ResourceRequirements(amounts, amounts);
    }

    /** Stops and removes the pod. */
    void remove(String pod) {
        ending(pod);
        PodSandboxRequest request = pods.remove(pod);
        if (request == null) {
            return;
        }
        for (String id : containers.getOrDefault(pod, Set.of())) {
            leave(cgroup(request).child(id));
        }
        containers.remove(pod);
        leave(cgroup(request).child("sandbox-" + pod));
        brain.happened(new NodeEvent.SandboxStopped("sandbox-" + pod));
        brain.happened(new NodeEvent.SandboxRemoved("sandbox-" + pod));
    }

    /** Returns the CPUs that the root has for all that is in no partition. */
    CpuSet free() {
        return CpuSet.parse(files.read(CgroupPath.ROOT, "cpuset.cpus.effective"));
    }

    /** Returns the exclusive lists of the cgroups that hold pods. */
    Map<CgroupPath, String> lists() {
        Map<CgroupPath, String> lists = new TreeMap<>();
        for (CgroupPath path : Set.of(KUBEPODS, KUBEPODS.child("burstable"), KUBEPODS.child("besteffort"))) {
            lists.put(path, files.read(path, "cpuset.cpus.exclusive"));
        }
        lists.values().removeIf(String::isEmpty);
        return lists;
    }

    /** Returns the number of valid partitions, which the state's containers with slices must be. */
    long partitions() {
        long valid = 0;
        for (CgroupPath path : running.keySet()) {
            try {
                String text = files.read(path, "cpuset.cpus.partition");
                valid += text.equals("root") || text.equals("isolated") ? 1 : 0;
            } catch (CgroupException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
        return valid;
    }

    /** Lets another program end a partition, each one once: podslice repairs it once, and reports it after that. */
    void spoilOne() {
        for (CgroupPath path : running.keySet()) {
            if (!files.read(path, "cpuset.cpus.partition").equals("member") && spoilt.add(path)) {
                watch.ending(path.name());
                files.write(path, "cpuset.cpus.partition", "member");
                return;
            }
        }
    }

    /** Takes note of all slices anew, after a sweep has repaired them. */
    void grantedAgain() {
        pods.keySet().forEach(this::granted);
    }
}
