package io.podslice.managers.cpu;

import java.util.Arrays;

/**
 * The best ways to choose nodes from each position on and to deal groups to them, for one number of complete rounds.
 *
 * <p>A dealt node with room for more than {@code rounds} groups gets {@code rounds} of them, or one more if it comes
 * before the point at which the last round ends; one with less room gets all it has. What is gained is the fall of the sum
 * of squares of the free CPUs.
 */
final class SpreadTable {
    static final long IMPOSSIBLE = Long.MIN_VALUE / 4;

    /** The phases of dealing: the last round has not ended, or it has. */
    private static final int RUNNING = 0;

    private static final int ENDED = 1;

    /** Free CPUs of each node after its even share, and the groups in them. */
    private final int[] rest;

    private final int[] room;
    /** Gain of each node's even share; 0 where the shares are not at stake. */
    private final long[] shareGain;

    private final int groupSize;
    private final int left;
    private final int most;
    private final boolean dealToAll;
    private final int width;
    /** By position, count of nodes, groups and whether the last round has ended. */
    private final long[] gain;

    private int rounds = -1;

    /**
     * @param rest free CPUs of each node after its even share
     * @param shareGain gain of each node's even share
     * @param left groups to deal
     * @param most nodes to choose at most
     * @param dealToAll every chosen node is dealt to; else some are chosen for their even share only
     */
    SpreadTable(int[] rest, long[] shareGain, int groupSize, int left, int most, boolean dealToAll) {
        this.rest = rest;
        this.shareGain = shareGain;
        this.groupSize = groupSize;
        this.left = left;
        this.most = most;
        this.dealToAll = dealToAll;
        room = new int[rest.length];
        for (int i = 0; i < rest.length; i++) {
            room[i] = rest[i] / groupSize;
        }
        width = (left + 1) * 2;
        gain = new long[(rest.length + 1) * (most + 1) * width];
    }

    private int index(int position, int count, int groups, int phase) {
        return (position * (most + 1) + count) * width + groups * 2 + phase;
    }

    /**
     * Tells if some node has room for one group more than this many complete rounds give, and there are enough groups.
     */
    boolean canFill(int complete) {
        if (complete == 0) {
            return true;
        }
        for (int r : room) {
            if (r > complete && left > complete) {
                return true;
            }
        }
        return false;
    }

    /** Makes the table for this number of complete rounds. */
    SpreadTable fill(int complete) {
        if (rounds == complete) {
            return this;
        }
        rounds = complete;
        int n = rest.length;
        Arrays.fill(gain, index(n, 0, 0, RUNNING), gain.length, IMPOSSIBLE);
        gain[index(n, 0, 0, RUNNING)] = 0;
        gain[index(n, 0, 0, ENDED)] = 0;
        for (int i = n - 1; i >= 0; i--) {
            for (int count = 0; count <= most; count++) {
                for (int groups = 0; groups <= left; groups++) {
                    for (int phase = RUNNING; phase <= ENDED; phase++) {
                        gain[index(i, count, groups, phase)] =
                                Math.max(gain[index(i + 1, count, groups, phase)], choosing(i, count, groups, phase));
                    }
                }
            }
        }
        return this;
    }

    /** Returns the best gain with node i chosen. */
    private long choosing(int i, int count, int groups, int phase) {
        if (count == 0) {
            return IMPOSSIBLE;
        }
        long best = dealToAll ? IMPOSSIBLE : gain[index(i + 1, count - 1, groups, phase)];
        int few = Math.min(room[i], rounds);
        if (room[i] > 0 && few <= groups) {
            int after = room[i] > rounds ? ENDED : phase;
            best = Math.max(best, dealGain(i, few) + gain[index(i + 1, count - 1, groups - few, after)]);
        }
        if (room[i] > rounds && phase == RUNNING && rounds < groups) {
            best = Math.max(
                    best, dealGain(i, rounds + 1) + gain[index(i + 1, count - 1, groups - rounds - 1, RUNNING)]);
        }
        return best < 0 ? IMPOSSIBLE : best + shareGain[i];
    }

    private long dealGain(int i, int dealt) {
        long cpus = (long) dealt * groupSize;
        return cpus * (2L * rest[i] - cpus);
    }

    /** Returns the best gain of choosing this many nodes and dealing all groups, or {@link #IMPOSSIBLE}. */
    long best(int count) {
        return gain[index(0, count, left, RUNNING)];
    }

    /**
     * Returns the lexicographically first choice of this many nodes that gains at least {@code enough}; the caller must
     * know that there is one.
     */
    int[] first(int count, long enough) {
        int[] chosen = new int[count];
        int n = 0;
        long[] so = new long[width];
        Arrays.fill(so, IMPOSSIBLE);
        so[RUNNING] = 0;
        for (int i = 0; n < count; i++) {
            long[] with = withNode(i, so);
            if (reach(with, i + 1, count - n - 1) >= enough) {
                chosen[n++] = i;
                so = with;
            }
        }
        return chosen;
    }

    /** Returns the best gain by groups dealt and phase, with node i chosen as well. */
    private long[] withNode(int i, long[] so) {
        long[] with = new long[width];
        Arrays.fill(with, IMPOSSIBLE);
        for (int dealt = 0; dealt <= left; dealt++) {
            for (int phase = RUNNING; phase <= ENDED; phase++) {
                long gained = so[dealt * 2 + phase];
                if (gained < 0) {
                    continue;
                }
                if (!dealToAll) {
                    raise(with, dealt, phase, gained + shareGain[i]);
                }
                int few = Math.min(room[i], rounds);
                if (room[i] > 0) {
                    int after = room[i] > rounds ? ENDED : phase;
                    raise(with, dealt + few, after, gained + shareGain[i] + dealGain(i, few));
                }
                if (room[i] > rounds && phase == RUNNING) {
                    raise(with, dealt + rounds + 1, RUNNING, gained + shareGain[i] + dealGain(i, rounds + 1));
                }
            }
        }
        return with;
    }

    private void raise(long[] with, int dealt, int phase, long gained) {
        if (dealt <= left) {
            int at = dealt * 2 + phase;
            with[at] = Math.max(with[at], gained);
        }
    }

    private long reach(long[] so, int position, int count) {
        long best = IMPOSSIBLE;
        for (int dealt = 0; dealt <= left; dealt++) {
            for (int phase = RUNNING; phase <= ENDED; phase++) {
                long ahead = gain[index(position, count, left - dealt, phase)];
                if (so[dealt * 2 + phase] >= 0 && ahead >= 0) {
                    best = Math.max(best, so[dealt * 2 + phase] + ahead);
                }
            }
        }
        return best;
    }
}
