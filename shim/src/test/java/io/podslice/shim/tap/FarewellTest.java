package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.grpc.http2.Frames;
import io.podslice.shim.tap.Peer.Frame;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The frames by which a client is sent to another connection. */
class FarewellTest {
    private static final String EVENTS = "/s/Events";
    private static final String[] CALL = {":method: POST", ":path: /s/Call", "content-type: application/grpc"};
    private static final String[] SUBSCRIPTION = {":method: POST", ":path: " + EVENTS, "content-type: application/grpc"
    };
    private static final String[] OK = {":status: 200"};
    private static final int ANY = Integer.MAX_VALUE;

    private final CompletableFuture<Optional<RuntimeException>> ended = new CompletableFuture<>();

    @SuppressWarnings("NullAway.Init")
    private Peer client;

    @SuppressWarnings("NullAway.Init")
    private Peer runtime;

    @SuppressWarnings("NullAway.Init")
    private Tap.Joined joined;

    @BeforeEach
    void start() throws Exception {
        SocketChannel[] front = Junction.pair();
        SocketChannel[] rear = Junction.pair();
        client = new Peer(front[0]);
        runtime = new Peer(rear[1]);
        Tap tap = new Tap(Map.of(EVENTS, new Endless()), TapOptions.defaults());
        joined = tap.start(front[1], rear[0], ended::complete);
        client.send(Frames.preface(), Frames.settings());
        runtime.bytes(Frames.PREFACE.length());
        runtime.send(Frames.settings());
        expect(runtime, "SETTINGS@0");
        expect(client, "SETTINGS@0");
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        runtime.close();
        assertThat(ended.get(20, TimeUnit.SECONDS)).isEmpty();
    }

    /** Reads the next frame that is not about credit. */
    private static Frame expect(Peer peer, String text) throws Exception {
        Frame frame = peer.next();
        while (frame.type() == Frames.WINDOW_UPDATE) {
            frame = peer.next();
        }
        assertThat(frame.toString()).isEqualTo(text);
        return frame;
    }

    private void expectGoAway(int last) throws Exception {
        Frame frame = expect(client, "GOAWAY@0");
        assertThat(frame.payload().getInt(0)).isEqualTo(last);
        assertThat(frame.payload().getInt(Integer.BYTES)).isEqualTo(Frames.NO_ERROR);
    }

    /** Reads the PING behind the first GOAWAY, and returns its acknowledgement. */
    private ByteBuffer answer() throws Exception {
        return Frames.pingAck(expect(client, "PING@0").payload().getLong(0));
    }

    private void call(int stream) throws Exception {
        client.headers(stream, true, CALL);
        Frame frame = runtime.next();
        assertThat(frame.stream()).isEqualTo(stream);
        assertThat(frame.ends()).isTrue();
    }

    private void reply(int stream) throws Exception {
        runtime.headers(stream, true, OK);
        expect(client, "HEADERS[:status: 200]@" + stream + " END");
    }

    @Test
    void theLastStreamIsNamedOnceTheClientHasSeenThatItShouldOpenNoMore() throws Exception {
        call(1);
        joined.drain();
        expectGoAway(ANY);
        ByteBuffer answer = answer();
        call(3); // on its way before the client saw it
        client.send(answer);
        expectGoAway(3);
        reply(1);
        runtime.send(Frames.ping(7));
        expect(client, "PING@0"); // the other call keeps the connection
        reply(3);
        assertThat(client.atEnd()).isTrue();
    }

    @Test
    void streamsAboveTheLastNeverReachTheRuntimeAndTheOthersGoOn() throws Exception {
        call(1);
        joined.drain();
        expectGoAway(ANY);
        client.send(answer());
        expectGoAway(1);
        client.headers(3, false, CALL);
        client.data(3, true, new byte[100]);
        client.send(Frames.windowUpdate(3, 1000), Frames.rstStream(3, Frames.CANCEL));
        client.send(Frames.ping(7)); // what the runtime gets next
        assertThat(runtime.next().toString()).isEqualTo("PING@0");
        reply(1);
    }

    @Test
    void aClientWithoutCallsIsToldTheStreamZero() throws Exception {
        joined.drain();
        joined.drain();
        expectGoAway(ANY);
        client.send(answer());
        expectGoAway(0);
        assertThat(client.atEnd()).isTrue();
    }

    @Test
    void theConnectionEndsWhenTheClientClosesIt() throws Exception {
        joined.drain();
        expectGoAway(ANY);
        client.close();
        assertThat(runtime.atEnd()).isTrue();
    }

    @Test
    void aGoAwayOfTheRuntimesNeverRaisesTheLastStream() throws Exception {
        call(1);
        joined.drain();
        expectGoAway(ANY);
        client.send(answer());
        expectGoAway(1);
        runtime.send(Frames.goAway(ANY, Frames.NO_ERROR), Frames.ping(9));
        assertThat(expect(client, "PING@0").payload().getLong(0)).isEqualTo(9);
        reply(1);
    }

    @Test
    void afterTheRuntimesGoAwayTheSameLastStreamIsNamed() throws Exception {
        call(1);
        call(3);
        runtime.send(Frames.goAway(1, Frames.NO_ERROR));
        expectGoAway(1);
        joined.drain();
        expectGoAway(1);
        client.send(answer());
        expectGoAway(1);
        reply(1);
    }

    @Test
    void anEndlessCallIsResetForBothPeersAndTheOthersGoOn() throws Exception {
        client.headers(1, false, SUBSCRIPTION);
        client.data(1, true, new byte[5]);
        assertThat(runtime.next().stream()).isEqualTo(1);
        expect(runtime, "DATA(5)@1 END");
        runtime.headers(1, false, OK);
        expect(client, "HEADERS[:status: 200]@1");
        call(3);
        joined.drain();
        expectGoAway(ANY);
        ByteBuffer answer = answer();
        expect(client, "RST_STREAM(" + Frames.REFUSED_STREAM + ")@1");
        expect(runtime, "RST_STREAM(" + Frames.CANCEL + ")@1");
        runtime.data(1, false, new byte[10]); // sent before it knew
        reply(3);
        client.send(answer);
        expectGoAway(3);
        assertThat(client.atEnd()).isTrue();
    }

    @Test
    void noGoAwayFallsIntoAHeaderBlock() throws Exception {
        call(1);
        byte[] block = runtime.block(OK);
        runtime.send(Peer.frame(Frames.HEADERS, Frames.END_STREAM, 1, new byte[0]));
        joined.drain();
        runtime.send(Peer.frame(Frames.CONTINUATION, Frames.END_HEADERS, 1, block));
        Frame first = client.next();
        Frame second = client.next();
        Frame third = client.next();
        // Peer reads HEADERS and its CONTINUATION as one frame, and fails on anything else in between.
        assertThat(new String[] {first.toString(), second.toString(), third.toString()})
                .containsExactlyInAnyOrder("HEADERS[:status: 200]@1 END", "GOAWAY@0", "PING@0");
    }
}
