package io.podslice.agent.plan;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.MachineFit;
import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.BootedCgroups;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.HugePageSize;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.cgroups.layout.CgroupParent;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.topology.HintExplanation;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeView;
import io.podslice.node.PlanListener;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.Verdict;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.Rehearsal;
import io.podslice.node.brain.StateFolder;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node without a kernel, a kubelet and a runtime: the brain that {@code serve} runs, on a cgroup tree in memory that no
 * pod has been in. Nothing is written to a disk, no time passes, and no thread is started. For one thread.
 */
final class DryNode {
    private final CgroupFiles tree;
    private final DryKubelet kubelet;
    private final DryRuntime runtime;
    private final NodeBrain brain;
    private final List<HugePageSize> pages;

    /** The files of init containers' cgroups as they were when the containers ran, by cgroup. */
    private final Map<CgroupPath, Map<String, String>> ended = new HashMap<>();

    /**
     * Makes a node that has just booted.
     *
     * @param configuration one in which {@link MachineFit} finds no problem on the machine
     * @param layout the places of the cgroups, by the cgroup driver that the plan is for
     * @param pageBytes size of the machine's memory pages
     */
    DryNode(Machine machine, Configuration configuration, CgroupLayout layout, long pageBytes) {
        PlacementPolicy policy = MachineFit.placeable(configuration.policy(), machine);
        NodeConfig config = configuration.nodeConfig(policy, layout, machine, pageBytes);
        this.tree = new DraftCgroups(new BootedCgroups(machine.cpuSet(), machine.numaNodes()));
        this.pages = machine.hugePageSizes();
        this.kubelet = new DryKubelet(layout, machine, config.cfs());
        this.runtime = new DryRuntime(tree);
        new PlanRunner(tree).apply(kubelet.start());
        this.brain = new NodeBrain(
                config,
                machine,
                tree,
                new PodPlacer(machine, policy),
                device -> CpuSet.empty(),
                StateFolder.inMemory(),
                Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
                PlanListener.NONE);
    }

    /** Makes a copy of a running node. */
    DryNode(Rehearsal copy) {
        this.tree = copy.files();
        this.pages = copy.machine().hugePageSizes();
        this.kubelet = new DryKubelet(
                copy.config().layout(), copy.machine(), copy.config().cfs());
        this.runtime = new DryRuntime(tree);
        this.brain = copy.brain();
    }

    /**
     * The brain's answer to a pod that comes.
     *
     * @param hints what the topology manager considered, in order: for the pod, or for each container
     * @param refusal empty for a pod that is admitted; its sandbox runs then
     */
    record Answer(List<HintExplanation> hints, Optional<Refusal> refusal) {
        Answer {
            hints = List.copyOf(hints);
        }
    }

    /** Asks the brain for a pod's admission, and starts its sandbox. A pod that is refused leaves nothing behind. */
    Answer admit(Pod pod) {
        PodSandboxRequest request = kubelet.sandbox(pod);
        List<HintExplanation> hints = brain.explain(request).hints();
        return new Answer(
                hints,
                switch (brain.decide(new NodeRequest.RunPodSandbox(request))) {
                    case Verdict.Refuse(Refusal refusal) -> Optional.of(refusal);
                    case Verdict.Proceed proceed -> started(kubelet.cgroup(pod), sandboxId(pod.uid()), proceed);
                });
    }

    /**
     * Asks the brain for the admission of a pod as its kubelet asked a runtime for it, and starts its sandbox. A pod without a
     * cgroup of its own has no resources as a pod, and is not refused.
     */
    Optional<Refusal> readmit(PodSandboxRequest pod, CgroupLayout layout) {
        if (!(layout.podOf(pod.cgroupParent()) instanceof CgroupParent.Usable(CgroupPath cgroup))) {
            return Optional.empty();
        }
        new PlanRunner(tree).apply(kubelet.pod(cgroup));
        return switch (brain.decide(new NodeRequest.RunPodSandbox(pod))) {
            case Verdict.Refuse(Refusal refusal) -> Optional.of(refusal);
            case Verdict.Proceed proceed -> started(cgroup, sandboxId(pod.uid()), proceed);
        };
    }

