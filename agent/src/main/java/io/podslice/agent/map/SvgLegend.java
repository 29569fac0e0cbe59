package io.podslice.agent.map;

import java.util.ArrayList;
import java.util.List;

/**
 * The legend of an SVG picture with its places: rows of pods in columns, signs below them, notes at the end. All sizes are in
 * pixels.
 *
 * @param notes the legend's notes in lines of the picture's width
 * @param left of all its lines
 * @param top of its first line
 * @param columns of pods, each as wide as {@code columnWidth}
 * @param rows of pods in a column
 * @param signsInLine signs beside each other
 */
record SvgLegend(
        Legend legend,
        List<String> notes,
        int left,
        int top,
        int swatch,
        int columns,
        int columnWidth,
        int rows,
        int signsInLine) {
    private static final int LINE = 20;
    private static final int GAP = 6;
    private static final int COLUMN_GAP = 28;
    private static final int BASELINE = 12;
    private static final int MOST_COLUMNS = 3;
    private static final int SHORTEST_LINE = 60;
    private static final String INDENT = "  ";

    /**
     * Finds the places of a legend.
     *
     * @param width the width that it may take without making the picture wider
     */
    static SvgLegend of(Legend legend, int left, int top, int width) {
        int letters = Letters.capital(Math.max(0, legend.rows().size() - 1)).length();
        int swatch = pixels(letters) + 18;
        int longest = legend.header().length();
        for (Legend.Row row : legend.rows()) {
            longest = Math.max(longest, row.text().length());
        }
        int columnWidth = 2 * (swatch + GAP) + pixels(longest);
        int columns = Math.clamp((width + COLUMN_GAP) / (columnWidth + COLUMN_GAP), 1, MOST_COLUMNS);
        columns = Math.clamp(legend.rows().size(), 1, columns);
        int rows = (legend.rows().size() + columns - 1) / columns;
        int signs = Math.max(1, (width + COLUMN_GAP) / (signWidth(legend, swatch) + COLUMN_GAP));
        int characters = Math.max(SHORTEST_LINE, (int) (Math.max(width, columns * columnWidth) / SvgPen.CHARACTER));
        return new SvgLegend(
                legend, lines(legend.notes(), characters), left, top, swatch, columns, columnWidth, rows, signs);
    }

    /** Breaks notes into lines; all lines of a note but the first are indented. */
    private static List<String> lines(List<String> notes, int characters) {
        List<String> lines = new ArrayList<>();
        for (String note : notes) {
            String rest = note;
            while (rest.length() > characters) {
                int space = rest.lastIndexOf(' ', characters);
                int end = space > characters / 2 ? space : characters;
                lines.add(rest.substring(0, end));
                rest = INDENT + rest.substring(end).strip();
            }
            lines.add(rest);
        }
        return lines;
    }

    private static int pixels(int characters) {
        return (int) Math.ceil(characters * SvgPen.CHARACTER);
    }

    private static int signWidth(Legend legend, int swatch) {
        int longest = 0;
        for (Sign sign : legend.signs()) {
            longest = Math.max(longest, sign.meaning().length());
        }
        return swatch + GAP + pixels(longest);
    }

    private int head() {
        return rows == 0 ? 0 : LINE;
    }

    private int signsTop() {
        return top + head() + rows * LINE + (rows == 0 ? 0 : LINE / 2);
    }

    private int notesTop() {
        int lines = (legend.signs().size() + signsInLine - 1) / signsInLine;
        return signsTop() + lines * LINE + (notes.isEmpty() ? 0 : LINE / 2);
    }

    int bottom() {
        return notesTop() + notes.size() * LINE;
    }

    int right() {
        int right = left + signWidth(legend, swatch);
        if (rows > 0) {
            right = Math.max(right, left + columns * (columnWidth + COLUMN_GAP) - COLUMN_GAP);
        }
        for (String note : notes) {
            right = Math.max(right, left + pixels(note.length()));
        }
        return right;
    }

    void draw(SvgPen pen) {
        for (int pod = 0; pod < legend.rows().size(); pod++) {
            int x = left + pod / rows * (columnWidth + COLUMN_GAP);
            int y = top + head() + pod % rows * LINE;
            int text = x + 2 * (swatch + GAP);
            if (pod % rows == 0) {
                pen.line(text, top + BASELINE, legend.header());
            }
            Legend.Row row = legend.rows().get(pod);
            if (row.isExclusive()) {
                swatch(pen, new CpuUse(CpuUse.Kind.EXCLUSIVE, pod, false, false, false), x, y);
            }
            if (row.isShared()) {
                swatch(pen, new CpuUse(CpuUse.Kind.POD_SHARED, pod, false, false, false), x + swatch + GAP, y);
            }
            pen.line(text, y + BASELINE, row.text());
        }
        List<Sign> signs = legend.signs();
        for (int i = 0; i < signs.size(); i++) {
            int x = left + i % signsInLine * (signWidth(legend, swatch) + COLUMN_GAP);
            int y = signsTop() + i / signsInLine * LINE;
            swatch(pen, example(signs.get(i)), x, y);
            pen.line(x + swatch + GAP, y + BASELINE, signs.get(i).meaning());
        }
        for (int i = 0; i < notes.size(); i++) {
            pen.line(left, notesTop() + i * LINE + BASELINE, notes.get(i));
        }
    }

    private void swatch(SvgPen pen, CpuUse use, int x, int y) {
        pen.cpu(use, new Box(Part.leaf(Part.Kind.CPU, 0, ""), x, y, swatch, LINE - 4, List.of()), "");
    }

    /** Returns the use of a CPU that has that sign. */
    static CpuUse example(Sign sign) {
        CpuUse.Kind kind = switch (sign) {
            case EXCLUSIVE -> CpuUse.Kind.EXCLUSIVE;
            case POD_SHARED -> CpuUse.Kind.POD_SHARED;
            case NODE_SHARED, RESERVED -> CpuUse.Kind.NODE_SHARED;
            case CONTESTED -> CpuUse.Kind.CONTESTED;
            case NONE, ISOLATED, GONE -> CpuUse.Kind.NONE;
        };
        int owner = sign == Sign.EXCLUSIVE || sign == Sign.POD_SHARED ? 0 : -1;
        return new CpuUse(kind, owner, sign == Sign.RESERVED, sign == Sign.ISOLATED, sign == Sign.GONE);
    }
}
