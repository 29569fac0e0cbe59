package io.podslice.integration.tenant;

import java.util.Random;

/** Random text: letters, and every kind of character that a terminal, a parser or a table may stumble over. */
final class RandomText {
    private static final String ODD =
            "\u0000\u0007\u0008\t\n\r\u001b\u007f\u0085\u009b\u00a0\u00ad\u200b\u200d\u200f\u202e\u2028\u2029"
                    + "\ufeff\ufffd\uffff\ud800\udc00\ue000\"\\/{}[]:,'.-_%$;`~\u00e9\u4e2d\uff0f";

    private RandomText() {}

    /** Returns that many characters. */
    static String of(Random random, int length) {
        StringBuilder text = new StringBuilder(length);
        while (text.length() < length) {
            switch (random.nextInt(4)) {
                case 0 -> text.append(ODD.charAt(random.nextInt(ODD.length())));
                case 1 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
                default -> text.append((char) ('a' + random.nextInt(26)));
            }
        }
        text.setLength(length);
        return text.toString();
    }

    /** Returns the text with a few places damaged. */
    static String damaged(Random random, String text) {
        if (text.isEmpty()) {
            return text;
        }
        StringBuilder damaged = new StringBuilder(text);
        for (int i = random.nextInt(3); i >= 0 && !damaged.isEmpty(); i--) {
            int at = random.nextInt(damaged.length());
            switch (random.nextInt(4)) {
                case 0 -> damaged.deleteCharAt(at);
                case 1 -> damaged.insert(at, of(random, 1 + random.nextInt(3)));
                case 2 -> damaged.setCharAt(at, ODD.charAt(random.nextInt(ODD.length())));
                default -> damaged.setLength(at);
            }
        }
        return damaged.toString();
    }
}
