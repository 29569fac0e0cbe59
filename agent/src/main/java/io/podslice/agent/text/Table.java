package io.podslice.agent.text;

import io.podslice.managers.pod.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of cells in columns as wide as their widest cell. The last column may be of any width. For one thread. */
public final class Table {
    private static final String GAP = "  ";

    private final String indent;
    private final List<List<String>> rows = new ArrayList<>();

    /** The columns' widths in the lines that were returned last. */
    private int[] widths = new int[0];

    /** @param indent the text with which every line begins */
    public Table(String indent) {
        this.indent = indent;
    }

    /** Adds a row; all rows have an equal number of cells, whose text is made printable. */
    public Table row(String... cells) {
        return row(List.of(cells));
    }

    /** Adds such a row. */
    public Table row(List<String> cells) {
        rows.add(cells.stream().map(Printable::of).toList());
        return this;
    }

    /** Returns the lines of the rows that were added since the last call, in columns at least as wide as before, and forgets them. */
    public String next() {
        String text = text();
        rows.clear();
        return text;
    }

    /** Returns the lines, each with its end; columns without any text are left out. */
    public String text() {
        int columns = rows.isEmpty() ? 0 : rows.getFirst().size();
        widths = Arrays.copyOf(widths, Math.max(columns, widths.length));
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(indent);
            for (int i = 0; i < columns; i++) {
                if (widths[i] > 0) {
                    line.append(row.get(i))
                            .repeat(' ', widths[i] - row.get(i).length())
                            .append(GAP);
                }
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
