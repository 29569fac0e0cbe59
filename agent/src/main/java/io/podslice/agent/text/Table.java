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

    /** @param indent the text with which every line begins */
    public Table(String indent) {
        this.indent = indent;
    }

    /** Adds a row; all rows have an equal number of cells, whose text is made printable. */
    public Table row(String... cells) {
        rows.add(Arrays.stream(cells).map(Printable::of).toList());
        return this;
    }

    /** Returns the lines, each with its end; columns without any text are left out. */
    public String text() {
        int columns = rows.isEmpty() ? 0 : rows.getFirst().size();
        int[] widths = new int[columns];
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
