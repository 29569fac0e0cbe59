package io.podslice.integration.plan;

import io.grpc.StatusRuntimeException;
import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.agent.config.Configuration;
import io.podslice.agent.manifest.Pod;
import io.podslice.agent.plan.ContainerPlan;
import io.podslice.agent.plan.NodePlan;
import io.podslice.agent.plan.PodPlan;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.HugePageSize;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.integration.agent.PodManifests;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.PlanListener;
import io.podslice.node.Refusal;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.CallLog;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A simulated node with podslice in front of its runtime, and its differences from the plan for its pods. */
final class PlannedNode implements AutoCloseable {
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final String IMAGE = "busybox";

    private final SimulatedCgroups kernel;
    private final SimulatedRuntime runtime;
    private final Agent agent;
    private final CriClient client;
    private final KubeletDriver kubelet;
    private final List<String> differences = new ArrayList<>();
    private int compared;

    /** @param folder with a short path: that of a Unix socket in it may have at most 107 bytes */
    PlannedNode(Path folder, Machine machine, Configuration configuration, PodCgroups podCgroups) {
        kernel = new SimulatedCgroups(machine);
        runtime = new SimulatedRuntime(
                folder.resolve("r"),
                kernel,
                new SimulatedProcesses(kernel),
                PodUpdateSupport.UNIMPLEMENTED,
                InstantSource.system(),
                new Random(1));
        runtime.addImage(IMAGE);
        runtime.start();
        agent = new Agent(
                AgentConfiguration.of(configuration, folder.resolve("c"), folder.resolve("r"), folder.resolve("state")),
                new AgentParts(kernel, machine, Clock.systemUTC(), PlanListener.NONE));
        client = new CriClient(folder.resolve("c"), TIMEOUT);
        List<String> pages =
                machine.hugePageSizes().stream().map(HugePageSize::toString).toList();
        kubelet = new KubeletDriver(
                client,
                kernel,
                KUBEPODS,
                podCgroups,
                new NodeSize(machine.cpus().size(), machine.memoryBytes(), pages),
                CallLog.NONE);
        kubelet.prepareNode();
    }

    /** Runs the plan's pods in their order, and returns where the node then differs from the plan, a line each. */
    List<String> differences(NodePlan plan) {
        List<RunningPod> running = new ArrayList<>();
        List<PodPlan> admitted = new ArrayList<>();
        boolean sameWeight = true;
        for (PodPlan pod : plan.pods()) {
            try {
                running.add(kubelet.run(manifest(pod.pod())));
                admitted.add(pod);
                if (!pod.admitted()) {
                    differences.add(pod.pod().fullName() + ": runs, and the plan refuses it");
                }
            } catch (StatusRuntimeException e) {
                refused(pod, String.valueOf(e.getStatus().getDescription()));
                // The kubelet weighs what it wants to run, refused or not; the plan what runs.
                sameWeight &= pod.qos() != QosClass.BURSTABLE;
            }
        }
        for (int i = 0; i < running.size(); i++) {
            pod(admitted.get(i), running.get(i), sameWeight);
        }
        files(plan.kubepods(), true);
        return List.copyOf(differences);
    }

    /** The number of files that were compared. */
    int compared() {
        return compared;
    }

    private static PodManifest manifest(Pod pod) {
        PodManifest manifest = PodManifests.of(pod);
        return PodSpecAnnotation.on(new PodManifest(
                manifest.name(),
                manifest.namespace(),
                manifest.uid(),
                manifest.wants(),
                manifest.containers().stream()
                        .map(it -> new ContainerManifest(it.name(), it.kind(), IMAGE, it.wants()))
                        .toList(),
                manifest.annotations()));
    }

    private void refused(PodPlan pod, String answer) {
        String planned = pod.refusal().map(Refusal::text).orElse("admitted");
        if (!answer.endsWith(planned)) {
            differences.add(pod.pod().fullName() + ": refused with \"" + answer + "\", planned: \"" + planned + "\"");
        }
    }

    private void pod(PodPlan plan, RunningPod running, boolean sameWeight) {
        files(plan.parent(), sameWeight);
        files(plan.cgroup(), true);
        CgroupPath cgroup = kubelet.cgroup(running.manifest());
        for (ContainerPlan container : plan.containers()) {
            String id = running.containerIds().get(container.name());
            if (id != null) {
                files(cgroup.child(id), container.cgroup());
                String effective = kernel.read(cgroup.child(id), "cpuset.cpus.effective");
                compare(cgroup.child(id) + ": CPUs", container.cpus().toString(), effective);
            }
        }
    }

    private void files(Map<String, String> planned, boolean sameWeight) {
        String path = planned.get("path");
        if (path != null) {
            planned.forEach((file, value) -> {
                if (!file.equals("path") && (sameWeight || !file.equals("cpu.weight"))) {
                    compare(path + "/" + file, value, kernel.read(new CgroupPath(path), file));
                }
            });
        }
    }

    private void files(CgroupPath cgroup, Map<String, String> planned) {
        planned.forEach((file, value) -> compare(cgroup + "/" + file, value, kernel.read(cgroup, file)));
    }

    private void compare(String what, String planned, String actual) {
        compared++;
        if (!planned.equals(actual)) {
            differences.add(what + ": planned \"" + planned + "\", is \"" + actual + "\"");
        }
    }

    @Override
    public void close() {
        client.close();
        agent.close();
        runtime.close();
    }
}
