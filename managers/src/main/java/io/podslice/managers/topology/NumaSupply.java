package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The supply of one resource by NUMA node, from which it tells of any set of nodes if the set would do: the resource's
 * hints without listing them, of which there can be 2^N.
 *
 * <p>A set would do if it holds the required nodes, its free amounts together are enough, and its members may be used
 * together. It is preferred if no smaller set could do on an empty machine.
 */
public final class NumaSupply implements ResourceHints {

    /**
     * One amount that is needed.
     *
     * @param amount the need, in the resource's unit
     * @param total the whole supply of each node, by node id; 0 where absent
     * @param free the free supply of each node, by node id
     */
    public record Need(long amount, Map<Integer, Long> total, Map<Integer, Long> free) {
        public Need {
            total = Map.copyOf(total);
            free = Map.copyOf(free);
        }
    }

    private final NumaNodes nodes;
    /** The resource name of each amount; empty where unknown. */
    final List<String> names;

    final long[] amounts;
    final long[][] free;
    final boolean[] required;
    /** Nodes that may be used alone. */
    private final boolean[] alone;
    /** Nodes that may be used with any others. */
    private final boolean[] together;
    /** Sets that may be used whatever holds for their members, and their amounts beyond what is free. */
    private final Map<CpuSet, long[]> exact;

    private final int fewest;
    /** The socket of each node, where all nodes of the fewest possible sockets are preferred. */
    private final int @Nullable [] socket;

    private final int fewestSockets;

    private NumaSupply(Builder builder, int fewest) {
        nodes = builder.nodes;
        names = builder.names;
        amounts = builder.amounts;
        free = builder.free;
        required = builder.required;
        alone = builder.alone;
        together = builder.together;
        exact = Map.copyOf(builder.exact);
        socket = builder.socket;
        this.fewest = fewest;
        fewestSockets = builder.nodesPerSocket == 0 ? 0 : Math.ceilDiv(fewest, builder.nodesPerSocket);
    }

    /** Makes a supply from the amounts alone, with all nodes equal. */
    public static Builder of(NumaNodes nodes, List<Need> needs) {
        return new Builder(nodes, needs);
    }

    /** Tells if the set would do. */
    public boolean accepts(CpuSet set) {
        int[] members = new int[set.size()];
        int n = 0;
        for (int id = set.first(); id >= 0; id = set.next(id + 1)) {
            int index = nodes.index(id);
            if (index < 0) {
                return false;
            }
            members[n++] = index;
        }
        long[] extra = exact.get(set);
        return n > 0 && holdsRequired(set) && (extra != null || mayBeUsed(members)) && isEnough(members, extra);
    }

