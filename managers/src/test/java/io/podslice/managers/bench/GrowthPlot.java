package io.podslice.managers.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/** Draws costs against sizes, both on logarithmic axes, as an SVG image for light and dark pages. */
final class GrowthPlot {
    private static final int WIDTH = 330;
    private static final int PLOT_HEIGHT = 220;
    private static final int LEFT = 50;
    private static final int TOP = 40;
    private static final int LINE_HEIGHT = 15;
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a67c00", "#56b4e9", "#808080");
    private static final String STYLE = """
            text { font: 11px sans-serif; fill: #333 } .title { font-weight: bold }
            .grid { stroke: #8886; stroke-width: 0.5 } .target { stroke: #c00; stroke-dasharray: 5 3 }
            .line { fill: none; stroke-width: 1.8 }
            @media (prefers-color-scheme: dark) { text { fill: #ccc } .target { stroke: #f66 } }
            """;

    private GrowthPlot() {}

    /**
     * One of the plots that stand side by side.
     *
     * @param targetMicros drawn as a dashed line
     * @param lines microseconds by size, by name
     */
    record Panel(String title, String axis, double targetMicros, SortedMap<String, SortedMap<Integer, Double>> lines) {

        private SortedSet<Integer> sizes() {
            SortedSet<Integer> sizes = new TreeSet<>();
            lines.values().forEach(line -> sizes.addAll(line.keySet()));
            return sizes;
        }
    }

    static String svg(List<Panel> panels) {
        int most = panels.stream().mapToInt(panel -> panel.lines().size()).max().orElse(0);
        int width = panels.size() * WIDTH;
        int height = TOP + PLOT_HEIGHT + 45 + most * LINE_HEIGHT;
        StringBuilder svg = new StringBuilder();
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">%n"
                .formatted(width, height, width, height));
        svg.append("<style>\n").append(STYLE).append("</style>\n");
        for (int i = 0; i < panels.size(); i++) {
            svg.append("<g transform=\"translate(%d 0)\">%n".formatted(i * WIDTH));
            new Axes(panels.get(i)).draw(svg);
            svg.append("</g>\n");
        }
        return svg.append("</svg>\n").toString();
    }

    /** One panel's scales: powers of ten upward from a microsecond, and the sizes that were measured. */
    private static final class Axes {
        private static final double RIGHT = WIDTH - 15.0;
        private static final double BOTTOM = TOP + PLOT_HEIGHT;

        private final Panel panel;
        private final int decades;

        Axes(Panel panel) {
            this.panel = panel;
            double most = panel.targetMicros();
            for (SortedMap<Integer, Double> line : panel.lines().values()) {
                for (double micros : line.values()) {
                    most = Math.max(most, micros);
                }
            }
            decades = (int) Math.ceil(Math.log10(most * 1.2));
        }

        private double x(int size) {
            double from = Math.log(panel.sizes().first());
            double to = Math.log(panel.sizes().last());
            return LEFT + (RIGHT - LEFT) * (Math.log(size) - from) / (to - from);
        }

        private double y(double micros) {
            return BOTTOM - PLOT_HEIGHT * Math.log10(Math.max(1, micros)) / decades;
        }

        void draw(StringBuilder svg) {
            text(svg, LEFT, 16, "title", "start", panel.title());
            text(svg, LEFT, 31, "", "start", "median us");
            double micros = 1;
            for (int decade = 0; decade <= decades; decade++, micros *= 10) {
                line(svg, "grid", LEFT, y(micros), RIGHT, y(micros));
                text(svg, LEFT - 5, y(micros) + 4, "", "end", Math.round(micros) + "");
            }
            for (int size : panel.sizes()) {
                line(svg, "grid", x(size), TOP, x(size), BOTTOM);
                text(svg, x(size), BOTTOM + 14, "", "middle", size + "");
            }
            text(svg, (LEFT + RIGHT) / 2, BOTTOM + 29, "", "middle", panel.axis());
            double target = y(panel.targetMicros());
            line(svg, "target", LEFT, target, RIGHT, target);
            text(svg, RIGHT, target - 4, "", "end", "target");
            int n = 0;
            for (Map.Entry<String, SortedMap<Integer, Double>> entry :
                    panel.lines().entrySet()) {
                String colour = COLOURS.get(n % COLOURS.size());
                curve(svg, colour, entry.getValue());
                double at = BOTTOM + 45.0 + n * LINE_HEIGHT;
                svg.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%.1f\" width=\"12\" height=\"3\" fill=\"%s\"/>%n",
                        LEFT,
                        at - 5,
                        colour));
                text(svg, LEFT + 18, at, "", "start", entry.getKey());
                n++;
            }
        }

        private void curve(StringBuilder svg, String colour, SortedMap<Integer, Double> line) {
            StringBuilder points = new StringBuilder();
            line.forEach((size, micros) -> points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(size), y(micros))));
            svg.append("<polyline class=\"line\" stroke=\"%s\" points=\"%s\"/>%n"
                    .formatted(colour, points.toString().strip()));
        }

        private static void line(StringBuilder svg, String kind, double x1, double y1, double x2, double y2) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                    kind,
                    x1,
                    y1,
                    x2,
                    y2));
        }

        private static void text(StringBuilder svg, double x, double y, String kind, String anchor, String text) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                    kind,
                    x,
                    y,
                    anchor,
                    text));
        }
    }
}
