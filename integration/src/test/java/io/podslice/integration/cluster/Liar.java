package io.podslice.integration.cluster;

import com.google.protobuf.ByteString;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Damages what a kubelet or a server sends, at random. Any thread may use it. */
final class Liar {
    private final Random random;
    private final AtomicLong lies = new AtomicLong();

    Liar(long seed) {
        random = new Random(seed);
    }

    /** Returns the number of answers and events that it has seen, most of them damaged. */
    long lies() {
        return lies.get();
    }

    /** Returns a pod's message, damaged as a rule. */
    ByteString pod(ByteString bytes) {
        return ByteString.copyFrom(damaged(bytes.toByteArray(), 0));
    }

    /** Returns a body or a frame of the API server, damaged as a rule; the length before a frame as an exception. */
    byte[] body(byte[] bytes) {
        return damaged(bytes, chance(20) ? 0 : 8);
    }

    private boolean chance(int oneIn) {
        synchronized (random) {
            return random.nextInt(oneIn) == 0;
        }
    }

    private byte[] damaged(byte[] bytes, int from) {
        lies.incrementAndGet();
        synchronized (random) {
            if (bytes.length <= from || random.nextInt(4) == 0) {
                return bytes;
            }
            byte[] damaged = bytes.clone();
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> {
                    for (int i = random.nextInt(1, 6); i > 0; i--) {
                        damaged[random.nextInt(from, damaged.length)] = (byte) random.nextInt();
                    }
                }
                case 3 -> {
                    // What follows the metadata counts most: resources, statuses.
                    int at = random.nextInt(from, damaged.length);
                    damaged[at] = (byte) (damaged[at] ^ (1 << random.nextInt(8)));
                }
                case 4 -> {
                    int begin = random.nextInt(from, damaged.length);
                    int length = random.nextInt(damaged.length - begin);
                    System.arraycopy(bytes, random.nextInt(damaged.length - length), damaged, begin, length);
                }
                default -> {
                    byte[] shorter = new byte[random.nextInt(damaged.length)];
                    System.arraycopy(damaged, 0, shorter, 0, shorter.length);
                    return shorter;
                }
            }
            return damaged;
        }
    }
}
