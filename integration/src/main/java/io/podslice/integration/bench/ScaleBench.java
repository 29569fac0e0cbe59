package io.podslice.integration.bench;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.DeviceLocality;
import io.podslice.node.NodeConfig;
import io.podslice.node.PlanListener;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.StateFolder;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Measures the brain on a machine of 512 CPUs and 16 NUMA nodes with growing numbers of pods, each with two containers. */
final class ScaleBench {
    private static final long GI = 1L << 30;

    /** Two sockets of eight NUMA nodes with sixteen cores each. */
    private static final Machine MACHINE = Machine.regular(2, 8, 16, 2, 128 * GI);

    private final Path folder;
    private final int rounds;
    private final Consumer<String> progress;

    /**
     * @param folder of the states, and of a cgroup tree of ordinary files
     * @param rounds pods that come and go, of each kind
     * @param progress hears of each step, for a person who waits
     */
    ScaleBench(Path folder, int rounds, Consumer<String> progress) {
        this.folder = folder;
        this.rounds = rounds;
        this.progress = progress;
    }

    /**
     * The brain with so many pods.
     *
     * @param shared from RunPodSandbox to the verdict, of pods in the node shared pool, without the time in the
     *     simulated kernel's files and on the disk of the state
     * @param pinned of pods with CPUs of their own
     * @param looks the reads of the kernel's files for one pod with CPUs of its own
     * @param writes the writes for it
     * @param sweep CPU time of a sweep that finds nothing to do
     * @param stateBytes of the state's files once a brain has opened it
     * @param startNanos from the state in the folder to a brain that decides
     */
    record Row(
            int pods,
            Samples shared,
            Samples pinned,
            int looks,
            int writes,
            Samples sweep,
            long stateBytes,
            long startNanos) {}

    List<Row> run(List<Integer> sizes) throws IOException {
        List<Row> rows = new ArrayList<>();
        for (int pods : sizes) {
            progress.accept(pods + " pods");
            rows.add(measure(pods));
        }
        return rows;
    }

    private Row measure(int pods) throws IOException {
        Path state = folder.resolve("state-" + pods);
        TimedFiles kernel = new TimedFiles(new SimulatedCgroups(MACHINE));
        TimedDisk disk = new TimedDisk(StateFolder.disk(state));
        BenchPods there = new BenchPods(kernel, brain(kernel, disk));
        there.start(pods);
        Samples shared = new Samples(rounds);
        Samples pinned = new Samples(rounds);
        int looks = 0;
        int writes = 0;
        for (int round = -rounds; round < rounds; round++) {
            BenchPods.Admission admission = there.comeAndGo("shares-" + (round + rounds), false, kernel, disk);
            long ofShared = admission.nanos();
            admission = there.comeAndGo("pins-" + (round + rounds), true, kernel, disk);
            long ofPinned = admission.nanos();
            looks = admission.looks();
            writes = admission.writes();
            if (round >= 0) {
                shared.add(ofShared);
                pinned.add(ofPinned);
            }
        }
        long begun = System.nanoTime();
        NodeBrain again = brain(kernel, disk);
        int known = again.snapshot().pods().size();
        long start = System.nanoTime() - begun;
        if (known != pods) {
            throw new BenchException("of " + pods + " pods " + known + " are known after a start");
        }
        Samples sweep = SweepBench.run(MACHINE, pods, Files.createDirectory(folder.resolve("sweep-" + pods)), rounds);
        return new Row(pods, shared, pinned, looks, writes, sweep, bytes(state), start);
    }

    private static NodeBrain brain(CgroupFiles kernel, TimedDisk disk) {
        NodeConfig config = NodeConfig.DEFAULT;
        return new NodeBrain(
                config,
                MACHINE,
                kernel,
                new PodPlacer(MACHINE, config.policy()),
                DeviceLocality.NONE,
                new StateFolder(disk, Clock.systemUTC(), ""),
                Clock.systemUTC(),
                PlanListener.NONE);
    }

    private static long bytes(Path state) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(state)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }
}
