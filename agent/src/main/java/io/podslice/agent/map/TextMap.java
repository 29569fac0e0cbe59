package io.podslice.agent.map;

import io.podslice.managers.pod.Printable;
import java.util.List;
import java.util.Locale;

/**
 * Writes a map as text: a box of characters for each part of the machine, a column for each core with a line for each of its
 * CPUs. A capital stands for exclusive CPUs, a small letter for a pod's shared pool, a dot for the node shared pool.
 */
public final class TextMap {
    /** The narrowest map that is possible to read. */
    public static final int NARROWEST = 40;

    /** The widest map that is of use. */
    public static final int WIDEST = 1000;

    private final NodeMap map;
    private final Uses uses;
    private final int width;
    private final boolean isColoured;

    private TextMap(NodeMap map, int width, boolean isColoured) {
        this.map = map;
        this.uses = Uses.of(map);
        this.width = Math.clamp(width, NARROWEST, WIDEST);
        this.isColoured = isColoured;
    }

    /**
     * Writes a map with its legend.
     *
     * @param width the number of columns that the machine may take, if it can; rows of the legend may be wider
     * @param isColoured true for a terminal of 256 colours
     */
    public static String text(NodeMap map, int width, boolean isColoured) {
        TextMap text = new TextMap(map, width, isColoured);
        return text.heading() + text.picture() + "\n" + text.legend();
    }

    /** Writes the picture alone. */
    public static String picture(NodeMap map, int width, boolean isColoured) {
        return new TextMap(map, width, isColoured).picture();
    }

    private String heading() {
        return map.heading().isEmpty() ? "" : Printable.of(map.heading()) + "\n";
    }

    private String picture() {
        Box machine = Layout.of(Nesting.of(map).joined(), metrics(map, uses, width));
        Canvas canvas = new Canvas(machine.width(), machine.height());
        draw(canvas, machine);
        return canvas.text(isColoured);
    }

    static Metrics metrics(NodeMap map, Uses uses, int width) {
        int threads = map.machine().cpus().stream()
                .mapToInt(cpu -> map.machine().cpusOfCore(cpu.core()).size())
                .max()
                .orElse(1);
        Metrics.Frame group = new Metrics.Frame(1, 2, 1, 1, 0);
        Metrics.Frame core = new Metrics.Frame(0, 0, 0, 0, threads > 1 ? 1 : 0);
        Metrics.Frame cpu = new Metrics.Frame(0, 0, 0, 1, 0);
        return new Metrics(
                uses.longestSign() + uses.digits() + 3,
                1,
                group,
                core,
                cpu,
                1,
                6,
                1,
                (wide, high) -> high + wide / 10_000.0 + 1_000.0 * Math.max(0, wide - width));
    }

    private void draw(Canvas canvas, Box box) {
        switch (box.part().kind()) {
            case CPU -> cell(canvas, box);
            case CORE -> {}
            case NOTE -> canvas.put(box.x(), box.y(), box.part().title(), MapPaint.PLAIN);
            case MACHINE, SOCKET, NUMA_NODE, L3, ABSENT -> canvas.frame(box);
        }
        box.boxes().forEach(inner -> draw(canvas, inner));
    }

    private void cell(Canvas canvas, Box box) {
        CpuUse use = uses.of(box.part().id());
        String inner = String.format(
                Locale.ROOT,
                "%" + uses.longestSign() + "s %" + uses.digits() + "d",
                use.sign(),
                box.part().id());
        canvas.put(box.x(), box.y(), marked(use, inner), MapPaint.of(use));
    }

    private static String marked(CpuUse use, String inner) {
        return use.isGone()
                ? "x" + inner + "x"
                : use.isReserved() ? "[" + inner + "]" : use.isIsolated() ? "(" + inner + ")" : " " + inner + " ";
    }

    private String legend() {
        Legend legend = Legend.of(map, uses.all());
        StringBuilder out = new StringBuilder();
        int letters = Letters.capital(Math.max(0, legend.rows().size() - 1)).length();
        String marks = "%" + letters + "s %" + letters + "s  %s\n";
        if (!legend.rows().isEmpty()) {
            out.append(String.format(Locale.ROOT, marks, "", "", legend.header()));
        }
        for (int pod = 0; pod < legend.rows().size(); pod++) {
            Legend.Row row = legend.rows().get(pod);
            String capital = row.isExclusive() ? Letters.capital(pod) : "";
            out.append(
                    String.format(Locale.ROOT, marks, capital, row.isShared() ? Letters.small(pod) : "", row.text()));
        }
        out.append(legend.rows().isEmpty() ? "" : "\n");
        List<Sign> signs = legend.signs();
        signs.forEach(sign -> out.append(String.format(Locale.ROOT, "%-3s  %s\n", sign.text(), sign.meaning())));
        legend.notes().forEach(note -> out.append(note).append('\n'));
        return out.toString();
    }
}
