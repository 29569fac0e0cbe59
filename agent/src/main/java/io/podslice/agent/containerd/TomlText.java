package io.podslice.agent.containerd;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines of a TOML file by tables, as far as containerd's configuration needs them: tables by their headers, keys with values of
 * one line, and lists of strings over several lines. Other forms, such as inline tables, are not seen.
 *
 * @param lines the file's lines
 */
record TomlText(List<String> lines) {
    private static final Pattern HEADER = Pattern.compile("\\s*\\[\\s*([^\\[\\]]+?)\\s*]\\s*(?:#.*)?");
    private static final Pattern KEY = Pattern.compile("\\s*([A-Za-z0-9_-]+)\\s*=\\s*(.*)");
    private static final Pattern STRING = Pattern.compile("\"([^\"]*)\"|'([^']*)'");

    TomlText {
        lines = List.copyOf(lines);
    }

    static TomlText of(String text) {
        return new TomlText(text.lines().toList());
    }

    /** Returns the value of a key before the first table, as it is written; a list's lines are joined. */
    Optional<String> top(String key) {
        for (int i = 0; i < lines.size(); i++) {
            if (HEADER.matcher(lines.get(i)).matches()) {
                return Optional.empty();
            }
            Matcher line = KEY.matcher(lines.get(i));
            if (line.matches() && line.group(1).equals(key)) {
                StringBuilder value = new StringBuilder(line.group(2));
                while (value.toString().startsWith("[") && value.indexOf("]") < 0 && ++i < lines.size()) {
                    value.append(' ').append(lines.get(i).strip());
                }
                return Optional.of(value.toString());
            }
        }
        return Optional.empty();
    }

    /** Returns the strings of a list, in either kind of quotes. */
    static List<String> strings(String value) {
        List<String> found = new ArrayList<>();
        Matcher string = STRING.matcher(value);
        while (string.find()) {
            found.add(string.group(1) == null ? string.group(2) : string.group(1));
        }
        return found;
    }

    /** Returns the lines of a table and of those below it, without comments and empty lines; empty if it is not there. */
    List<String> table(String name) {
        List<String> found = new ArrayList<>();
        boolean inside = false;
        for (String line : lines) {
            Matcher header = HEADER.matcher(line);
            if (header.matches()) {
                String plain =
                        header.group(1).replace("\"", "").replace("'", "").replace(" ", "");
                inside = plain.equals(name) || plain.startsWith(name + ".");
            }
            if (inside && !line.isBlank() && !line.strip().startsWith("#")) {
                found.add(line.strip());
            }
        }
        return found;
    }

    /** Returns the value of a key in a table's own lines, as it is written. */
    static Optional<String> value(List<String> table, String key) {
        for (int i = 1; i < table.size() && !HEADER.matcher(table.get(i)).matches(); i++) {
            Matcher line = KEY.matcher(table.get(i));
            if (line.matches() && line.group(1).equals(key)) {
                return Optional.of(line.group(2).replaceFirst("\\s*#.*", ""));
            }
        }
        return Optional.empty();
    }
}
