package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LentSpaceTest {
    private final ReadBuffers buffers = new ReadBuffers();
    private final LentSpace space = new LentSpace(buffers);

    /** Reads that many bytes, the first of which has this value, and deals with those before {@code done}. */
    private static ByteBuffer read(ByteBuffer into, int first, int bytes, int done) {
        int from = into.position();
        into.put(new byte[bytes]).put(from, (byte) first);
        return into.limit(into.position()).position(done);
    }

    private List<ByteBuffer> lendAll() {
        List<ByteBuffer> lent = new ArrayList<>();
        for (ByteBuffer one = buffers.lend(); one != null; one = buffers.lend()) {
            lent.add(one);
        }
        return lent;
    }

    @Test
    void theSmallBufferDoesForFramesThatFitIntoIt() {
        ByteBuffer small = space.first();
        assertThat(small.capacity()).isEqualTo(LentSpace.SMALL_BYTES);
        ByteBuffer next = space.next(read(small, 7, 300, 0), 400);
        assertThat(next).isSameAs(small);
        assertThat(next.position()).isEqualTo(300);
        assertThat(next.get(0)).isEqualTo((byte) 7);
    }

    @Test
    void aReadThatFillsItIsFollowedByALargeOneAndThatByASmallOne() {
        ByteBuffer large = space.next(read(space.first(), 7, LentSpace.SMALL_BYTES, 1000), 0);
        assertThat(large.capacity()).isEqualTo(ReadBuffers.BYTES);
        assertThat(large.position()).isEqualTo(24);
        ByteBuffer next = space.next(read(large, 8, 5000, 5000), 0);
        assertThat(next.capacity()).isEqualTo(LentSpace.SMALL_BYTES);
        assertThat(next.position()).isEqualTo(24);
        assertThat(buffers.take()).as("it was given back").isSameAs(large);
    }

    @Test
    void aFrameThatMustBeWholeGetsItsRoom() {
        ByteBuffer large = space.next(read(space.first(), 7, 100, 0), 16_393);
        assertThat(large.capacity()).isEqualTo(ReadBuffers.BYTES);
        assertThat(large.get(0)).isEqualTo((byte) 7);
        ByteBuffer larger = space.next(read(large, 8, 100, 0), 1 << 20);
        assertThat(larger.capacity()).isGreaterThanOrEqualTo(1 << 20);
        assertThat(larger.position()).isEqualTo(200);
        assertThat(larger.get(0)).isEqualTo((byte) 7);
        assertThat(buffers.take()).isSameAs(large);
        ByteBuffer small = space.next(read(larger, 9, 100, 290), 0);
        assertThat(small.capacity()).isEqualTo(LentSpace.SMALL_BYTES);
        assertThat(small.position()).isEqualTo(10);
    }

    @Test
    void whileAllLargeOnesAreLentItGoesOnWithWhatItHas() {
        List<ByteBuffer> lent = lendAll();
        assertThat(lent).as("their number is bounded").hasSizeBetween(8, 64);
        ByteBuffer small = space.first();
        assertThat(space.next(read(small, 7, LentSpace.SMALL_BYTES, 1000), 0)).isSameAs(small);
        ByteBuffer fitting = space.next(read(small, 7, 100, 0), 16_393);
        assertThat(fitting.capacity()).isEqualTo(16_393);
        assertThat(fitting.isDirect()).isFalse();
        assertThat(fitting.position()).isEqualTo(124);

        buffers.returned(lent.getFirst());
        ByteBuffer large = space.next(read(fitting, 8, 16_393 - 124, 16_000), 0);
        assertThat(large.capacity()).isEqualTo(ReadBuffers.BYTES);
        assertThat(large.position()).isEqualTo(393);
        assertThat(buffers.lend()).isNull();
        space.close();
        assertThat(buffers.lend()).as("closing gives it back").isSameAs(large);
    }
}
