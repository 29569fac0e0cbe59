package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;

/**
 * The NUMA nodes of a machine and the distances between them. Ids may have gaps; inside, nodes are numbered densely in
 * ascending order of id. Their number has no upper limit.
 */
public final class NumaNodes {
    private final CpuSet all;
    /** Id of each node, ascending. */
    private final int[] ids;
    /** Distance from each node to each node; empty where unknown. */
    private final int[][] distances;

    private NumaNodes(CpuSet all, int[][] distances) {
        this.all = all;
        this.ids = all.toArray();
        this.distances = distances;
    }

    /** Returns all nodes, those without CPUs or without memory included. */
    public static NumaNodes of(Machine machine) {
        return of(machine.numaNodes(), machine.distances());
    }

    /**
     * Makes the nodes with these ids.
     *
     * @param distances a row for each node, each in ascending order of node ids; where a row is missing, all distances
     *     count as unknown
     */
    public static NumaNodes of(CpuSet nodes, SortedMap<Integer, List<Integer>> distances) {
        int[][] rows = new int[nodes.size()][];
        int n = 0;
        for (int id = nodes.first(); id >= 0; id = nodes.next(id + 1)) {
            List<Integer> row = distances.getOrDefault(id, List.of());
            if (row.size() != rows.length) {
                return new NumaNodes(nodes, new int[0][]);
            }
            rows[n++] = row.stream().mapToInt(Integer::intValue).toArray();
        }
        return new NumaNodes(nodes, rows);
    }

    /** The ids of all nodes. */
    public CpuSet all() {
        return all;
    }

    /** The number of nodes. */
    public int count() {
        return ids.length;
    }

    /** The id of the node with this dense number. */
    public int id(int index) {
        return ids[index];
    }

    /** The dense number of the node with this id, negative if there is none. */
    public int index(int id) {
        return Arrays.binarySearch(ids, id);
    }

    /** Tells if the distances are known. */
    public boolean hasDistances() {
        return distances.length > 0;
    }

    /** The distances by dense numbers, as the kernel has them; callers must not change the arrays. */
    int[][] distances() {
        return distances;
    }

    /**
     * Returns the sum of the distances over all ordered pairs of these nodes, each with itself included.
     *
     * @param nodes ids of nodes of this machine
     */
    long totalDistance(CpuSet nodes) {
        long sum = 0;
        for (int from = nodes.first(); from >= 0; from = nodes.next(from + 1)) {
            for (int to = nodes.first(); to >= 0; to = nodes.next(to + 1)) {
                sum += distances[index(from)][index(to)];
            }
        }
        return sum;
    }

    /**
     * Returns the average of the distances over all ordered pairs of these nodes; 0 for no nodes or unknown distances.
     */
    double averageDistance(CpuSet nodes) {
        int n = nodes.size();
        return n == 0 || !hasDistances() ? 0 : (double) totalDistance(nodes) / n / n;
    }

    /** Returns the ids of nodes given by dense numbers. */
    CpuSet set(int[] indexes) {
        int[] found = new int[indexes.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = ids[indexes[i]];
        }
        return CpuSet.of(found);
    }
}
