package io.podslice.managers.cpu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Chooses whole cores that have exactly a number of CPUs together, for machines whose cores differ in size: where a
 * thread is offline, or some cores have hardware threads and others none (kubernetes issues 124066, 140495). There the
 * best fit core by core may end with a remainder that no core has, although another choice of cores has none.
 */
final class WholeCores {
    private WholeCores() {}

    /**
     * Returns the first choice in the given order: a core is left out only where the cores after it cannot make up the
     * rest without it. Time and memory grow with cores times CPUs.
     *
     * @param sizes CPUs of each core, 1 or more, in the order in which cores are to be used
     * @param count CPUs that the chosen cores have together, 0 or more
     * @return positions of the chosen cores, ascending; null if no choice has exactly that many CPUs
     */
    static int @Nullable [] choose(int[] sizes, int count) {
        // Row i: the numbers of CPUs, up to count, that some of the cores from i on have together.
        int words = Bits.words(count + 1);
        long[][] reachable = new long[sizes.length + 1][words];
        Bits.set(reachable[sizes.length], 0);
        for (int i = sizes.length - 1; i >= 0; i--) {
            long[] after = reachable[i + 1];
            System.arraycopy(after, 0, reachable[i], 0, words);
            for (int sum = Bits.next(after, 0); sum >= 0 && sum + sizes[i] <= count; sum = Bits.next(after, sum + 1)) {
                Bits.set(reachable[i], sum + sizes[i]);
            }
        }
        if (!Bits.get(reachable[0], count)) {
            return null;
        }
        int[] chosen = new int[sizes.length];
        int n = 0;
        int left = count;
        for (int i = 0; left > 0; i++) {
            if (sizes[i] <= left && Bits.get(reachable[i + 1], left - sizes[i])) {
                chosen[n++] = i;
                left -= sizes[i];
            }
        }
        return Arrays.copyOf(chosen, n);
    }
}
