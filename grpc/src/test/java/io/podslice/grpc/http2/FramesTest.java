package io.podslice.grpc.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class FramesTest {

    @RepeatedTest(100)
    void aHeaderBlockOfAnySizeComesBackAsItWas(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        int nearTheEndOfAFrame = Frames.MAX_PAYLOAD * random.nextInt(4) + random.nextInt(-250, 10);
        int valueLength = random.nextBoolean() ? random.nextInt(60_001) : Math.max(0, nearTheEndOfAFrame);
        boolean end = random.nextBoolean();
        List<Field> fields = List.of(Field.of("a", "x".repeat(valueLength)), Field.of("b".repeat(200), ""));
        ByteBuffer frames = Frames.headers(7, fields, end, new byte[0], Frames.NO_TABLE_UPDATE);
        ByteBuffer block = ByteBuffer.allocate(frames.limit());
        int at = 0;
        boolean last = false;
        while (at < frames.limit()) {
            int length = Frames.length(frames, at);
            assertThat(length).isLessThanOrEqualTo(Frames.MAX_PAYLOAD);
            assertThat(Frames.stream(frames, at)).isEqualTo(7);
            assertThat(Frames.type(frames, at)).isEqualTo(at == 0 ? Frames.HEADERS : Frames.CONTINUATION);
            assertThat((Frames.flags(frames, at) & Frames.END_STREAM) != 0).isEqualTo(at == 0 && end);
            assertThat(last).isFalse();
            last = (Frames.flags(frames, at) & Frames.END_HEADERS) != 0;
            block.put(frames.slice(at + Frames.HEADER_BYTES, length));
            at += Frames.HEADER_BYTES + length;
        }
        assertThat(last).isTrue();
        List<Field> read = new ArrayList<>();
        HpackDecoder decoder = new HpackDecoder(1 << 20);
        decoder.decode(block, 0, block.position(), read);
        assertThat(read.stream().map(Field::toString).toList())
                .isEqualTo(fields.stream().map(Field::toString).toList());
        assertThat(decoder.changedTable()).isFalse();
    }

    @Test
    void priorityComesBeforeTheBlock() {
        ByteBuffer frame = Frames.headers(
                3, List.of(Field.of("a", "b")), false, new byte[] {0, 0, 0, 1, 15}, Frames.NO_TABLE_UPDATE);
        assertThat(Frames.flags(frame, 0)).isEqualTo(Frames.END_HEADERS | Frames.HAS_PRIORITY);
        assertThat(frame.get(Frames.HEADER_BYTES + 4)).isEqualTo((byte) 15);
        assertThat(Frames.length(frame, 0)).isEqualTo(5 + 5);
    }
}
