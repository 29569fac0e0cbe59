package io.podslice.managers.pod;

import org.jspecify.annotations.Nullable;

/**
 * Text that a tenant may have written, made fit for a terminal, a log and a status message: one line without control
 * characters, and none of the marks that change the direction of what follows.
 */
public final class Printable {
    private Printable() {}

    /**
     * Returns the text with every character escaped that is not visible by itself, as in {@code \n}, {@code \x1b} or
     * {@code \u202e}; a text of visible characters and spaces is returned as it is.
     */
    public static String of(@Nullable String text) {
        if (text == null) {
            return "null";
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') {
                return escaped(text, i);
            }
        }
        return text;
    }

    /** Returns at most that many characters of the text, made printable, and an ellipsis where it is longer. */
    public static String of(String text, int longest) {
        if (text.length() <= longest) {
            return of(text);
        }
        int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
        return of(text.substring(0, end)) + "…";
    }

    private static String escaped(String text, int from) {
        StringBuilder result = new StringBuilder(text.length() + 16).append(text, 0, from);
        int codePoint;
        for (int i = from; i < text.length(); i += Character.charCount(codePoint)) {
            codePoint = text.codePointAt(i);
            switch (codePoint) {
                case '\n' -> result.append("\\n");
                case '\r' -> result.append("\\r");
                case '\t' -> result.append("\\t");
                default -> {
                    if (isVisible(codePoint)) {
                        result.appendCodePoint(codePoint);
                    } else if (codePoint < 0x80) {
                        result.append(String.format("\\x%02x", codePoint));
                    } else {
                        result.append(String.format(codePoint < 0x10000 ? "\\u%04x" : "\\U%08x", codePoint));
                    }
                }
            }
        }
        return result.toString();
    }

    private static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
