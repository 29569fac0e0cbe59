package io.podslice.managers.cpu;

import java.util.Arrays;

/**
 * One taking of CPUs by best fit: whole NUMA nodes and sockets, then (where asked) L3 caches, whole cores, and single
 * CPUs; among elements of a kind the one with the fewest free CPUs goes first, then the one with the lowest id.
 *
 * <p>Follows the kubelet's {@code takeByTopologyNUMAPacked}, with the real sizes of cores and sockets in place of averages
 * (kubernetes PR 140498) and each element taken into account once (PR 141026). Holds its working arrays: for one thread,
 * and for one use after the other.
 */
final class PackedTake {
    private static final int NONE = -1;

    private final CpuTopology topology;
    private final long[] free;
    private final int[] freeInCore;
    private final int[] freeInL3;
    private final int[] freeInNuma;
    private final int[] freeInSocket;
    private final Order numas;
    private final Order sockets;
    private final Order cores;
    private final long[] keys;

    private long[] taken = {};
    private int need;

    PackedTake(CpuTopology topology) {
        this.topology = topology;
        free = new long[Bits.words(topology.ids.length)];
        freeInCore = new int[topology.cores.count()];
        freeInL3 = new int[topology.l3s.count()];
        freeInNuma = new int[topology.numas.count()];
        freeInSocket = new int[topology.sockets.count()];
        numas = new Order(topology.numas.count());
        sockets = new Order(topology.sockets.count());
        cores = new Order(topology.cores.count());
        keys = new long[Math.max(topology.l3s.count(), Math.max(numas.elements.length, sockets.elements.length))];
    }

    /** Elements of one kind that have free CPUs, in the order in which they are to be used. */
    static final class Order {
        final int[] elements;
        int length;

        private Order(int count) {
            elements = new int[count];
        }

        int[] copy() {
            return Arrays.copyOf(elements, length);
        }
    }

    /**
     * Adds {@code count} CPUs of {@code available} to {@code result}.
     *
     * @param count 0 to the number of available CPUs
     */
    void take(long[] available, int count, CpuSorting sorting, L3Preference l3, long[] result) {
        taken = result;
        need = count;
        count(available);
        if (topology.numaFirst) {
            takeWholeNumas();
            takeWholeSockets();
        } else {
            takeWholeSockets();
            takeWholeNumas();
        }
        if (l3 != L3Preference.NONE && need > 0) {
            takeByL3(l3 == L3Preference.BEST_FIT);
        }
        if (sorting == CpuSorting.PACKED) {
            takeByCore();
        } else {
            takeByNumber();
        }
        if (need != 0) {
            throw new IllegalStateException(count + " CPUs asked for, " + need + " of them not available");
        }
    }

    /** Sets these CPUs as the free ones. */
    void count(long[] available) {
        System.arraycopy(available, 0, free, 0, free.length);
        Arrays.fill(freeInCore, 0);
        Arrays.fill(freeInL3, 0);
        Arrays.fill(freeInNuma, 0);
        Arrays.fill(freeInSocket, 0);
        for (int cpu = Bits.next(free, 0); cpu >= 0; cpu = Bits.next(free, cpu + 1)) {
            freeInCore[topology.cores.of[cpu]]++;
            freeInL3[topology.l3s.of[cpu]]++;
            freeInNuma[topology.numas.of[cpu]]++;
            freeInSocket[topology.sockets.of[cpu]]++;
        }
    }

    /** Free CPUs of a NUMA node. */
    int freeInNuma(int numa) {
        return freeInNuma[numa];
    }

    Order orderNumas() {
        if (topology.numaFirst) {
            return all(freeInNuma, numas);
        }
        return nested(orderSockets(), topology.sockets, topology.numas, freeInNuma, numas);
    }

    Order orderSockets() {
        if (topology.numaFirst) {
            return nested(orderNumas(), topology.numas, topology.sockets, freeInSocket, sockets);
        }
        return all(freeInSocket, sockets);
    }

    /** Orders the cores within each NUMA node or socket by counting: a core has few threads. */
    Order orderCores() {
        Order outer = topology.numaFirst ? orderSockets() : orderNumas();
        int[][] coresOf = topology.numaFirst ? topology.coresOfSocket : topology.coresOfNuma;
        cores.length = 0;
        for (int i = 0; i < outer.length; i++) {
            for (int size = 1; size <= topology.largestCore; size++) {
                for (int core : coresOf[outer.elements[i]]) {
                    if (freeInCore[core] == size) {
                        cores.elements[cores.length++] = core;
                    }
                }
            }
        }
        return cores;
    }

    private Order all(int[] freeIn, Order order) {
        int n = 0;
        for (int element = 0; element < freeIn.length; element++) {
            if (freeIn[element] > 0) {
                keys[n++] = (long) freeIn[element] << 32 | element;
            }
        }
        order.length = 0;
        append(n, order);
        return order;
    }

    /**
     * Orders the inner elements of each outer element in turn; an inner element in several outer ones counts at the
     * first.
     */
    private Order nested(Order outer, Elements outers, Elements inners, int[] freeIn, Order order) {
        long[] seen = new long[Bits.words(inners.count())];
        order.length = 0;
        for (int i = 0; i < outer.length; i++) {
            long[] cpus = outers.cpus[outer.elements[i]];
            int n = 0;
            for (int word = 0; word < free.length; word++) {
                for (long rest = free[word] & cpus[word]; rest != 0; rest &= rest - 1) {
                    int inner = inners.of[(word << 6) + Long.numberOfTrailingZeros(rest)];
                    if (!Bits.get(seen, inner)) {
                        Bits.set(seen, inner);
                        keys[n++] = (long) freeIn[inner] << 32 | inner;
                    }
                }
            }
            append(n, order);
        }
        return order;
    }

