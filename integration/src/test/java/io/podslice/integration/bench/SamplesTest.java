package io.podslice.integration.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {

    @Test
    void theMedianOfManySamplesIsTheOneInTheMiddle() {
        Samples samples = new Samples(2);
        for (int i = 1000; i >= 0; i--) {
            samples.add(i * 1000L);
        }
        assertThat(samples.size()).isEqualTo(1001);
        assertThat(samples.micros(0.5)).isEqualTo(500);
        assertThat(samples.micros(0.99)).isEqualTo(990);
        assertThat(samples.micros(1)).isEqualTo(1000);
    }

    @Test
    void theSamplesOfAllCallersCountAlike() {
        Samples fast = new Samples(1);
        fast.add(1000);
        fast.add(1000);
        Samples slow = new Samples(1);
        slow.add(9000);
        Samples all = Samples.all(List.of(fast, slow));
        assertThat(all.size()).isEqualTo(3);
        assertThat(all.micros(0.5)).isEqualTo(1);
        assertThat(all.micros(1)).isEqualTo(9);
    }

    @Test
    void noSamplesHaveNoMedian() {
        Samples none = new Samples(1);
        assertThatThrownBy(() -> none.micros(0.5)).isInstanceOf(BenchException.class);
    }

    @Test
    void quantilesLieBetweenTheirNeighbours() {
        assertThat(Samples.median(new double[] {3, 1, 2})).isEqualTo(2);
        assertThat(Samples.median(new double[] {4, 1, 2, 3})).isEqualTo(2.5);
        assertThat(Samples.quantile(new double[] {0, 10, 20}, 0.25)).isEqualTo(5, within(1e-9));
        assertThat(Samples.quantile(new double[] {7}, 0.75)).isEqualTo(7);
    }
}
