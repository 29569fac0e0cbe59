package io.podslice.grpc.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class MessageReaderTest {

    @RepeatedTest(200)
    void anyChunkingGivesTheMessageAndLeavesTheRest(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        byte[] message = new byte[random.nextInt(random.nextBoolean() ? 20 : 20_001)];
        random.nextBytes(message);
        int after = random.nextInt(51);
        byte[] framed = MessageReader.framed(ByteBuffer.wrap(message));
        ByteBuffer stream = ByteBuffer.allocate(framed.length + after).put(framed);
        MessageReader reader = new MessageReader();
        int at = 0;
        while (at < stream.limit() && !reader.whole()) {
            int to = Math.min(stream.limit(), at + 1 + random.nextInt(7000));
            at = reader.take(stream, at, to);
            assertThat(reader.whole() || at == to).isTrue();
        }
        assertThat(reader.whole()).isTrue();
        assertThat(at).isEqualTo(framed.length);
        assertThat(reader.raw()).isEqualTo(ByteBuffer.wrap(message));
    }

    @Test
    void aDeclaredLengthTakesNoMemoryBeforeItsBytesCome() {
        MessageReader reader = new MessageReader();
        reader.take(ByteBuffer.wrap(new byte[] {0, -1, -1, -1, -1, 1, 2, 3}), 0, 8);
        assertThat(reader.declared()).isEqualTo(0xffff_ffffL);
        assertThat(reader.lacks()).isEqualTo(0xffff_ffffL - 3);
        assertThat(reader.bytes().length).isLessThan(10_000);
    }

    @Test
    void decompressesUpToItsLimit() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(new byte[100_000]);
        }
        byte[] framed = MessageReader.framed(ByteBuffer.wrap(zipped.toByteArray()));
        framed[0] = 1;
        MessageReader reader = new MessageReader();
        reader.take(ByteBuffer.wrap(framed), 0, framed.length);
        assertThat(reader.gunzip(100_000)).isEqualTo(ByteBuffer.allocate(100_000));
        assertThat(reader.gunzip(99_999)).isNull();
    }
}
