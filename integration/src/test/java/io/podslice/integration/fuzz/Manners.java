package io.podslice.integration.fuzz;

import java.util.Random;

/**
 * The behaviour of one end in one session, within what the protocol allows.
 *
 * @param chunk most bytes written at once; 0: as many as the socket takes
 * @param stingy true if credit is given back only when everything stands still
 * @param padding one in so many frames is padded
 * @param small one in so many DATA frames is tiny
 * @param first settings announced first
 * @param connectionCredit bytes that the connection's window is opened by at once
 * @param chatty one in so many steps brings a PING, a PRIORITY, a frame of unknown type or a change of settings
 */
record Manners(int chunk, boolean stingy, int padding, int small, Settings first, int connectionCredit, int chatty) {

    private static final int[] WINDOWS = {0, 1, 10, 100, 5_000, 65_535, 65_535, 65_535, 1 << 20, 1 << 30};
    private static final int[] TABLES = {0, 60, 300, 4096, 4096, 4096, 4096, 10_000, 65_536};
    private static final int[] FRAMES = {16_384, 16_384, 16_384, 16_385, 100_000, (1 << 24) - 1};
    private static final int[] CREDITS = {0, 0, 0, 1, 70_000, 1 << 20, (1 << 31) - 1 - 65_535};
    private static final int[] CHUNKS = {1, 5, 20, 100, 1_000, 0, 0, 0};

    static Manners of(Random random) {
        return new Manners(
                pick(random, CHUNKS),
                random.nextInt(5) == 0,
                random.nextBoolean() ? 4 : 1_000,
                random.nextBoolean() ? 3 : 100,
                settings(random),
                pick(random, CREDITS),
                random.nextBoolean() ? 15 : 200);
    }

    static Settings settings(Random random) {
        return new Settings(pick(random, TABLES), pick(random, WINDOWS), pick(random, FRAMES));
    }

    private static int pick(Random random, int[] values) {
        return values[random.nextInt(values.length)];
    }
}
