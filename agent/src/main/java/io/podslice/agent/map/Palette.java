package io.podslice.agent.map;

import java.util.List;
import java.util.Locale;

/**
 * Colours of a map's picture. The seven colours of Okabe and Ito can be told apart with every kind of colour blindness; after
 * them come darker and lighter ones. Letters name a pod where colours do not.
 *
 * @see <a href="https://jfly.uni-koeln.de/color/">Color Universal Design</a>
 */
final class Palette {
    /** Blue, orange, bluish green, vermilion, sky blue, reddish purple, yellow. */
    private static final List<Colour> BASE = List.of(
            new Colour(0x0072B2),
            new Colour(0xE69F00),
            new Colour(0x009E73),
            new Colour(0xD55E00),
            new Colour(0x56B4E9),
            new Colour(0xCC79A7),
            new Colour(0xF0E442));

    static final Colour WHITE = new Colour(0xFFFFFF);
    static final Colour BLACK = new Colour(0x000000);
    static final Colour NODE_SHARED = new Colour(0xE4E4E4);

    /** The number of pods with different colours. */
    static final int COLOURS = 3 * 7;

    private static final double DARKER = 0.45;
    private static final double LIGHTER = 0.45;
    private static final double TINT = 0.8;
    private static final double LINE = 0.4;

    private Palette() {}

    /**
     * A colour of sRGB.
     *
     * @param rgb eight bits each of red, green and blue
     */
    record Colour(int rgb) {
        /** Returns the colour with that share of another one, 0 to 1. */
        Colour mixed(Colour other, double share) {
            int mixed = 0;
            for (int shift = 16; shift >= 0; shift -= 8) {
                int from = rgb >> shift & 0xff;
                int to = other.rgb >> shift & 0xff;
                mixed |= (int) Math.round(from + (to - from) * share) << shift;
            }
            return new Colour(mixed);
        }

        /** Returns the contrast to another colour by WCAG 2, 1 to 21. */
        double contrast(Colour other) {
            double lighter = Math.max(luminance(), other.luminance());
            double darker = Math.min(luminance(), other.luminance());
            return (lighter + 0.05) / (darker + 0.05);
        }

        private double luminance() {
            return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
        }

        private static double linear(int bits) {
            double value = (bits & 0xff) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
        }

        /** Returns black or white, of which a text on this colour has more contrast. */
        Colour ink() {
            return contrast(WHITE) > contrast(BLACK) ? WHITE : BLACK;
        }

        /** Returns the colour as CSS writes it, e.g. {@code #0072b2}. */
        String css() {
            return String.format(Locale.ROOT, "#%06x", rgb);
        }
    }

    /** Returns the colour of the exclusive CPUs of the pod with that index. */
    static Colour own(int pod) {
        int index = pod % COLOURS;
        Colour base = BASE.get(index % BASE.size());
        return switch (index / BASE.size()) {
            case 0 -> base;
            case 1 -> base.mixed(BLACK, DARKER);
            default -> base.mixed(WHITE, LIGHTER);
        };
    }

    /** Returns the ground of that pod's shared pool. */
    static Colour tint(int pod) {
        return own(pod).mixed(WHITE, TINT);
    }

    /** Returns the lines of the hatching on that ground. */
    static Colour line(int pod) {
        return own(pod).mixed(WHITE, LINE);
    }
}
