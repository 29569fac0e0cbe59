package io.podslice.grpc;

import static io.podslice.grpc.RawServer.frame;
import static io.podslice.grpc.RawServer.headers;
import static io.podslice.grpc.RawServer.message;

import io.podslice.grpc.http2.Frames;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Responses that no server sends. */
final class DamagedResponse {
    private DamagedResponse() {}

    /** Returns the bytes of a stream's response with every kind of frame. */
    static byte[] whole() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer[] frames = {
            Frames.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20),
            Frames.windowUpdate(0, 1 << 20),
            Frames.settingsAck(),
            headers(false, ":status", "200", "content-type", "application/grpc", "x", "y".repeat(200)),
            message(1, 2, 3),
            Frames.ping(7),
            message(new int[300]),
            frame(Frames.DATA, Frames.PADDED, 1, 2, 0, 0, 0, 0, 1, 9, 0, 0),
            headers(true, "grpc-status", "8", "grpc-message", "watch client channel%20closed")
        };
        for (ByteBuffer frame : frames) {
            out.writeBytes(bytes(frame));
        }
        return out.toByteArray();
    }

    /** Returns it with some bytes changed, lost or doubled. */
    static byte[] of(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
                default -> {
                    int length = Math.min(bytes.length - at, 1 + random.nextInt(20));
                    byte[] longer = new byte[bytes.length + length];
                    System.arraycopy(bytes, 0, longer, 0, at + length);
                    System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
                    bytes = longer;
                }
            }
        }
        return bytes;
    }

    /** Returns frames of any type, with flags, streams and payloads at random, after an honest beginning. */
    static byte[] random(Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes(Frames.settings()));
        if (random.nextBoolean()) {
            out.writeBytes(bytes(headers(false, ":status", "200")));
        }
        for (int i = random.nextInt(30); i >= 0; i--) {
            int[] payload =
                    new int[random.nextInt(4) == 0 ? random.nextInt(Frames.MAX_PAYLOAD + 2) : random.nextInt(24)];
            boolean zeros = random.nextBoolean(); // the beginning of a message of no or few bytes
            for (int at = 0; at < payload.length; at++) {
                payload[at] = zeros && at < 4 ? 0 : random.nextInt(256);
            }
            int stream = random.nextInt(8) == 0 ? random.nextInt(4) : 1;
            out.writeBytes(bytes(frame(random.nextInt(12), random.nextInt(256), stream, payload)));
        }
        return out.toByteArray();
    }

    private static byte[] bytes(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }
}
