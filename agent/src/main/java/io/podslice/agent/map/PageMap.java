package io.podslice.agent.map;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The parts of a map for a page that has a legend of its own: a picture without one, the page's styles for it, and swatches for the
 * legend. A picture has no style element of its own.
 */
public final class PageMap {
    private static final int SWATCH_HEIGHT = 16;

    private final NodeMap map;
    private final Uses uses;

    /** Makes the parts of a map. */
    public PageMap(NodeMap map) {
        this.map = map;
        this.uses = Uses.of(map);
    }

    /** Returns the style rules that the pictures need. */
    public static String style() {
        return SvgPen.STYLE;
    }

    /** Returns the picture of the machine. Its hatchings serve all swatches of the page too. */
    public String picture() {
        return SvgMap.bare(map);
    }

    /**
     * A sign of the map.
     *
     * @param swatch the sign as a small picture
     */
    public record Explained(String swatch, String meaning) {}

    /** Returns the signs that the map has, in their order. */
    public List<Explained> signs() {
        List<Explained> signs = new ArrayList<>();
        for (Sign sign : Sign.of(uses.all())) {
            signs.add(new Explained(swatch(SvgLegend.example(sign)), sign.meaning()));
        }
        return signs;
    }

    /** Returns swatches of the CPUs that a pod has for its containers and for its shared pool; empty for neither. */
    public Optional<String> swatches(String pod) {
        List<MappedPod> owners = map.owners();
        for (int i = 0; i < owners.size(); i++) {
            MappedPod owner = owners.get(i);
            if (owner.name().equals(pod)) {
                String own = owner.cpus().minus(owner.sharedPool()).isEmpty()
                        ? ""
                        : swatch(new CpuUse(CpuUse.Kind.EXCLUSIVE, i, false, false, false));
                String shared = owner.sharedPool().isEmpty()
                        ? ""
                        : swatch(new CpuUse(CpuUse.Kind.POD_SHARED, i, false, false, false));
                return Optional.of(own + shared);
            }
        }
        return Optional.empty();
    }

    private static String swatch(CpuUse use) {
        int width = (int) Math.ceil(use.sign().length() * SvgPen.CHARACTER) + 12;
        SvgPen pen = new SvgPen();
        pen.swatch(width, SWATCH_HEIGHT);
        pen.cpu(use, new Box(Part.leaf(Part.Kind.CPU, 0, ""), 0, 0, width, SWATCH_HEIGHT, List.of()), "");
        return pen.end();
    }
}
