package io.podslice.agent.kubelet;

import java.util.ArrayList;
import java.util.List;

/** The syntax of systemd's unit files and environment files, as far as kubelets' units use it (systemd.syntax(7)). */
final class UnitText {
    private UnitText() {}

    /**
     * One assignment of a unit file.
     *
     * @param key e.g. {@code ExecStart}
     * @param value without the line's continuations
     */
    record Assignment(String key, String value) {}

    /** Reads the assignments of the section Service in the file's order. */
    static List<Assignment> service(String text) {
        List<Assignment> found = new ArrayList<>();
        boolean inService = false;
        for (String line : logicalLines(text)) {
            if (line.startsWith("[")) {
                inService = line.equals("[Service]");
            } else if (inService) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    found.add(new Assignment(
                            line.substring(0, equals).strip(),
                            line.substring(equals + 1).strip()));
                }
            }
        }
        return found;
    }

    /** Reads the assignments of an environment file; quotes around a value are taken off. */
    static List<Assignment> environment(String text) {
        List<Assignment> found = new ArrayList<>();
        for (String line : logicalLines(text)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                found.add(new Assignment(
                        line.substring(0, equals).strip(),
                        String.join(" ", words(line.substring(equals + 1).strip()))));
            }
        }
        return found;
    }

    /** Returns the lines without comments and empty ones; a backslash at a line's end joins it with the next. */
    private static List<String> logicalLines(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder begun = new StringBuilder();
        for (String line : text.lines().toList()) {
            String stripped = line.strip();
            boolean isComment = stripped.startsWith("#") || stripped.startsWith(";");
            if (isComment) {
                continue; // In the middle of a continued line too (systemd.syntax(7)).
            }
            if (stripped.endsWith("\\")) {
                begun.append(stripped, 0, stripped.length() - 1).append(' ');
            } else {
                begun.append(stripped);
                if (!begun.toString().isBlank()) {
                    lines.add(begun.toString().strip());
                }
                begun.setLength(0);
            }
        }
        if (!begun.toString().isBlank()) {
            lines.add(begun.toString().strip());
        }
        return lines;
    }

    /** Splits at blanks; quotes, single or double, keep a part of a word together, and a backslash the next character. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
                begun = true;
            } else if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                begun = true;
            } else if (Character.isWhitespace(c)) {
                if (begun) {
                    words.add(word.toString());
                    word.setLength(0);
                    begun = false;
                }
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
    }
}
