package io.podslice.integration.bench;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.KernelCgroupFiles;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.DeviceLocality;
import io.podslice.node.NodeConfig;
import io.podslice.node.PlanListener;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.StateFolder;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * Measures the CPU time of a sweep that finds nothing to do, with the cgroup tree as a folder of ordinary files, which
 * are opened and read as the kernel's are.
 */
final class SweepBench {
    static final double TARGET_MILLIS = 1;

    private SweepBench() {}

    /**
     * Measures sweeps.
     *
     * @param machine the node's
     * @param pods the number of pods on the node
     * @param folder the folder for the tree and the state; best in memory
     * @param rounds the number of sweeps that count, after as many that do not
     * @return CPU time of the sweeps
     */
    static Samples run(Machine machine, int pods, Path folder, int rounds) {
        Path tree = folder.resolve("cgroup");
        Path state = folder.resolve("state");
        SimulatedCgroups simulated = new SimulatedCgroups(machine);
        new BenchPods(simulated, brain(machine, simulated, state, Clock.systemUTC())).start(pods);
        int pid = 1;
        for (String parent : List.of("/kubepods", "/kubepods/burstable")) {
            CgroupPath above = new CgroupPath(parent);
            for (String pod : simulated.children(above)) {
                List<String> containers = pod.startsWith("pod") ? simulated.children(above.child(pod)) : List.of();
                for (String container : containers) {
                    simulated.start(pid++, above.child(pod).child(container));
                }
            }
        }
        simulated.copyTo(tree);
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));
        NodeBrain brain = brain(machine, new KernelCgroupFiles(tree), state, later);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Samples samples = new Samples(rounds);
        for (int round = -rounds; round < rounds; round++) {
            long before = threads.getCurrentThreadCpuTime();
            brain.sweep();
            long spent = threads.getCurrentThreadCpuTime() - before;
            if (round >= 0) {
                samples.add(spent);
            }
        }
        if (brain.snapshot().pods().size() != pods) {
            throw new BenchException(
                    "of " + pods + " pods there are " + brain.snapshot().pods().size() + " left");
        }
        return samples;
    }

    private static NodeBrain brain(Machine machine, CgroupFiles files, Path state, Clock clock) {
        NodeConfig config = NodeConfig.DEFAULT;
        return new NodeBrain(
                config,
                machine,
                files,
                new PodPlacer(machine, config.policy()),
                DeviceLocality.NONE,
                new StateFolder(StateFolder.disk(state), clock, ""),
                clock,
                PlanListener.NONE);
    }
}
