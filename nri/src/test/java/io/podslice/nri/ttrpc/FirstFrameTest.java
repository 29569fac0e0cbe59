package io.podslice.nri.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Go's end reads the beginning of a message into 4096 bytes, and hangs for good on a longer frame. */
@Timeout(120)
class FirstFrameTest {
    private static final int SEED = 20261125;

    @Test
    void holds_no_more_than_go_reads_at_once_whatever_the_message() throws Exception {
        byte[] content = new byte[Message.MAX_DATA];
        new Random(SEED).nextBytes(content);
        try (TtrpcRig rig = new TtrpcRig((method, payload, context) ->
                ByteString.copyFrom(content, 0, Integer.parseInt(payload.toStringUtf8())))) {
            int stream = 1;
            for (int size : sizes()) {
                rig.request(stream, "test.Echo", "Give", Integer.toString(size));
                TtrpcRig.Reply reply = rig.reply();

                assertThat(reply.firstFrame()).as("size %s", size).isBetween(Message.HEADER, MessageStream.FIRST_FRAME);
                assertThat(reply.frames()).as("size %s", size).isLessThanOrEqualTo(2);
                assertThat(reply.response().getPayload())
                        .as("size %s", size)
                        .isEqualTo(ByteString.copyFrom(content, 0, size));
                stream += 2;
            }
        }
    }

    private static List<Integer> sizes() {
        Random random = new Random(SEED);
        List<Integer> sizes = new ArrayList<>(List.of(0, 1, 4082, 4083, 4084, 4085, 4086, 4087, 4096, 8192, 65_536));
        // The envelope takes the last few bytes of a message.
        sizes.add(Message.MAX_DATA - 5);
        for (int i = 0; i < 300; i++) {
            sizes.add(random.nextInt(1 << random.nextInt(1, 22)));
        }
        return sizes;
    }
}
