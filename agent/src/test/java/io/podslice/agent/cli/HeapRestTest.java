package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapRestTest {
    private static final long MI = 1 << 20;

    private long heap = HeapRest.LEAST_BYTES;
    private long live = 10 * MI;
    private int collections;

    private final HeapRest rest = new HeapRest(() -> heap, () -> {
        collections++;
        heap = Math.min(heap, live + 5 * MI);
    });

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            rest.look();
        }
    }

    @Test
    void aHeapThatHasNotGrownIsLeftAlone() {
        look(100);
        assertThat(collections).isZero();
    }

    @Test
    void whatABurstHasTakenIsGivenBackOnceItIsOver() {
        for (heap = 24 * MI; heap < 40 * MI; heap += MI) {
            look(1);
        }
        assertThat(collections).as("while it grows").isZero();
        look(2);
        assertThat(collections).isOne();
        assertThat(heap).isEqualTo(15 * MI);
        look(100);
        assertThat(collections).isOne();
    }

    @Test
    void whatIsLetGoLateIsGivenBackToo() {
        live = 20 * MI;
        heap = 40 * MI;
        look(2);
        assertThat(heap).isEqualTo(25 * MI);
        live = 10 * MI;
        look(HeapRest.LOOKS_OF_REST);
        assertThat(heap).isEqualTo(25 * MI);
        look(1);
        assertThat(heap).isEqualTo(15 * MI);
        assertThat(collections).isEqualTo(2);
    }

    @Test
    void thereIsNoneSoonAfterAnother() {
        heap = 40 * MI;
        look(2);
        assertThat(collections).isOne();
        for (int i = 0; i < HeapRest.LOOKS_OF_REST; i++) {
            heap = 40 * MI;
            look(1);
        }
        assertThat(collections).isOne();
        look(1);
        assertThat(collections).isEqualTo(2);
    }

    @Test
    void aHeapThatIsInUseIsNotCollectedAgainUntilItHasGrown() {
        live = 40 * MI;
        heap = 46 * MI;
        look(100);
        assertThat(collections).isEqualTo(2);
        heap = 51 * MI;
        look(2);
        assertThat(collections).isEqualTo(3);
    }
}