    private void append(int n, Order order) {
        Arrays.sort(keys, 0, n);
        for (int i = 0; i < n; i++) {
            order.elements[order.length++] = (int) keys[i];
        }
    }

    private void takeWholeNumas() {
        if (anyWhole(topology.numas, freeInNuma)) {
            takeWhole(topology.numas, freeInNuma, orderNumas());
        }
    }

    private void takeWholeSockets() {
        if (anyWhole(topology.sockets, freeInSocket)) {
            takeWhole(topology.sockets, freeInSocket, orderSockets());
        }
    }

    private boolean anyWhole(Elements kind, int[] freeIn) {
        for (int element = 0; element < freeIn.length; element++) {
            if (isWhole(kind, freeIn, element)) {
                return true;
            }
        }
        return false;
    }

    /** Tells if no CPU of the element is in use, and all of it is needed. */
    private boolean isWhole(Elements kind, int[] freeIn, int element) {
        return freeIn[element] == kind.size[element] && freeIn[element] <= need;
    }

    private void takeWhole(Elements kind, int[] freeIn, Order order) {
        for (int i = 0; i < order.length; i++) {
            int element = order.elements[i];
            if (isWhole(kind, freeIn, element)) {
                takeAll(kind.cpus[element]);
            }
        }
    }

    /** Takes whole L3 caches, then one whose lowest cores hold exactly the remainder, or one that has enough. */
    private void takeByL3(boolean bestFit) {
        Order order = nested(orderNumas(), topology.numas, topology.l3s, freeInL3, new Order(topology.l3s.count()));
        if (need >= topology.l3s.averageSize()) {
            takeWhole(topology.l3s, freeInL3, order);
        }
        for (int i = 0; i < order.length && need > 0; i++) {
            takePartOfL3(order.elements[i]);
        }
        if (bestFit && need > 0) {
            takeFromTightestL3(order);
        }
    }

    private void takeFromTightestL3(Order order) {
        int best = NONE;
        for (int i = 0; i < order.length; i++) {
            int l3 = order.elements[i];
            if (freeInL3[l3] >= need && (best == NONE || freeInL3[l3] < freeInL3[best])) {
                best = l3;
            }
        }
        if (best != NONE) {
            takeWithin(topology.l3s.cpus[best]);
        }
    }

    /** Takes the remainder, by cores, from these CPUs alone. */
    private void takeWithin(long[] cpus) {
        long[] within = free.clone();
        for (int word = 0; word < within.length; word++) {
            within[word] &= cpus[word];
        }
        long[] found = new long[free.length];
        new PackedTake(topology).take(within, need, CpuSorting.PACKED, L3Preference.NONE, found);
        takeAll(found);
    }

    private void takePartOfL3(int l3) {
        int threads = topology.threadsPerCore();
        int coresLeft = (need + threads - 1) / threads;
        int found = 0;
        int last = NONE;
        int[] cores = topology.coresOfL3[l3];
        int end = 0;
        for (; end < cores.length && coresLeft > 0; end++) {
            int core = cores[end];
            if (freeInCore[core] > 0) {
                coresLeft--;
                found += freeInCore[core];
                last = Math.max(last, lastFree(core));
            }
        }
        int spare = need % 2 != 0 && threads > 1 && found > need ? last : NONE;
        if (found - (spare == NONE ? 0 : 1) != need) {
            return;
        }
        for (int i = 0; i < end; i++) {
            takeFromCore(cores[i], spare);
        }
    }

    private int lastFree(int core) {
        long[] cpus = topology.cores.cpus[core];
        for (int word = free.length - 1; word >= 0; word--) {
            long rest = free[word] & cpus[word];
            if (rest != 0) {
                return (word << 6) + 63 - Long.numberOfLeadingZeros(rest);
            }
        }
        return NONE;
    }

    /** Takes whole cores in order; then CPU by CPU, from the cores with the fewest free CPUs on. */
    private void takeByCore() {
        takeCores(true);
        takeCores(false);
    }

    private void takeCores(boolean whole) {
        if (need == 0) {
            return;
        }
        Order order = orderCores();
        for (int i = 0; i < order.length; i++) {
            int core = order.elements[i];
            if (!whole || isWhole(topology.cores, freeInCore, core)) {
                takeFromCore(core, NONE);
            }
        }
    }

    private void takeByNumber() {
        if (need == 0) {
            return;
        }
        Order order = orderSockets();
        for (int i = 0; i < order.length; i++) {
            takeAll(topology.sockets.cpus[order.elements[i]]);
        }
    }

    private void takeFromCore(int core, int spare) {
        long[] cpus = topology.cores.cpus[core];
        for (int cpu = Bits.next(cpus, 0); cpu >= 0 && need > 0; cpu = Bits.next(cpus, cpu + 1)) {
            if (cpu != spare && Bits.get(free, cpu)) {
                take(cpu);
            }
        }
    }

    /** Takes the free CPUs among these, in order of number, until the request is met. */
    private void takeAll(long[] cpus) {
        for (int word = 0; word < free.length; word++) {
            for (long rest = free[word] & cpus[word]; rest != 0 && need > 0; rest &= rest - 1) {
                take((word << 6) + Long.numberOfTrailingZeros(rest));
            }
        }
    }

    private void take(int cpu) {
        free[cpu >> 6] &= ~(1L << cpu);
        Bits.set(taken, cpu);
        freeInCore[topology.cores.of[cpu]]--;
        freeInL3[topology.l3s.of[cpu]]--;
        freeInNuma[topology.numas.of[cpu]]--;
        freeInSocket[topology.sockets.of[cpu]]--;
        need--;
    }
}
