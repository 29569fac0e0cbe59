package io.podslice.agent.map;

/** Colours of a map on a terminal that has 256 of them: codes of SGR sequences. */
public final class MapPaint {
    /** The terminal's own colours. */
    static final String PLAIN = "";

    /** Background and foreground of exclusive CPUs, by pod: the colours of {@link Palette} as near as they come. */
    private static final String[] OWN = {
        "48;5;25;38;5;231;1",
        "48;5;172;38;5;16;1",
        "48;5;36;38;5;16;1",
        "48;5;166;38;5;16;1",
        "48;5;74;38;5;16;1",
        "48;5;175;38;5;16;1",
        "48;5;221;38;5;16;1"
    };

    /** Background and foreground of pods' shared pools, by pod. */
    private static final String[] SHARED = {
        "48;5;153;38;5;16",
        "48;5;223;38;5;16",
        "48;5;151;38;5;16",
        "48;5;216;38;5;16",
        "48;5;195;38;5;16",
        "48;5;225;38;5;16",
        "48;5;230;38;5;16"
    };

    private static final String NODE_SHARED = "48;5;236;38;5;248";
    private static final String CONTESTED = "48;5;16;38;5;231;1";

    private MapPaint() {}

    /** Returns a text in the colours of the exclusive CPUs of the pod with that index. */
    public static String own(int pod, String text) {
        return painted(OWN[pod % OWN.length], text);
    }

    /** Returns a text in the colours of that pod's shared pool. */
    public static String shared(int pod, String text) {
        return painted(SHARED[pod % SHARED.length], text);
    }

    /** Returns a text in the colours of the node shared pool. */
    public static String nodeShared(String text) {
        return painted(NODE_SHARED, text);
    }

    private static String painted(String colour, String text) {
        return change(PLAIN, colour) + text + change(colour, PLAIN);
    }

    static String of(CpuUse use) {
        return switch (use.kind()) {
            case EXCLUSIVE -> OWN[use.owner() % OWN.length];
            case POD_SHARED -> SHARED[use.owner() % SHARED.length];
            case NODE_SHARED -> NODE_SHARED;
            case CONTESTED -> CONTESTED;
            case NONE -> PLAIN;
        };
    }

    /** Returns the sequence that leads from one colour to another. */
    static String change(String from, String to) {
        String end = from.equals(PLAIN) ? "" : "\u001b[0m";
        return from.equals(to) ? "" : end + (to.equals(PLAIN) ? "" : "\u001b[" + to + "m");
    }
}
