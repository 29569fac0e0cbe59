package io.podslice.integration.bench;

import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.simulator.nri.NriPod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures pods that come and go on the simulated node, decided by the real plugin over its socket, one event at a time
 * as containerd sends them, while a number of other pods stays. The folders of the state take turns, so that other work
 * of the machine affects all of them equally.
 */
final class NriBench {
    /** The target of CreateContainer's p99. */
    static final double TARGET_MILLIS = 50;

    /** The target of RunPodSandbox's p99 without the wait for the disk. */
    static final double RUN_TARGET_MILLIS = 5;

    private NriBench() {}

    /**
     * Pods of one kind that come to a node and go again.
     *
     * @param pods the number of other pods
     * @param kind the kind of the pods that come
     * @param folder the name of the state's folder
     * @param create times from the call of CreateContainer to its answer
     * @param run times from the call of RunPodSandbox to its answer
     * @param runOfOurs these times without the wait for the journal to be on disk
     * @param events times of all events of these pods, from call to answer
     */
    record Row(
            int pods, NriPod.Kind kind, String folder, Samples create, Samples run, Samples runOfOurs, Samples events) {

        double eventsPerSecond() {
            return 1e6 / events.meanMicros();
        }
    }

    /**
     * Measures every row.
     *
     * @param sizes the numbers of pods that stay, measured one after the other, in ascending order
     * @param folders the folders of the state, by name
     * @param rounds the number of pods of each row
     * @param warmUp the number of pods before those that count
     */
    static List<Row> run(List<Integer> sizes, Map<String, Path> folders, int rounds, int warmUp)
            throws IOException, InterruptedException {
        List<NriNode> nodes = new ArrayList<>();
        try {
            for (Map.Entry<String, Path> folder : folders.entrySet()) {
                nodes.add(new NriNode(folder.getKey(), folder.getValue()));
            }
            List<Row> rows = new ArrayList<>();
            int before = warmUp;
            for (int pods : sizes) {
                for (NriNode node : nodes) {
                    node.fill(pods);
                }
                for (NriPod.Kind kind : NriPod.Kind.values()) {
                    List<Row> its = nodes.stream()
                            .map(node -> new Row(
                                    pods,
                                    kind,
                                    node.name(),
                                    new Samples(rounds * 2),
                                    new Samples(rounds),
                                    new Samples(rounds),
                                    new Samples(rounds * 9)))
                            .toList();
                    for (int round = -before; round < rounds; round++) {
                        for (int i = 0; i < its.size(); i++) {
                            nodes.get(i).comeAndGo(its.get(i), round);
                        }
                    }
                    rows.addAll(its);
                }
                before = Math.min(warmUp, 20);
            }
            return rows;
        } catch (TtrpcException e) {
            throw new BenchException("the plugin has refused an event: " + e.getMessage(), e);
        } finally {
            for (NriNode node : nodes) {
                node.close();
            }
        }
    }
}
