package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapRestTest {
    private static final long MI = 1 << 20;

    private long heap = 16 * MI;
    private long live = 10 * MI;
    private int collections;

    private final HeapRest rest = new HeapRest(() -> heap, () -> {
        collections++;
        heap = Math.min(heap, live + 6 * MI);
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
        assertThat(heap).isEqualTo(16 * MI);
        look(100);
        assertThat(collections).isOne();
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
        assertThat(collections).isOne();
        heap = 51 * MI;
        look(2);
        assertThat(collections).isEqualTo(2);
    }
}
