package io.podslice.managers.topology;

import java.util.Arrays;

/**
 * Finds the best set of k out of n nodes that together have enough of everything: the one closest together where distances
 * count, then the one that is the smallest number as a bit mask.
 *
 * <p>Sets are tried in ascending order of that number, node by node from the highest; a start is given up as soon as even
 * the best nodes left could not bring what is missing, or not close enough. With one amount and no distances the first
 * start that is kept leads to the answer. With several amounts this is a knapsack of several dimensions, so the search
 * ends after {@value #MAX_STEPS} steps; a machine with nodes of a few kinds stays far below. Once there is a set, a closer
 * one is sought for {@value #MAX_FURTHER_STEPS} more steps, as many as up to 14 nodes have subsets; on more nodes the
 * best so far stands then, for closeness is a preference and not worth a second.
 */
final class SubsetSearch {
    static final int MAX_STEPS = 1 << 20;
    static final int MAX_FURTHER_STEPS = 1 << 14;

    /** The final check of a set that has enough of everything. */
    interface Condition {
        boolean test(int[] nodes);
    }

    private static final int NONE = -1;

    private final boolean[] allowed;
    private final long[] amounts;
    /** The supply of each node, by amount. */
    private final long[][] supply;
    /** Distance from each node to each; empty where distances do not count. */
    private final int[][] distances;

    private final Condition condition;
    private final int size;
    /** The highest required node below each node. */
    private final int[] requiredBelow;
    /** The sum of the c largest supplies of allowed nodes below h, by amount, h and c. */
    private final long[][][] most;
    /** Sums of the c shortest distances from each node to other nodes. */
    private final long[][] shortest;
    /** The least distance that any node of a set adds. */
    private final long leastRow;

    private final int[] chosen;
    private final long[] missing;
    private int[] best = {};
    private long bestDistance = Long.MAX_VALUE;
    private int steps;
    private int lastStep = MAX_STEPS;

    private SubsetSearch(
            boolean[] allowed,
            boolean[] required,
            long[] amounts,
            long[][] supply,
            int[][] distances,
            int size,
            Condition condition) {
        this.allowed = allowed;
        this.amounts = amounts;
        this.supply = supply;
        this.distances = distances;
        this.size = size;
        this.condition = condition;
        int n = allowed.length;
        requiredBelow = new int[n + 1];
        requiredBelow[0] = NONE;
        for (int node = 0; node < n; node++) {
            requiredBelow[node + 1] = required[node] ? node : requiredBelow[node];
        }
        most = new long[amounts.length][][];
        for (int k = 0; k < amounts.length; k++) {
            most[k] = largestSums(supply[k]);
        }
        shortest = new long[distances.length][];
        long least = Long.MAX_VALUE;
        for (int node = 0; node < distances.length; node++) {
            shortest[node] = shortestSums(node);
            least = Math.min(least, distances[node][node] + shortest[node][size - 1]);
        }
        leastRow = least;
        chosen = new int[size];
        missing = amounts.clone();
    }

    /**
     * Returns the best set, ascending; empty if there is none.
     *
     * @param allowed nodes to choose from
     * @param required nodes that the set must hold
     * @param amounts the needs
     * @param supply the supply of each node, by need
     * @param distances from each node to each, or empty where they do not count
     * @param size how many nodes to choose, 1 to the number of nodes
     */
    static int[] best(
            boolean[] allowed,
            boolean[] required,
            long[] amounts,
            long[][] supply,
            int[][] distances,
            int size,
            Condition condition) {
        SubsetSearch search = new SubsetSearch(allowed, required, amounts, supply, distances, size, condition);
        search.extend(allowed.length, size, 0);
        return search.best;
    }

    private long[][] largestSums(long[] values) {
        long[][] sums = new long[allowed.length + 1][size + 1];
        long[] largest = new long[size];
        int held = 0;
        for (int h = 0; h <= allowed.length; h++) {
            for (int c = 1; c <= size; c++) {
                sums[h][c] = c <= held ? sums[h][c - 1] + largest[c - 1] : Long.MIN_VALUE;
            }
            if (h < allowed.length && allowed[h]) {
                held = insert(largest, held, values[h]);
            }
        }
        return sums;
    }

    /** Inserts a value among the largest ones, kept in descending order; returns the number kept. */
    private static int insert(long[] largest, int held, long value) {
        int at = held;
        while (at > 0 && largest[at - 1] < value) {
            if (at < largest.length) {
                largest[at] = largest[at - 1];
            }
            at--;
        }
        if (at < largest.length) {
            largest[at] = value;
        }
        return Math.min(held + 1, largest.length);
    }

    private long[] shortestSums(int node) {
        int[] row = distances[node].clone();
        row[node] = Integer.MAX_VALUE;
        Arrays.sort(row);
        long[] sums = new long[row.length];
        for (int c = 1; c < row.length; c++) {
            sums[c] = sums[c - 1] + row[c - 1];
        }
        return sums;
    }

    /** Chooses {@code left} more nodes below {@code below}; returns true when nothing better can follow. */
    private boolean extend(int below, int left, long distance) {
        int required = requiredBelow[below];
        if (left == 0) {
            return required == NONE && keep(distance);
        }
        for (int node = Math.max(left - 1, required); node < below; node++) {
            if (!allowed[node] || !isEnough(node, left - 1)) {
                continue;
            }
            chosen[left - 1] = node;
            long further = distances.length == 0 ? 0 : distance + addedDistance(left - 1);
            if (distances.length > 0 && leastDistance(left - 1, further) >= bestDistance) {
                continue;
            }
            if (++steps > lastStep) {
                return true;
            }
            take(node, 1);
            boolean done = extend(node, left - 1, further);
            take(node, -1);
            if (done) {
                return true;
            }
        }
        return false;
    }

    private boolean keep(long distance) {
        if (!condition.test(chosen)) {
            return false;
        }
        if (best.length == 0) {
            lastStep = Math.min(MAX_STEPS, steps + MAX_FURTHER_STEPS);
        }
        best = chosen.clone();
        bestDistance = distance;
        return distances.length == 0 || distance <= leastRow * size;
    }

    /** Tells if this node and the best ones below it have enough for the remaining need. */
    private boolean isEnough(int node, int left) {
        for (int k = 0; k < amounts.length; k++) {
            long below = most[k][node][left];
            if (below == Long.MIN_VALUE || supply[k][node] + below < missing[k]) {
                return false;
            }
        }
        return true;
    }

    private void take(int node, int sign) {
        for (int k = 0; k < amounts.length; k++) {
            missing[k] -= sign * supply[k][node];
        }
    }

    /** Returns the distances between the last chosen node, at that place, and itself and all chosen before it. */
    private long addedDistance(int last) {
        int node = chosen[last];
        long sum = distances[node][node];
        for (int i = last + 1; i < size; i++) {
            sum += distances[node][chosen[i]] + distances[chosen[i]][node];
        }
        return sum;
    }

    /** Returns the least total distance of a set that gets {@code left} more nodes. */
    private long leastDistance(int left, long distance) {
        long sum = distance + left * leastRow;
        for (int i = left; i < size; i++) {
            sum += shortest[chosen[i]][left];
        }
        return sum;
    }
}
