package io.podslice.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with java.util.BitSet, another implementation of sets of numbers. */
class CpuSetTest {

    /** Makes random numbers with the repetition as their seed. */
    private static SplittableRandom random(RepetitionInfo repetition) {
        return new SplittableRandom(repetition.getCurrentRepetition());
    }

    /**
     * Returns a random set: small numbers that often meet, wide ranges, numbers around the ends of a word; sometimes
     * none.
     */
    private static Set<Integer> ids(SplittableRandom random) {
        int[] most = {0, 20, 80, 12};
        int kind = random.nextInt(most.length);
        Set<Integer> ids = new TreeSet<>();
        for (int i = random.nextInt(most[kind] + 1); i > 0; i--) {
            ids.add(
                    switch (kind) {
                        case 1 -> random.nextInt(21);
                        case 2 -> random.nextInt(701);
                        default -> 64 * random.nextInt(1, 4) + random.nextInt(-1, 2);
                    });
        }
        return ids;
    }

    private static BitSet bits(Set<Integer> ids) {
        BitSet bits = new BitSet();
        ids.forEach(bits::set);
        return bits;
    }

    private static void assertSame(CpuSet set, BitSet bits) {
        assertThat(set.toArray()).isEqualTo(bits.stream().toArray());
        assertThat(set.stream().toArray()).isEqualTo(bits.stream().toArray());
        assertThat(set.size()).isEqualTo(bits.cardinality());
        assertThat(set.isEmpty()).isEqualTo(bits.isEmpty());
        assertThat(set.first()).isEqualTo(bits.nextSetBit(0));
        assertThat(set.last()).isEqualTo(bits.length() - 1);
        assertThat(set).isEqualTo(CpuSet.of(bits.stream().toArray()));
        assertThat(set.hashCode()).isEqualTo(CpuSet.of(bits.stream().toArray()).hashCode());
        List<Integer> visited = new ArrayList<>();
        set.forEach(visited::add);
        assertThat(visited).isEqualTo(bits.stream().boxed().toList());
    }

    @RepeatedTest(300)
    void combinesAsSetsDo(RepetitionInfo repetition) {
        SplittableRandom random = random(repetition);
        Set<Integer> a = ids(random);
        Set<Integer> b = random.nextInt(8) == 0 ? a : ids(random);
        CpuSet one = CpuSet.of(a);
        CpuSet other = CpuSet.of(b);
        BitSet union = bits(a);
        union.or(bits(b));
        BitSet intersection = bits(a);
        intersection.and(bits(b));
        BitSet difference = bits(a);
        difference.andNot(bits(b));
        assertSame(one.union(other), union);
        assertSame(one.intersection(other), intersection);
        assertSame(one.minus(other), difference);
        assertThat(one.intersects(other)).isEqualTo(bits(a).intersects(bits(b)));
        assertThat(one.containsAll(other)).isEqualTo(a.containsAll(b));
        assertThat(one.equals(other)).isEqualTo(a.equals(b));
        assertThat(Integer.signum(one.compareTo(other))).isEqualTo(-Integer.signum(other.compareTo(one)));
        assertThat(one.compareTo(other) == 0).isEqualTo(one.equals(other));
    }

    @RepeatedTest(50)
    void findsItsMembers(RepetitionInfo repetition) {
        Set<Integer> a = ids(random(repetition));
        CpuSet set = CpuSet.of(a);
        for (int id = -2; id <= 800; id++) {
            assertThat(set.contains(id)).as("%s in %s", id, a).isEqualTo(a.contains(id));
            assertThat(set.next(id)).as("from %s in %s", id, a).isEqualTo(bits(a).nextSetBit(Math.max(0, id)));
        }
    }

    @RepeatedTest(200)
    void readsWhatItWrites(RepetitionInfo repetition) {
        CpuSet set = CpuSet.of(ids(random(repetition)));
        assertThat(CpuSet.parse(set.toString())).isEqualTo(set);
        assertThat(CpuSet.parse(" " + set + "\n")).isEqualTo(set);
        assertThat(set.toString()).matches("(\\d+(-\\d+)?(,\\d+(-\\d+)?)*)?");
    }

    @RepeatedTest(100)
    void makesRanges(RepetitionInfo repetition) {
        SplittableRandom random = random(repetition);
        int first = random.nextInt(301);
        int last = random.nextInt(301);
        BitSet bits = new BitSet();
        if (first <= last) {
            bits.set(first, last + 1);
        }
        assertSame(CpuSet.range(first, last), bits);
    }

    @Test
    void joinsNeighboursIntoRanges() {
        assertThat(CpuSet.of(3, 1, 2, 7, 9, 8, 63, 64)).hasToString("1-3,7-9,63-64");
        assertThat(CpuSet.parse("4,0-1,1-2")).hasToString("0-2,4");
        assertThat(CpuSet.empty()).hasToString("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "1-", "-1", "3-1", "1,,2", "1,", "0x1", "1 2", "1-2-3", "65536", "9999999", "+1"})
    void refusesWhatIsNoList(String text) {
        assertThatThrownBy(() -> CpuSet.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"");
    }

    @Test
    void refusesNumbersOutOfRange() {
        assertThatThrownBy(() -> CpuSet.of(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> CpuSet.range(0, CpuSet.MAX_ID + 1)).hasMessageContaining("65536");
        assertThat(CpuSet.of(CpuSet.MAX_ID).last()).isEqualTo(CpuSet.MAX_ID);
    }
}
