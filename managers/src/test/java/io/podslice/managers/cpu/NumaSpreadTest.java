package io.podslice.managers.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The closed form makes the choice that an enumeration of all combinations and subsets makes. */
class NumaSpreadTest {

    @Test
    void chooses_what_enumeration_finds_first() {
        SplittableRandom random = new SplittableRandom(20261122);
        int splits = 0;
        for (int i = 0; i < 30_000; i++) {
            int[] free = new int[random.nextInt(1, i % 100 == 0 ? 11 : 8)];
            int most = random.nextInt(1, random.nextBoolean() ? 6 : 40);
            for (int j = 0; j < free.length; j++) {
                free[j] = random.nextInt(8) == 0 ? random.nextInt(1, 65) : random.nextInt(1, most + 1);
            }
            if (random.nextBoolean()) {
                Arrays.sort(free);
            }
            int groupSize = random.nextInt(4) == 0 ? random.nextInt(1, 5) : 1;
            int total = Arrays.stream(free).sum() / groupSize;
            if (total == 0) {
                continue;
            }
            int groups = random.nextInt(1, total + 1);
            int fewest = random.nextInt(1, Math.min(3, groups) + 1);
            NumaSpread actual = NumaSpread.choose(free, groupSize, groups, fewest);
            Enumeration expected = new Enumeration(free, groupSize, groups, fewest);
            String asked = Arrays.toString(free) + " groups " + groups + " of " + groupSize + " from " + fewest;
            assertThat(actual.nodes).as(asked).isEqualTo(expected.bestCombo);
            assertThat(actual.remainder).as(asked).isEqualTo(expected.bestRemainder);
            splits += expected.bestRemainder.length > 0 ? 1 : 0;
        }
        assertThat(splits).as("cases with a remainder").isGreaterThan(3000);
    }

    /** Rounds in which nodes run dry, where dealing less evenly is better, and where rounding makes a tie. */
    @Test
    void deals_the_remainder_to_few_nodes_where_that_is_more_even() {
        for (int[] free : List.of(
                new int[] {1, 1, 1, 2, 3, 3, 9},
                new int[] {2, 2, 2, 2, 30},
                new int[] {9, 1, 1, 1, 1, 1},
                new int[] {60, 61, 62, 63, 64, 64},
                new int[] {3, 4, 4, 2, 2, 2, 2, 2, 2})) {
            int total = Arrays.stream(free).sum();
            for (int groups = 1; groups <= total; groups++) {
                NumaSpread actual = NumaSpread.choose(free, 1, groups, 1);
                Enumeration expected = new Enumeration(free, 1, groups, 1);
                String asked = Arrays.toString(free) + " groups " + groups;
                assertThat(actual.nodes).as(asked).isEqualTo(expected.bestCombo);
                assertThat(actual.remainder).as(asked).isEqualTo(expected.bestRemainder);
            }
        }
    }

    /** Enumerates all choices in the kubelet's order (kubelet.md 6.5 with whole groups counted and lists copied). */
    private static final class Enumeration {
        private final int[] free;
        private final int groupSize;
        private final int count;
        int[] bestCombo = {};
        int[] bestRemainder = {};
        private double bestBalance;
        private double localBalance;
        private int[] localRemainder = {};

        Enumeration(int[] free, int groupSize, int groups, int fewest) {
            this.free = free;
            this.groupSize = groupSize;
            count = groups * groupSize;
            int[] all = new int[free.length];
            Arrays.setAll(all, i -> i);
            for (int k = fewest; k <= Math.min(groups, free.length) && bestCombo.length == 0; k++) {
                bestBalance = Double.MAX_VALUE;
                for (int[] combo : combinations(all, k)) {
                    tryCombo(combo);
                }
            }
        }

        private void tryCombo(int[] combo) {
            int share = count / combo.length / groupSize * groupSize;
            if (Arrays.stream(combo).map(i -> free[i] / groupSize * groupSize).sum() < count
                    || Arrays.stream(combo).anyMatch(i -> free[i] < share)) {
                return;
            }
            int[] after = free.clone();
            Arrays.stream(combo).forEach(i -> after[i] -= share);
            int left = count - share * combo.length;
            localBalance = left == 0 ? deviation(after) : Double.MAX_VALUE;
            localRemainder = new int[0];
            if (left > 0) {
                int[] roomy =
                        Arrays.stream(combo).filter(i -> after[i] >= groupSize).toArray();
                for (int k = roomy.length; k >= 1; k--) {
                    for (int[] subset : combinations(roomy, k)) {
                        trySubset(subset, after.clone(), left);
                    }
                }
            }
            if (localBalance < bestBalance) {
                bestBalance = localBalance;
                bestCombo = combo;
                bestRemainder = localRemainder;
            }
        }

        private void trySubset(int[] subset, int[] after, int left) {
            if (Arrays.stream(subset).map(i -> after[i] / groupSize * groupSize).sum() < left) {
                return;
            }
            int open = left;
            while (open > 0) {
                for (int i : subset) {
                    if (open > 0 && after[i] >= groupSize) {
                        after[i] -= groupSize;
                        open -= groupSize;
                    }
                }
            }
            double balance = deviation(after);
            if (balance < localBalance) {
                localBalance = balance;
                localRemainder = subset;
            }
        }

        private static double deviation(int[] xs) {
            double mean = thousandths((double) Arrays.stream(xs).sum() / xs.length);
            double sum = 0;
            for (int x : xs) {
                sum += (x - mean) * (x - mean);
            }
            return thousandths(Math.sqrt(sum / xs.length));
        }

        private static double thousandths(double x) {
            return Math.floor(x * 1000 + 0.5) / 1000;
        }

        private static List<int[]> combinations(int[] from, int k) {
            List<int[]> result = new ArrayList<>();
            combine(from, k, 0, new int[k], 0, result);
            return result;
        }

        private static void combine(int[] from, int k, int start, int[] chosen, int n, List<int[]> result) {
            if (n == k) {
                result.add(chosen.clone());
                return;
            }
            for (int i = start; i < from.length; i++) {
                chosen[n] = from[i];
                combine(from, k, i + 1, chosen, n + 1, result);
            }
        }
    }
}
