package io.podslice.managers.cpu;

import java.util.Arrays;

/**
 * Chooses the NUMA nodes over which a request is spread evenly: the fewest nodes that can share it, and among those the
 * choice that leaves the machine's free CPUs most evenly spread.
 *
 * <p>CPUs are dealt in groups. Each of the k chosen nodes gives the same number of groups, {@code each}; what is left
 * over, fewer than k groups, is dealt in rounds to a subset of the chosen nodes, skipping those that run dry. The balance
 * of a choice is the standard deviation of the free CPUs of all nodes afterwards, to three decimals; the choice is the
 * first of the best, combinations in lexicographic order, and within one its subsets from large to small.
 *
 * <p>The kubelet's {@code takeByTopologyNUMADistributed} enumerates up to 3^N choices. Here the sum of squares of what is
 * left, of which the balance is a function, is minimised by dynamic programming over the nodes, once for each number of
 * complete rounds; the first choice that reaches the best balance is then read off the tables.
 */
final class NumaSpread {
    static final NumaSpread NONE = new NumaSpread(new int[0], 0, new int[0]);

    /** Positions of the chosen nodes in the given order, ascending; empty where there is no even split. */
    final int[] nodes;
    /** The number of groups that each of them gives. */
    final int each;
    /** Positions of the nodes that the remaining groups are dealt to, ascending. */
    final int[] remainder;

    private NumaSpread(int[] nodes, int each, int[] remainder) {
        this.nodes = nodes;
        this.each = each;
        this.remainder = remainder;
    }

    /**
     * Returns the kubelet's choice, or {@link #NONE} where no number of nodes can share the request evenly.
     *
     * @param free free CPUs of each node, in order of preference
     * @param groupSize CPUs in a group, 1 or more
     * @param groups groups asked for, 1 or more
     * @param fewest the least number of nodes to try
     */
    static NumaSpread choose(int[] free, int groupSize, int groups, int fewest) {
        for (int k = fewest; k <= Math.min(groups, free.length); k++) {
            if (feasible(free, groupSize, groups, k)) {
                return new Search(free, groupSize, groups, k).best();
            }
        }
        return NONE;
    }

    /** Tells if some k nodes have the even share each, and together enough. */
    private static boolean feasible(int[] free, int groupSize, int groups, int k) {
        int[] ascending = free.clone();
        Arrays.sort(ascending);
        int sum = 0;
        for (int i = ascending.length - k; i < ascending.length; i++) {
            sum += ascending[i] / groupSize;
        }
        return ascending[ascending.length - k] / groupSize >= groups / k && sum >= groups;
    }

    private static final class Search {
        private final int[] free;
        private final int groupSize;
        private final int groups;
        private final int k;
        private final int each;
        private final int left;
        /** Positions of the nodes that have the even share. */
        private final int[] eligible;

        Search(int[] free, int groupSize, int groups, int k) {
            this.free = free;
            this.groupSize = groupSize;
            this.groups = groups;
            this.k = k;
            each = groups / k;
            left = groups % k;
            eligible = positionsWith(each);
        }

        private int[] positionsWith(int least) {
            int[] positions = new int[free.length];
            int n = 0;
            for (int i = 0; i < free.length; i++) {
                if (free[i] / groupSize >= least) {
                    positions[n++] = i;
                }
            }
            return Arrays.copyOf(positions, n);
        }

        NumaSpread best() {
            SpreadTable shares = table(eligible, k, false);
            long best = SpreadTable.IMPOSSIBLE;
            for (int rounds = 0; shares.canFill(rounds); rounds++) {
                best = Math.max(best, shares.fill(rounds).best(k));
            }
            long enough = leastGainOfSameBalance(best);
            int[] nodes = first(shares, eligible, k, enough);
            if (left == 0) {
                return new NumaSpread(nodes, each, new int[0]);
            }
            return new NumaSpread(nodes, each, remainder(nodes, enough));
        }

        /** Deals the remainder to the largest subset of the nodes that is good enough. */
        private int[] remainder(int[] nodes, long enough) {
            long rest = enough;
            int n = 0;
            int[] roomy = new int[nodes.length];
            for (int node : nodes) {
                rest -= shareGain(node);
                if (free[node] / groupSize > each) {
                    roomy[n++] = node;
                }
            }
            roomy = Arrays.copyOf(roomy, n);
            SpreadTable deals = table(roomy, n, true);
            int size = 0;
            for (int rounds = 0; deals.canFill(rounds); rounds++) {
                deals.fill(rounds);
                for (int count = n; count > size; count--) {
                    if (deals.best(count) >= rest) {
                        size = count;
                    }
                }
            }
            return first(deals, roomy, size, rest);
        }

        private SpreadTable table(int[] positions, int most, boolean dealToAll) {
            int[] rest = new int[positions.length];
            long[] gains = new long[positions.length];
            for (int i = 0; i < rest.length; i++) {
                rest[i] = free[positions[i]] - each * groupSize;
                gains[i] = dealToAll ? 0 : shareGain(positions[i]);
            }
            return new SpreadTable(rest, gains, groupSize, left, most, dealToAll);
        }

        /** Returns the decrease of the sum of squares when a node gives its even share. */
        private long shareGain(int node) {
            long share = (long) each * groupSize;
            return share * (2L * free[node] - share);
        }

        /** Returns the first choice over all numbers of complete rounds, as positions. */
        private int[] first(SpreadTable table, int[] positions, int count, long enough) {
            int[] first = {};
            for (int rounds = 0; table.canFill(rounds); rounds++) {
                if (table.fill(rounds).best(count) >= enough) {
                    int[] choice = table.first(count, enough);
                    if (first.length == 0 || Arrays.compare(choice, first) < 0) {
                        first = choice;
                    }
                }
            }
            for (int i = 0; i < first.length; i++) {
                first[i] = positions[first[i]];
            }
            return first;
        }

        /**
         * Returns the least gain whose balance is, to three decimals, that of the best gain.
         *
         * <p>The mean is rounded to three decimals first, as in the kubelet. All in integers: thousandths, and their
         * squares.
         */
        private long leastGainOfSameBalance(long best) {
            long n = free.length;
            long sum = -(long) groups * groupSize;
            long squares = 0;
            for (int f : free) {
                sum += f;
                squares += (long) f * f;
            }
            long mean = (2000 * sum + n) / (2 * n);
            long fixed = n * mean * mean - 2000 * mean * sum;
            long deviation = 1_000_000 * (squares - best) + fixed;
            long balance = Math.round(Math.sqrt((double) deviation / n));
            while (balance > 0 && square(2 * balance - 1) * n > 4 * deviation) {
                balance--;
            }
            while (square(2 * balance + 1) * n <= 4 * deviation) {
                balance++;
            }
            long largest = (square(2 * balance + 1) * n - 1) / 4;
            return squares - Math.floorDiv(largest - fixed, 1_000_000L);
        }

        private static long square(long x) {
            return x * x;
        }
    }
}
