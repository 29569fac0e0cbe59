package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.grpc.http2.Frames;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class PassthroughTest {
    private static final Map<String, Interception> NOTHING_THAT_COMES =
            Map.of("/s/Intercepted", (Observed) (request, reply) -> {});

    @RepeatedTest(60)
    void whatIsNotInterceptedComesOutByteForByte(RepetitionInfo repetition) throws Exception {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        try (Junction junction = new Junction(NOTHING_THAT_COMES)) {
            byte[] up = frames(random, junction.client, true);
            byte[] down = frames(random, junction.runtime, false);
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread sendUp = sending(junction.client, up, new Random(seed + 1), failure);
            Thread sendDown = sending(junction.runtime, down, new Random(seed + 2), failure);
            Thread readDown = Thread.ofVirtual().start(() -> {
                try {
                    assertThat(junction.client.bytes(down.length)).isEqualTo(down);
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            assertThat(junction.runtime.bytes(up.length)).isEqualTo(up);
            sendUp.join();
            sendDown.join();
            readDown.join();
            assertThat(failure.get()).isNull();
        }
    }

    private static Thread sending(Peer peer, byte[] bytes, Random random, AtomicReference<Throwable> failure) {
        return Thread.ofVirtual().start(() -> {
            try {
                for (int at = 0; at < bytes.length; ) {
                    int n = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 30 : 60_000));
                    peer.send(ByteBuffer.wrap(bytes, at, n));
                    at += n;
                }
            } catch (Exception e) {
                failure.set(e);
            }
        });
    }

    private static byte[] frames(Random random, Peer peer, boolean client) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (client) {
            out.writeBytes(Frames.PREFACE.getBytes(StandardCharsets.US_ASCII));
        }
        add(out, Peer.frame(Frames.SETTINGS, 0, 0, new byte[] {0, 3, 0, 0, 0, 100}));
        for (int i = random.nextInt(120); i > 0; i--) {
            int stream = 1 + 2 * random.nextInt(20);
            switch (random.nextInt(9)) {
                case 0, 1 -> headers(out, random, peer, stream, client);
                case 2, 3 -> data(out, random, stream);
                case 4 ->
                    add(out, Peer.frame(Frames.WINDOW_UPDATE, 0, random.nextBoolean() ? 0 : stream, small(random)));
                case 5 -> add(out, Peer.frame(Frames.RST_STREAM, 0, stream, small(random)));
                case 6 -> add(out, Peer.frame(Frames.PING, random.nextInt(2), 0, noise(random, 8)));
                case 7 -> add(out, Peer.frame(Frames.PRIORITY, 0, stream, noise(random, 5)));
                default ->
                    add(
                            out,
                            Peer.frame(
                                    10 + random.nextInt(240),
                                    random.nextInt(256),
                                    random.nextInt(),
                                    noise(random, random.nextInt(20_000))));
            }
        }
        return out.toByteArray();
    }

    private static void headers(ByteArrayOutputStream out, Random random, Peer peer, int stream, boolean client)
            throws Exception {
        String own = random.nextBoolean() ? "x-own: " + random.nextInt(50) : "grpc-timeout: " + random.nextInt() + "m";
        String large = "x-large: " + "v".repeat(random.nextInt(4) == 0 ? random.nextInt(30_000) : 3);
        byte[] block = client
                ? peer.block(":method: POST", ":path: /s/M" + random.nextInt(5), own, large)
                : peer.block(":status: 200", "grpc-status: " + random.nextInt(17), own, large);
        int flags = random.nextInt(2);
        byte[] before = {};
        byte[] after = {};
        if (random.nextInt(4) == 0) {
            flags |= Frames.PADDED;
            after = noise(random, random.nextInt(200));
            before = new byte[] {(byte) after.length};
        }
        if (random.nextInt(4) == 0) {
            flags |= Frames.HAS_PRIORITY;
            before = concat(before, noise(random, 5));
        }
        if (block.length > 10_000 || random.nextInt(4) == 0) {
            int first = random.nextInt(Math.min(block.length, 10_000));
            byte[] head = Arrays.copyOf(block, first);
            add(out, Peer.frame(Frames.HEADERS, flags, stream, concat(concat(before, head), after)));
            for (int at = first; at < block.length; ) {
                int n = Math.min(block.length - at, 1 + random.nextInt(10_000));
                byte[] part = Arrays.copyOfRange(block, at, at + n);
                at += n;
                add(out, Peer.frame(Frames.CONTINUATION, at == block.length ? Frames.END_HEADERS : 0, stream, part));
            }
        } else {
            add(
                    out,
                    Peer.frame(
                            Frames.HEADERS, flags | Frames.END_HEADERS, stream, concat(concat(before, block), after)));
        }
    }

    private static void data(ByteArrayOutputStream out, Random random, int stream) {
        int padding = random.nextInt(4) == 0 ? random.nextInt(256) : 0;
        byte[] payload = noise(random, random.nextInt(random.nextBoolean() ? 40 : 70_000));
        add(
                out,
                padding == 0
                        ? Peer.frame(Frames.DATA, random.nextInt(2), stream, payload)
                        : Peer.frame(
                                Frames.DATA,
                                Frames.PADDED | random.nextInt(2),
                                stream,
                                concat(concat(new byte[] {(byte) padding}, payload), new byte[padding])));
    }

    /** A number from 1 to a million, as four bytes. */
    private static byte[] small(Random random) {
        return ByteBuffer.allocate(4).putInt(1 + random.nextInt(1_000_000)).array();
    }

    private static void add(ByteArrayOutputStream out, byte[] frame) {
        out.writeBytes(frame);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    private static byte[] noise(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void aClientThatSpeaksSomethingElseIsLeftToTheRuntime() throws Exception {
        try (Junction junction = new Junction(Map.of())) {
            byte[] request = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            junction.client.send(request);
            assertThat(junction.runtime.bytes(request.length)).isEqualTo(request);
            byte[] reply = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            junction.runtime.send(reply);
            assertThat(junction.client.bytes(reply.length)).isEqualTo(reply);
        }
    }

    @Test
    void noClientSlipsIntoHttp2BehindOtherBytes() throws Exception {
        try (Junction junction = new Junction(Map.of())) {
            byte[] request = "GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            junction.client.send(request);
            junction.runtime.bytes(request.length);
            junction.client.send(Frames.preface());
            assertThat(junction.client.atEnd()).isTrue();
            assertThat(junction.runtime.atEnd()).isTrue();
        }
    }

    @Test
    void halfCloseGoesThroughInBothDirections() throws Exception {
        try (Junction junction = new Junction(Map.of()).started()) {
            junction.client.headers(1, true, ":path: /s/M");
            junction.client.shutdownOutput();
            assertThat(junction.runtime.next().ends()).isTrue();
            assertThat(junction.runtime.atEnd()).isTrue();
            junction.runtime.headers(1, true, ":status: 200");
            assertThat(junction.client.next().fields()).containsExactly(":status: 200");
            junction.runtime.shutdownOutput();
            assertThat(junction.client.atEnd()).isTrue();
            junction.tapping.join();
        }
    }

    @Test
    void bytesAfterABrokenHeaderBlockDoNotReachTheRuntime() throws Exception {
        try (Junction junction = new Junction(Map.of()).started()) {
            byte[] bad = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f};
            junction.client.send(Peer.frame(Frames.HEADERS, Frames.END_HEADERS, 1, bad));
            junction.client.send(Peer.frame(Frames.PING, 0, 0, new byte[8]));
            byte[] seen = junction.runtime.bytes(Frames.HEADER_BYTES + bad.length);
            assertThat(seen).endsWith(bad);
            byte[] goAway = new byte[8];
            junction.runtime.send(Peer.frame(Frames.GOAWAY, 0, 0, goAway));
            assertThat(junction.client.next().type()).isEqualTo(Frames.GOAWAY);
            assertThat(junction.runtime.atEnd()).isTrue();
        }
    }

    @Test
    void aContinuationOutOfPlaceIsTheLastThatTheRuntimeSees() throws Exception {
        try (Junction junction = new Junction(Map.of()).started()) {
            byte[] stray = Peer.frame(Frames.CONTINUATION, Frames.END_HEADERS, 1, junction.client.block(":path: /x"));
            junction.client.send(stray);
            junction.client.headers(1, true, ":path: /s/M");
            assertThat(junction.runtime.bytes(stray.length)).isEqualTo(stray);
            assertThat(junction.runtime.atEnd()).isTrue();
        }
    }
}