    private Optional<Refusal> started(CgroupPath pod, String sandboxId, Verdict.Proceed proceed) {
        CgroupPath cgroup = CgroupLayout.containerOf(pod, sandboxId);
        runtime.sandbox(cgroup);
        try {
            proceed.completion().succeeded(sandboxId);
            return Optional.empty();
        } catch (RefusedException e) {
            runtime.ended(cgroup);
            return Optional.of(e.refusal());
        }
    }

    /** The node as the brain sees it now. */
    NodeView view() {
        return brain.snapshot();
    }

    /** Gives the classes of pods their weights, which the kubelet takes from the pods that run. */
    void weigh(List<Pod> running) {
        new PlanRunner(tree).apply(kubelet.weights(running));
    }

    /**
     * Starts the containers of a pod that was admitted, in the order of its spec. Init containers run to their end.
     *
     * @return by container, the resources that the runtime was asked for
     */
    Map<String, LinuxResources> start(Pod pod) {
        PodSandboxRequest sandbox = kubelet.sandbox(pod);
        Map<String, LinuxResources> all = new LinkedHashMap<>();
        for (ContainerSpec container : pod.spec().containers()) {
            ContainerRequest request = kubelet.container(pod, container, sandbox, sandboxId(pod.uid()));
            all.put(container.name(), start(pod, container, request));
        }
        return all;
    }

    private LinuxResources start(Pod pod, ContainerSpec container, ContainerRequest request) {
        LinuxResources resources;
        String id = containerId(pod, container.name());
        CgroupPath cgroup = CgroupLayout.containerOf(kubelet.cgroup(pod), id);
        try {
            resources = switch (brain.decide(new NodeRequest.CreateContainer(request))) {
                case Verdict.Refuse(Refusal refusal) -> throw new RefusedException(refusal);
                case Verdict.Proceed proceed -> {
                    LinuxResources decided = proceed.resources() == null ? request.resources() : proceed.resources();
                    runtime.container(cgroup, decided);
                    proceed.completion().succeeded(id);
                    yield decided;
                }
            };
        } catch (RefusedException e) {
            throw new IllegalStateException(
                    pod.fullName() + "/" + container.name() + ": refused in an admitted pod whose spec is known", e);
        }
        if (container.kind() == ContainerKind.INIT) {
            ended.put(cgroup, CgroupReading.container(tree, cgroup, resources));
            runtime.ended(cgroup);
            brain.happened(new NodeEvent.ContainerStopped(id));
        }
        return resources;
    }

    /** Reads path and files of a pod's cgroup. */
    Map<String, String> podFiles(Pod pod, NodeView.PodView view) {
        return CgroupReading.pod(
                tree, kubelet.cgroup(pod), pages, view.cgroupValues().keySet());
    }

    /** Reads the files of a container's cgroup; those of an init container as they were when it ran. */
    Map<String, String> containerFiles(Pod pod, String container, LinuxResources resources) {
        CgroupPath cgroup = CgroupLayout.containerOf(kubelet.cgroup(pod), containerId(pod, container));
        Map<String, String> last = ended.get(cgroup);
        return last == null ? CgroupReading.container(tree, cgroup, resources) : last;
    }

    /** Reads path and files of the cgroup that the class's pods are in; nothing for the kubepods cgroup. */
    Map<String, String> classFiles(QosClass qos) {
        return qos == QosClass.GUARANTEED ? Map.of() : CgroupReading.ofClass(tree, kubelet.classCgroup(qos));
    }

    /** Reads path and memory protection of the kubepods cgroup; nothing where no memory is protected. */
    Map<String, String> kubepodsFiles() {
        return CgroupReading.kubepods(tree, kubelet.classCgroup(QosClass.GUARANTEED));
    }

    private static String sandboxId(String uid) {
        return "sandbox-" + uid;
    }

    private static String containerId(Pod pod, String container) {
        return "container-" + pod.uid() + "-" + container;
    }
}
