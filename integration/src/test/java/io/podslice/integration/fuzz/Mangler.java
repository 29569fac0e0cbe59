package io.podslice.integration.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/**
 * Damages the bytes that one end sends, or leaves them alone: damage that no peer would do on purpose. Every kind keeps
 * most of the frames around it whole, so that a reader gets past the first.
 */
final class Mangler {

    private static final int MOST_PAYLOAD = 40;

    private final Random random;
    private final int oneIn;

    /** @param oneIn one in so many pieces is damaged; 0 damages none */
    Mangler(Random random, int oneIn) {
        this.random = random;
        this.oneIn = oneIn;
    }

    byte[] mangle(byte[] bytes) {
        if (oneIn == 0 || bytes.length == 0 || random.nextInt(oneIn) > 0) {
            return bytes;
        }
        return switch (random.nextInt(6)) {
            case 0 -> flipped(bytes);
            case 1 -> spliced(bytes, new byte[0], 1 + random.nextInt(12));
            case 2 -> spliced(bytes, noise(), 0);
            case 3 -> spliced(bytes, bytes, 0);
            case 4 -> withFrame(bytes);
            default -> withFrame(withFrame(bytes));
        };
    }

    private byte[] flipped(byte[] bytes) {
        byte[] result = bytes.clone();
        for (int i = 0; i <= random.nextInt(3); i++) {
            // The first bytes are the header of a frame.
            int at = random.nextInt(random.nextBoolean() ? Math.min(Frame.HEADER_BYTES, bytes.length) : bytes.length);
            result[at] ^= (byte) (1 << random.nextInt(8));
        }
        return result;
    }

    /** Returns the bytes with others put in at a place, where so many bytes are left out. */
    private byte[] spliced(byte[] bytes, byte[] what, int leftOut) {
        int at = random.nextInt(bytes.length);
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        result.write(bytes, 0, at);
        result.writeBytes(what);
        int rest = Math.min(bytes.length, at + leftOut);
        result.write(bytes, rest, bytes.length - rest);
        return result.toByteArray();
    }

    private byte[] noise() {
        byte[] noise = new byte[1 + random.nextInt(MOST_PAYLOAD)];
        random.nextBytes(noise);
        return noise;
    }

    /** Returns the bytes with a frame of any type, flags, stream and payload in front: whole, but out of place. */
    private byte[] withFrame(byte[] bytes) {
        byte[] payload = switch (random.nextInt(4)) {
            case 0 -> new byte[0];
            case 1 -> Frame.integer(random.nextInt());
            case 2 -> new byte[random.nextInt(20_000)];
            default -> noise();
        };
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        new Frame(random.nextInt(11), random.nextInt(256), random.nextInt(20), payload).writeTo(result);
        result.writeBytes(bytes);
        return result.toByteArray();
    }
}
