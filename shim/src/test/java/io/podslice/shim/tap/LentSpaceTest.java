package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LentSpaceTest {
    private final ReadBuffers buffers = new ReadBuffers();
    private final LentSpace space = new LentSpace(buffers);

    /** Reads that many bytes, the first of which has this value. */
    private static ByteBuffer read(ByteBuffer into, int first, int bytes) {
        int from = into.position();
        return into.put(new byte[bytes]).put(from, (byte) first);
    }

    /** Deals with what lies before an index. */
    private static ByteBuffer dealtWith(ByteBuffer buffer, int done) {
        return buffer.flip().position(done);
    }

    private List<ByteBuffer> lendAll() {
        List<ByteBuffer> lent = new ArrayList<>();
        for (ByteBuffer one = buffers.lend(); one != null; one = buffers.lend()) {
            lent.add(one);
        }
        return lent;
    }

    @Test
    void aTurnHasALargeBufferAndTheTimeBetweenTurnsNone() {
        ByteBuffer large = space.begin();
        assertThat(large.capacity()).isEqualTo(ReadBuffers.BYTES);
        ByteBuffer next = space.next(dealtWith(read(large, 7, 300), 300), 0);
        assertThat(next).isSameAs(large);
        assertThat(next.position()).isZero();
        space.end(next);
        assertThat(buffers.lend()).as("it was given back").isSameAs(large);
    }

    @Test
    void theBeginningOfAFrameIsKept() {
        ByteBuffer next = space.next(dealtWith(read(space.begin(), 7, 300), 0), 16_393);
        assertThat(next.position()).isEqualTo(300);
        space.end(next);
        ByteBuffer again = space.begin();
        assertThat(again.position()).isEqualTo(300);
        assertThat(again.get(0)).isEqualTo((byte) 7);
        assertThat(again.remaining()).isGreaterThan(16_393);
        space.end(space.next(dealtWith(again, 300), 0));
        assertThat(space.begin().position()).isZero();
    }

    @Test
    void aFrameLargerThanThatHasABufferOfItsOwnUntilItIsDealtWith() {
        ByteBuffer own = space.next(dealtWith(read(space.begin(), 7, 300), 0), 1 << 20);
        assertThat(own.capacity()).isGreaterThanOrEqualTo(1 << 20);
        space.end(own);
        assertThat(lendAll()).hasSizeGreaterThan(8);
        assertThat(space.begin()).isSameAs(own);
        assertThat(own.position()).isEqualTo(300);
        read(own, 8, (1 << 20) - 300);
        ByteBuffer base = space.next(dealtWith(own, 1 << 20), 0);
        assertThat(base.capacity()).isLessThanOrEqualTo(ReadBuffers.BYTES);
        assertThat(base.position()).isZero();
    }

    @Test
    void whileAllLargeOnesAreLentATurnHasASmallOneOrOneOfItsFrame() {
        List<ByteBuffer> lent = lendAll();
        assertThat(lent).as("their number is bounded").hasSizeBetween(8, 64);
        ByteBuffer small = space.begin();
        assertThat(small.capacity()).isEqualTo(LentSpace.SMALL_BYTES);
        ByteBuffer fitting = space.next(dealtWith(read(small, 7, 100), 0), 16_393);
        assertThat(fitting.capacity()).isEqualTo(16_393);
        assertThat(fitting.isDirect()).isFalse();
        assertThat(fitting.position()).isEqualTo(100);
        space.end(fitting);

        buffers.returned(lent.getFirst());
        ByteBuffer large = space.begin();
        assertThat(large.capacity()).isEqualTo(ReadBuffers.BYTES);
        assertThat(large.position()).isEqualTo(100);
        assertThat(large.get(0)).isEqualTo((byte) 7);
        assertThat(buffers.lend()).isNull();
        space.close();
        assertThat(buffers.lend()).as("closing gives it back").isSameAs(large);
    }
}
