package io.podslice.agent.map;

import java.util.Locale;

/** Names pods by letters: A to Z, then AA, AB and so on. */
public final class Letters {
    private static final int LETTERS = 26;

    private Letters() {}

    /** Returns the letters of exclusive CPUs of the pod with that index, 0 or more. */
    public static String capital(int pod) {
        String last = String.valueOf((char) ('A' + pod % LETTERS));
        return pod < LETTERS ? last : capital(pod / LETTERS - 1) + last;
    }

    /** Returns the letters of that pod's shared pool. */
    public static String small(int pod) {
        return capital(pod).toLowerCase(Locale.ROOT);
    }
}
