package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import io.podslice.shim.tap.Decision.Forward;
import io.podslice.shim.tap.Decision.Replace;
import io.podslice.shim.tap.Peer.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A held call that went on, and from whose reply nothing follows, passes like calls that are never held. */
class NothingFollowsTest {
    private static final String HELD = ":path: " + Deciding.PATH;
    private static final String POST = ":method: POST";
    private static final String OK = ":status: 200";
    private static final byte[] MESSAGE =
            MessageReader.framed(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
    private static final int LARGE = 40_000;

    private final Deciding deciding = new Deciding();

    @SuppressWarnings("NullAway.Init")
    private Junction junction;

    @BeforeEach
    void start() throws Exception {
        junction = new Junction(Map.of(Deciding.PATH, deciding)).started();
    }

    @AfterEach
    void stop() throws Exception {
        junction.close();
        junction.tapping.join();
    }

    private void goesOn(int stream) throws Exception {
        junction.client.headers(stream, false, POST, HELD);
        junction.client.data(stream, true, MESSAGE);
        assertThat(junction.runtime.next().fields()).containsExactlyInAnyOrder(POST, HELD);
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(10)@" + stream + " END");
    }

    @Test
    void itsReplyPassesFrameByFrameAndChangesTheHeaderTable() throws Exception {
        goesOn(1);
        for (int stream = 1; stream <= 3; stream += 2) {
            if (stream == 3) {
                goesOn(3);
            }
            junction.runtime.headers(stream, false, OK, "x-of: the table");
            assertThat(junction.client.next().fields()).containsExactly(OK, "x-of: the table");
            junction.runtime.data(stream, false, MESSAGE);
            assertThat(junction.client.next().payload()).isEqualTo(ByteBuffer.wrap(MESSAGE));
            junction.runtime.headers(stream, true, "grpc-status: 0", "x-of: the trailer");
            assertThat(junction.client.next().fields()).containsExactly("grpc-status: 0", "x-of: the trailer");
        }
    }

    @Test
    void itsHeadersGoWithItsMessageAndBeforeWhateverIsSentMeanwhile() throws Exception {
        junction.client.headersAlone(1, false, POST, HELD, "x-of: the table");
        junction.client.data(1, true, MESSAGE);
        deciding.nextCall();
        junction.client.headersAlone(3, false, POST, HELD, "x-of: the table");
        junction.client.headers(5, true, POST, ":path: /s/Other", "x-of: the table");
        for (int stream = 1; stream <= 5; stream += 2) {
            assertThat(junction.runtime.next().stream()).isEqualTo(stream);
        }
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(10)@1 END");
        junction.client.data(3, true, MESSAGE);
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(10)@3 END");
        junction.client.headersAlone(7, false, POST, HELD);
        junction.client.data(7, true, MESSAGE);
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(junction.runtime.next().fields()).containsExactlyInAnyOrder(POST, HELD);
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(10)@7 END");
    }

    @Test
    void itsCancellationReachesTheRuntime() throws Exception {
        goesOn(1);
        junction.client.send(Frames.rstStream(1, Frames.CANCEL));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(" + Frames.CANCEL + ")@1");
        goesOn(3);
    }

    @Test
    void aReplacedMessageThatWaitsForTheWindowIsFollowedUntilItHasGone() throws Exception {
        for (int stream = 1; stream <= 3; stream += 2) {
            junction.client.headers(stream, false, POST, HELD);
            junction.client.data(stream, true, MESSAGE);
            deciding.decideNext(new Replace(ByteBuffer.allocate(LARGE), Outcome.NONE));
        }
        int calls = 0;
        int came = 0;
        while (came < 65_535) {
            Frame frame = junction.runtime.next();
            if (frame.type() == Frames.HEADERS) {
                assertThat(frame.fields()).containsExactlyInAnyOrder(POST, HELD);
                calls++;
            } else {
                came += frame.payload().remaining();
            }
        }
        assertThat(calls).isEqualTo(2);
        junction.runtime.send(Frames.windowUpdate(0, LARGE));
        while (came < 2 * (LARGE + 5)) {
            came += junction.runtime.next().payload().remaining();
        }
        junction.runtime.headers(3, true, OK, "grpc-status: 0");
        assertThat(junction.client.next().fields()).containsExactly(OK, "grpc-status: 0");
    }
}