    private boolean holdsRequired(CpuSet set) {
        for (int i = 0; i < required.length; i++) {
            if (required[i] && !set.contains(nodes.id(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean mayBeUsed(int[] members) {
        boolean[] usable = usable(members.length);
        for (int member : members) {
            if (!usable[member]) {
                return false;
            }
        }
        return true;
    }

    private boolean isEnough(int[] members, long @Nullable [] extra) {
        for (int k = 0; k < amounts.length; k++) {
            long sum = extra == null ? 0 : extra[k];
            for (int member : members) {
                sum += free[k][member];
            }
            if (sum < amounts[k]) {
                return false;
            }
        }
        return true;
    }

    /** Returns the best set that would do, in the order of the kubelet's narrowest fit; empty if none would. */
    public Optional<TopologyHint> best() {
        return SupplyMerge.narrowest(nodes, this).map(set -> new TopologyHint(set, prefers(set)));
    }

    /** The sets that may be used whatever holds for their members. */
    Set<CpuSet> exactSets() {
        return exact.keySet();
    }

    /** Returns a number of nodes below which no set would do. */
    int atLeast() {
        if (!exact.isEmpty()) {
            return 1;
        }
        int least = 1;
        for (int k = 0; k < amounts.length; k++) {
            least = Math.max(least, atLeast(amounts[k], free[k]));
        }
        return least;
    }

    private static int atLeast(long amount, long[] supply) {
        long[] ascending = supply.clone();
        Arrays.sort(ascending);
        int count = 0;
        for (long sum = 0; sum < amount && count < ascending.length; count++) {
            sum += ascending[ascending.length - 1 - count];
        }
        return count;
    }

    /** Returns the nodes that a set of that size may be made of. */
    boolean[] usable(int size) {
        return size == 1 ? alone : together;
    }

    /** Tells if a set that would do is preferred. */
    public boolean prefers(CpuSet set) {
        int[] members = new int[set.size()];
        int n = 0;
        for (int id = set.first(); id >= 0; id = set.next(id + 1)) {
            members[n++] = nodes.index(id);
        }
        return prefers(members);
    }

    boolean prefers(int[] members) {
        return members.length == fewest || (socket != null && socketsOf(members, socket) == fewestSockets);
    }

    private static int socketsOf(int[] members, int[] socket) {
        int sockets = 0;
        for (int i = 0; i < members.length; i++) {
            boolean first = true;
            for (int j = 0; j < i && first; j++) {
                first = socket[members[j]] != socket[members[i]];
            }
            sockets += first ? 1 : 0;
        }
        return sockets;
    }

    /** Tells if only sets of one size are preferred. */
    boolean prefersOneSize() {
        return socket == null;
    }

    /** Returns the least number of nodes that could do on an empty machine; more than the machine has if none could. */
    public int fewest() {
        return fewest;
    }

    /** Collects the properties of a supply beyond its amounts. */
    public static final class Builder {
        private final NumaNodes nodes;
        private final long[] amounts;
        private final long[][] total;
        private final long[][] free;
        private final boolean[] required;
        private List<String> names = List.of();
        private boolean[] alone;
        private boolean[] together;
        private final Map<CpuSet, long[]> exact = new HashMap<>();
        private int @Nullable [] socket;
        private int nodesPerSocket;

        private Builder(NumaNodes nodes, List<Need> needs) {
            this.nodes = nodes;
            int n = nodes.count();
            amounts = new long[needs.size()];
            total = new long[needs.size()][n];
            free = new long[needs.size()][n];
            for (int k = 0; k < amounts.length; k++) {
                Need need = needs.get(k);
                amounts[k] = need.amount();
                for (int i = 0; i < n; i++) {
                    total[k][i] = need.total().getOrDefault(nodes.id(i), 0L);
                    free[k][i] = need.free().getOrDefault(nodes.id(i), 0L);
                }
            }
            required = new boolean[n];
            alone = flags(nodes.all());
            together = alone;
        }

        private boolean[] flags(CpuSet set) {
            boolean[] flags = new boolean[nodes.count()];
            for (int i = 0; i < flags.length; i++) {
                flags[i] = set.contains(nodes.id(i));
            }
            return flags;
        }

        /** Names the resources of the amounts, for explanations, in the order of the needs. */
        public Builder named(List<String> names) {
            this.names = List.copyOf(names);
            return this;
        }

        /** Requires every set to hold these nodes. */
        public Builder requiring(CpuSet required) {
            for (int i = 0; i < this.required.length; i++) {
                this.required[i] |= required.contains(nodes.id(i));
            }
            return this;
        }

        /** Restricts the nodes that may be used alone, and those that may be used with others. */
        public Builder usable(CpuSet alone, CpuSet together) {
            this.alone = flags(alone);
            this.together = flags(together);
            return this;
        }

        /**
         * Allows that set, whatever holds for its members.
         *
         * @param extra the set's amounts beyond what is free, in the order of the needs
         */
        public Builder exact(CpuSet set, List<Long> extra) {
            exact.put(set, extra.stream().mapToLong(Long::longValue).toArray());
            return this;
        }

        /**
         * Prefers all sets that lie in no more sockets than the smallest set would (align-by-socket).
         *
         * @param socketOf the socket of a NUMA node
         * @param nodesPerSocket NUMA nodes in a socket; below 1 nothing changes
         */
        public Builder preferringSockets(IntUnaryOperator socketOf, int nodesPerSocket) {
            if (nodesPerSocket >= 1) {
                int[] of = new int[nodes.count()];
                for (int i = 0; i < of.length; i++) {
                    of[i] = socketOf.applyAsInt(nodes.id(i));
                }
                socket = of;
                this.nodesPerSocket = nodesPerSocket;
            }
            return this;
        }

        public NumaSupply build() {
            return new NumaSupply(this, fewest());
        }

        private int fewest() {
            boolean[] all = flags(nodes.all());
            boolean[] none = new boolean[nodes.count()];
            int least = 1;
            for (int k = 0; k < amounts.length; k++) {
                least = Math.max(least, atLeast(amounts[k], total[k]));
            }
            for (int size = least; size <= all.length; size++) {
                if (SubsetSearch.best(all, none, amounts, total, new int[0][], size, set -> true).length > 0) {
                    return size;
                }
            }
            return all.length + 1;
        }
    }
}
