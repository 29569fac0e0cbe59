package io.podslice.agent.map;

import io.podslice.agent.text.Xml;
import java.util.Locale;

/** Draws the shapes of a map in SVG. For one thread. */
final class SvgPen {
    /** Width of a character of the monospaced letters of 11 pixels, a little more than every font has. */
    static final double CHARACTER = 6.7;

    /** The rules that the pictures need. */
    static final String STYLE = "text{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:11px}"
            + " .t{font-family:'DejaVu Sans',Verdana,Helvetica,sans-serif;fill:#333333}"
            + " .h{font-family:'DejaVu Sans',Verdana,Helvetica,sans-serif;font-size:15px;font-weight:bold}"
            + " .c{text-anchor:middle} .b{font-weight:bold} .r{white-space:pre}"
            // An outline keeps the hatching from the letters.
            + " .o{paint-order:stroke;stroke:#ffffff;stroke-width:3px;stroke-linejoin:round}";

    private static final String NONE = "none";

    private final Xml xml = new Xml();

    void start(int width, int height) {
        begin(width, height, " role=\"img\"");
        xml.element("title", "The CPUs of a machine and the pods that run on them");
        xml.element("style", STYLE);
        xml.empty("rect", "width", width, "height", height, "fill", Palette.WHITE.css());
    }

    /** Starts a picture in a page that has {@link #STYLE}. */
    void startInPage(int width, int height) {
        begin(width, height, "");
    }

    /** Starts a small picture that only repeats what stands beside it. */
    void swatch(int width, int height) {
        begin(width, height, " aria-hidden=\"true\"");
    }

    private void begin(int width, int height, String attribute) {
        xml.raw("<svg xmlns=\"http://www.w3.org/2000/svg\"" + attribute);
        xml.raw(String.format(
                Locale.ROOT, " width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n", width, height, width, height));
    }

    /** Defines the hatching of a colour. */
    void hatching(int colour) {
        xml.raw("<defs><pattern id=\"hatch" + colour + "\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\""
                + " patternTransform=\"rotate(45)\">");
        xml.empty("rect", "width", 6, "height", 6, "fill", Palette.tint(colour).css());
        xml.empty("rect", "width", 2, "height", 6, "fill", Palette.line(colour).css());
        xml.raw("</pattern></defs>\n");
    }

    /** Begins the group of a CPU's shapes; {@link #endGroup} ends it. */
    void group(int cpu, CpuUse use, String pod, String title) {
        if (pod.isEmpty()) {
            xml.open("g", "data-cpu", cpu, "data-use", use.kind().text());
        } else {
            xml.open("g", "data-cpu", cpu, "data-use", use.kind().text(), "data-pod", pod);
        }
        xml.element("title", title);
    }

    void endGroup() {
        xml.close("g");
    }

    /** Draws the frame of a box. */
    void frame(Box box, String fill, String stroke, int radius) {
        rect(box, 0.5, radius, fill, "stroke", stroke);
    }

    private void rect(Box box, double inset, int radius, String fill, Object... more) {
        Object[] attributes = new Object[12 + more.length];
        Object[] own = {
            "x",
            box.x() + inset,
            "y",
            box.y() + inset,
            "width",
            box.width() - 2 * inset,
            "height",
            box.height() - 2 * inset,
            "rx",
            radius,
            "fill",
            fill
        };
        System.arraycopy(own, 0, attributes, 0, own.length);
        System.arraycopy(more, 0, attributes, own.length, more.length);
        xml.empty("rect", attributes);
    }

    /** Draws a CPU: its ground, the outline and the cross of those that are not for all pods, and a text. */
    void cpu(CpuUse use, Box box, String text) {
        rect(box, 0.5, 2, fill(use), "stroke", use.kind() == CpuUse.Kind.NONE ? "#999999" : NONE);
        if (use.isGone()) {
            String cross = "M%1$d %2$dL%3$d %4$dM%3$d %2$dL%1$d %4$d"
                    .formatted(box.x() + 1, box.y() + 1, box.right() - 1, box.bottom() - 1);
            xml.empty("path", "d", cross, "stroke", "#a0a0a0", "fill", NONE);
        }
        if (use.isReserved() || use.isIsolated()) {
            String dashes = use.isReserved() ? NONE : "2 3";
            rect(box, 1, 2, NONE, "stroke", Palette.BLACK.css(), "stroke-width", 2, "stroke-dasharray", dashes);
        }
        xml.open(
                        "text",
                        "class",
                        use.kind() == CpuUse.Kind.POD_SHARED ? "c o" : "c",
                        "x",
                        box.x() + box.width() / 2.0,
                        "y",
                        box.y() + box.height() / 2.0 + 4,
                        "fill",
                        ink(use).css())
                .open("tspan", "class", "b")
                .text(use.sign())
                .raw("</tspan>")
                .text(text)
                .close("text");
    }

    /** Writes the title of a box at its upper left. */
    void title(Box box, int left) {
        xml.element("text", box.part().title(), "class", "t", "x", box.x() + left, "y", box.y() + 15);
    }

    void heading(int x, int y, String text) {
        xml.element("text", text, "class", "h", "x", x, "y", y);
    }

    /** Writes a line of monospaced text. */
    void line(int x, int y, String text) {
        xml.element("text", text, "class", "r", "xml:space", "preserve", "x", x, "y", y);
    }

    /** Ends the picture and returns it. */
    String end() {
        return xml.close("svg").toString();
    }

    private static Palette.Colour ink(CpuUse use) {
        return switch (use.kind()) {
            case EXCLUSIVE -> Palette.own(use.owner()).ink();
            case CONTESTED -> Palette.WHITE;
            case POD_SHARED, NODE_SHARED, NONE -> Palette.BLACK;
        };
    }

    private static String fill(CpuUse use) {
        return switch (use.kind()) {
            case EXCLUSIVE -> Palette.own(use.owner()).css();
            case POD_SHARED -> "url(#hatch" + use.owner() % Palette.COLOURS + ")";
            case NODE_SHARED -> Palette.NODE_SHARED.css();
            case CONTESTED -> Palette.BLACK.css();
            case NONE -> Palette.WHITE.css();
        };
    }
}
