package io.podslice.integration.bench;

import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.DeviceLocality;
import io.podslice.node.NodeConfig;
import io.podslice.node.PlanListener;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.StateFolder;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Measures resizes on the simulated node: from the call into the brain to the last cgroup write. Of the pods one in
 * twelve has exclusive CPUs. The time in the cgroup files and in the state's folder is measured apart; the rest is
 * deciding. The folders of a pair take turns, so that other work of the machine affects both equally.
 */
final class ResizeBench {
    static final double TARGET_MILLIS = 5;

    private static final long GI = 1L << 30;
    static final Machine MACHINE = Machine.regular(2, 1, 64, 2, 256 * GI);

    private ResizeBench() {}

    /**
     * One kind of resize with the state in one folder.
     *
     * @param total times from the call to the last cgroup write
     * @param deciding the part of {@code total} spent neither on the journal nor on the cgroup files
     * @param journal the time of waiting for the state's folder before the cgroup writes may begin
     * @param writes the time spent in the cgroup files
     * @param answer times from the call to its return
     * @param count the number of cgroup writes of one resize
     */
    record Row(
            String work,
            String folder,
            Samples total,
            Samples deciding,
            Samples journal,
            Samples writes,
            Samples answer,
            int count) {}

    /**
     * Measures every row.
     *
     * @param pods the number of pods on the node; at least 2
     * @param folders the folders of the state, by name
     * @param rounds the number of resizes, up and down, of each row
     * @param warmUp the number of resizes before those that count
     */
    static List<Row> run(int pods, Map<String, Path> folders, int rounds, int warmUp) {
        List<Node> nodes = new ArrayList<>();
        folders.forEach((name, path) -> nodes.add(new Node(name, path, pods)));
        List<Row> rows = new ArrayList<>();
        for (Work work : works()) {
            List<Row> its = nodes.stream().map(node -> node.row(work, rounds)).toList();
            for (int round = -warmUp; round < rounds; round++) {
                for (int i = 0; i < its.size(); i++) {
                    nodes.get(i).resize(its.get(i), work, round);
                }
            }
            for (int i = 0; i < its.size(); i++) {
                rows.add(nodes.get(i).counted(its.get(i)));
            }
        }
        return rows;
    }

    /**
     * One kind of resize, from a small budget to a large one and back.
     *
     * @param keepsRequests true if only the limits change
     */
    private record Work(String text, String pod, boolean keepsRequests, ResourceList small, ResourceList large) {

        ResourceRequirements asked(ResourceList amounts) {
            return new ResourceRequirements(keepsRequests ? ResourceList.EMPTY : amounts, amounts);
        }
    }

    private static List<Work> works() {
        return List.of(
                new Work(
                        "pod in the node shared pool: CPU and memory",
                        "burst-1",
                        true,
                        ResourceList.of("1", "1Gi"),
                        ResourceList.of("2", "2Gi")),
                new Work(
                        "pod with CPUs of its own: CPU and memory",
                        "pinned-0",
                        false,
                        ResourceList.of("4", "4Gi"),
                        ResourceList.of("6", "6Gi")));
    }

    /** A node with all its pods. */
    private static final class Node {
        private final String name;
        private final TimedFiles files = new TimedFiles(new SimulatedCgroups(MACHINE));
        private final TimedDisk disk;
        private final NodeBrain brain;

        Node(String name, Path folder, int pods) {
            this.name = name;
            this.disk = new TimedDisk(StateFolder.disk(folder));
            NodeConfig config = NodeConfig.DEFAULT;
            this.brain = new NodeBrain(
                    config,
                    MACHINE,
                    files,
                    new PodPlacer(MACHINE, config.policy()),
                    DeviceLocality.NONE,
                    new StateFolder(disk, Clock.systemUTC(), ""),
                    Clock.systemUTC(),
                    PlanListener.NONE);
            new BenchPods(files, brain).start(pods);
        }

        Row row(Work work, int rounds) {
            return new Row(
                    work.text,
                    name,
                    new Samples(rounds),
                    new Samples(rounds),
                    new Samples(rounds),
                    new Samples(rounds),
                    new Samples(rounds),
                    0);
        }

        Row counted(Row row) {
            return new Row(
                    row.work, row.folder, row.total, row.deciding, row.journal, row.writes, row.answer, files.writes());
        }

        /** Resizes a pod: up in even rounds, down in odd ones; rounds below zero do not count. */
        void resize(Row row, Work work, int round) {
            ResizeRequest request = new ResizeRequest(
                    "default",
                    work.pod,
                    Optional.of(work.asked((round & 1) == 0 ? work.large : work.small)),
                    new TreeMap<>(),
                    0,
                    false);
            files.reset();
            disk.reset();
            long start = System.nanoTime();
            ResizeAnswer answer = brain.resize(request);
            long end = System.nanoTime();
            if (!(answer instanceof ResizeAnswer.Done) || files.writes() == 0) {
                throw new BenchException("resize of " + work.pod + ": " + answer);
            }
            if (round >= 0) {
                long total = files.lastWriteNanos() - start;
                row.total.add(total);
                row.journal.add(disk.syncedNanos());
                row.writes.add(files.spentNanos());
                row.deciding.add(total - disk.syncedNanos() - files.spentNanos());
                row.answer.add(end - start);
            }
        }
    }
}
