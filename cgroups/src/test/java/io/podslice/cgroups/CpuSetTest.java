package io.podslice.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against java.util.BitSet, which is another make of the same thing. */
class CpuSetTest {

    /** Small ones that often meet, and wide ones. */
    @Provide
    Arbitrary<Set<Integer>> ids() {
        Arbitrary<Integer> near = Arbitraries.integers().between(0, 20);
        Arbitrary<Integer> far = Arbitraries.integers().between(0, 700);
        return Arbitraries.oneOf(near.set().ofMaxSize(20), far.set().ofMaxSize(80));
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

    @Property
    void combinesAsSetsDo(@ForAll("ids") Set<Integer> a, @ForAll("ids") Set<Integer> b) {
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

    @Property
    void findsItsMembers(@ForAll("ids") Set<Integer> a, @ForAll @IntRange(min = -2, max = 800) int id) {
        CpuSet set = CpuSet.of(a);
        assertThat(set.contains(id)).isEqualTo(a.contains(id));
        assertThat(set.next(id)).isEqualTo(bits(a).nextSetBit(Math.max(0, id)));
    }

    @Property
    void readsWhatItWrites(@ForAll("ids") Set<Integer> a) {
        CpuSet set = CpuSet.of(a);
        assertThat(CpuSet.parse(set.toString())).isEqualTo(set);
        assertThat(CpuSet.parse(" " + set + "\n")).isEqualTo(set);
        assertThat(set.toString()).matches("(\\d+(-\\d+)?(,\\d+(-\\d+)?)*)?");
    }

    @Property
    void makesRanges(@ForAll @IntRange(max = 300) int first, @ForAll @IntRange(max = 300) int last) {
        BitSet bits = new BitSet();
        if (first <= last) {
            bits.set(first, last + 1);
        }
        assertSame(CpuSet.range(first, last), bits);
    }

    @Example
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

    @Example
    void refusesNumbersOutOfRange() {
        assertThatThrownBy(() -> CpuSet.of(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> CpuSet.range(0, CpuSet.MAX_ID + 1)).hasMessageContaining("65536");
        assertThat(CpuSet.of(CpuSet.MAX_ID).last()).isEqualTo(CpuSet.MAX_ID);
    }
}
