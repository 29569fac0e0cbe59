package io.podslice.managers.cpu;

import java.util.Arrays;

/**
 * One kind of hardware element (cores, L3 caches, NUMA nodes or sockets) as dense numbers in ascending order of id, with
 * the CPUs of each. CPUs are dense numbers too.
 */
final class Elements {
    /** Id of each element, ascending. */
    final int[] ids;
    /** Element of each CPU. */
    final int[] of;
    /** Number of CPUs of each element. */
    final int[] size;
    /** CPUs of each element as a bit set. */
    final long[][] cpus;

    private Elements(int[] ids, int[] of, int[] size, long[][] cpus) {
        this.ids = ids;
        this.of = of;
        this.size = size;
        this.cpus = cpus;
    }

    /** @param idOf the element id of each CPU */
    static Elements of(int[] idOf) {
        int[] ids = Arrays.stream(idOf).sorted().distinct().toArray();
        int[] of = new int[idOf.length];
        int[] size = new int[ids.length];
        long[][] cpus = new long[ids.length][Bits.words(idOf.length)];
        for (int cpu = 0; cpu < idOf.length; cpu++) {
            int element = Arrays.binarySearch(ids, idOf[cpu]);
            of[cpu] = element;
            size[element]++;
            Bits.set(cpus[element], cpu);
        }
        return new Elements(ids, of, size, cpus);
    }

    int count() {
        return ids.length;
    }

    /** Returns the CPUs per element, rounded down: the average that the kubelet uses in place of actual sizes. */
    int averageSize() {
        return of.length / ids.length;
    }

    /** Returns, for each element, those of {@code others} whose first CPU it holds. */
    int[][] within(Elements others) {
        int[] owner = new int[count()];
        int[] members = new int[others.count()];
        for (int element = 0; element < owner.length; element++) {
            owner[element] = others.of[Bits.next(cpus[element], 0)];
            members[owner[element]]++;
        }
        int[][] result = new int[others.count()][];
        for (int other = 0; other < result.length; other++) {
            result[other] = new int[members[other]];
        }
        for (int element = owner.length - 1; element >= 0; element--) {
            result[owner[element]][--members[owner[element]]] = element;
        }
        return result;
    }
}
