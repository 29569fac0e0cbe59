package io.podslice.cluster;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

/** Damages encoded messages at random: flips, cuts, repetitions, and lengths that lie. */
public final class Damage {
    private static final int MOST_BYTES = 64 << 10;

    private final Random random;

    public Damage(Random random) {
        this.random = random;
    }

    /** Returns a copy with some damage, of at most 64 KiB. */
    public byte[] of(byte[] message) {
        byte[] result = message.clone();
        int times = 1 + random.nextInt(4);
        for (int i = 0; i < times && result.length > 0; i++) {
            result = once(result);
        }
        return result;
    }

    private byte[] once(byte[] bytes) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(8)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 3 -> {
                return spliced(bytes, at, at, garbage());
            }
            case 4 -> {
                return spliced(bytes, at, Math.min(bytes.length, at + random.nextInt(16)), new byte[0]);
            }
            case 5 -> {
                int to = Math.min(bytes.length, at + random.nextInt(200));
                byte[] part = Arrays.copyOfRange(bytes, at, to);
                byte[] result = bytes;
                for (int i = random.nextInt(20); i > 0 && result.length + part.length < MOST_BYTES; i--) {
                    result = spliced(result, to, to, part);
                }
                return result;
            }
            case 6 -> {
                // A length or a number of up to ten bytes.
                byte[] number = new byte[1 + random.nextInt(10)];
                Arrays.fill(number, (byte) 0xff);
                number[number.length - 1] = (byte) random.nextInt(128);
                return spliced(bytes, at, Math.min(bytes.length, at + 1), number);
            }
            default -> {
                // Groups, of which proto3 has none, begun deep within each other.
                byte[] groups = new byte[random.nextInt(300)];
                Arrays.fill(groups, (byte) (random.nextInt(16) << 3 | 3));
                return spliced(bytes, at, at, groups);
            }
        }
        return bytes;
    }

    private byte[] garbage() {
        byte[] bytes = new byte[random.nextInt(50)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] between) {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        result.write(bytes, 0, from);
        result.write(between, 0, between.length);
        result.write(bytes, to, bytes.length - to);
        return result.toByteArray();
    }
}
