package io.podslice.agent.plan;

import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Controllers;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ContainerValues;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.OomScoreAdj;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.QosCgroupValues;
import io.podslice.managers.pod.QosCgroups;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.pod.ResourceList;
import io.podslice.node.ContainerRequest;
import io.podslice.node.PodSandboxRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The kubelet of a dry run: its own cgroups above the pods', and its requests to the runtime. Pure. */
final class DryKubelet {
    private final CgroupLayout layout;
    private final Machine machine;
    private final Cfs cfs;

    DryKubelet(CgroupLayout layout, Machine machine, Cfs cfs) {
        this.layout = layout;
        this.machine = machine;
        this.cfs = cfs;
    }

    /** The cgroup that pods of the class are in: the kubepods cgroup itself for Guaranteed ones. */
    CgroupPath classCgroup(QosClass qos) {
        return new QosCgroups(layout).holding(qos);
    }

    /** The pod's cgroup, as the layout's driver names it. */
    CgroupPath cgroup(Pod pod) {
        return layout.ofPod(classCgroup(QosClass.of(pod.spec())), pod.uid())
                .orElseThrow(
                        () -> new IllegalArgumentException("uid " + pod.uid() + ": no cgroup can have it in its name"));
    }

    /**
     * Returns the steps that make the cgroups above the pods', as the kubelet does at its start. The limit of the kubepods
     * cgroup is all memory of the machine; a kubelet that reserves memory for the system sets less.
     */
    Plan start() {
        List<Step> steps = new ArrayList<>();
        for (QosClass qos : QosClass.values()) {
            CgroupPath path = classCgroup(qos);
            for (Step enable : Controllers.enableAbove(path)) {
                if (!enable.path().equals(CgroupPath.ROOT)) {
                    steps.add(new Step.CreateCgroup(enable.path()));
                }
                steps.add(enable);
            }
            steps.add(new Step.CreateCgroup(path));
            steps.add(new Step.EnableControllers(path, Controllers.WANTED));
        }
        if (machine.memoryBytes() > 0) {
            steps.add(
                    new Step.WriteFile(layout.kubepods(), CgroupFile.MEMORY_MAX, Long.toString(machine.memoryBytes())));
        }
        return new Plan(steps);
    }

    /** Returns the steps that make a pod's cgroup before its sandbox, as the kubelet does. */
    Plan pod(CgroupPath cgroup) {
        List<Step> steps = new ArrayList<>();
        for (Step enable : Controllers.enableAbove(cgroup)) {
            if (!enable.path().equals(CgroupPath.ROOT)) {
                steps.add(new Step.CreateCgroup(enable.path()));
            }
            steps.add(enable);
        }
        steps.add(new Step.CreateCgroup(cgroup));
        return new Plan(steps);
    }

    /** Returns the steps that give the class cgroups their weights, which depend on the pods that run. */
    Plan weights(List<Pod> running) {
        List<QosCgroupValues.Pod> pods = running.stream()
                .map(pod -> new QosCgroupValues.Pod(
                        QosClass.of(pod.spec()), EffectiveResources.of(pod.spec(), pod.overhead())))
                .toList();
        long burstable = QosCgroupValues.of(pods, MemoryQos.OFF).burstableCpuShares();
        return Plan.of(weight(QosClass.BURSTABLE, burstable), weight(QosClass.BEST_EFFORT, CpuUnits.MIN_SHARES));
    }

    private Step weight(QosClass qos, long shares) {
        return new Step.WriteFile(classCgroup(qos), CgroupFile.CPU_WEIGHT, Long.toString(CpuUnits.weightOf(shares)));
    }

    /** The request for the pod's sandbox, with the annotation that tells the node the pod's spec. */
    PodSandboxRequest sandbox(Pod pod) {
        Map<String, String> annotations = new HashMap<>(pod.annotations());
        annotations.put(PodAnnotations.POD_SPEC, PodSpecJson.text(pod.spec()));
        EffectiveResources effective = EffectiveResources.of(pod.spec(), ResourceList.EMPTY);
        return new PodSandboxRequest(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                0,
                cgroup(pod).value(),
                Map.of(),
                annotations,
                resources(effective.requests(), effective.limits()),
                pod.overhead().isEmpty() ? LinuxResources.NONE : resources(pod.overhead(), pod.overhead()));
    }

    private LinuxResources resources(ResourceList requests, ResourceList limits) {
        return LinuxResources.NONE
                .withCpuShares(CpuUnits.sharesOf(requests.cpuMillis()))
                .withCpuQuota(CpuUnits.quotaOf(limits.cpuMillis(), cfs.periodMicros()), cfs.periodMicros())
                .withMemoryLimit(limits.memoryBytes());
    }

    /** The request for a container of the pod. */
    ContainerRequest container(Pod pod, ContainerSpec container, PodSandboxRequest sandbox, String sandboxId) {
        return new ContainerRequest(
                sandboxId, sandbox, container.name(), 0, Map.of(), Map.of(), resources(pod, container));
    }

    /** An ephemeral container has no resources; for any other the kubelet names every size of huge pages. */
    private LinuxResources resources(Pod pod, ContainerSpec container) {
        LinuxResources values = LinuxResources.NONE;
        if (container.kind() != ContainerKind.EPHEMERAL) {
            LinuxResources own = ContainerValues.of(pod.spec(), container, cfs);
            Map<String, Long> pages = new LinkedHashMap<>();
            machine.hugePageSizes().forEach(size -> pages.put(size.toString(), 0L));
            pages.putAll(own.hugepageLimits());
            values = own.withCpuQuota(own.cpuQuotaMicros(), cfs.periodMicros()).withHugepageLimits(pages);
        }
        long capacity = machine.memoryBytes();
        return capacity == 0
                ? values
                : values.withOomScoreAdj(OomScoreAdj.of(pod.spec(), container, pod.isNodeCritical(), capacity));
    }
}
