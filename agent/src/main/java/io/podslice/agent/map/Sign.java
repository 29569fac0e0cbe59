package io.podslice.agent.map;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The signs of a map, in the order of the legend, each with its form in text. */
enum Sign {
    EXCLUSIVE("A", "exclusive to containers of pod A"),
    POD_SHARED("a", "the shared pool of pod A"),
    NODE_SHARED(".", "the node shared pool"),
    CONTESTED("*", "claimed by several pods"),
    NONE("-", "no pod"),
    RESERVED("[ ]", "reserved: no pod gets it for itself"),
    ISOLATED("( )", "isolated at boot: no pod gets it"),
    GONE("x x", "offline, or forbidden by the cgroups above pods");

    private final String text;
    private final String meaning;

    Sign(String text, String meaning) {
        this.text = text;
        this.meaning = meaning;
    }

    String text() {
        return text;
    }

    String meaning() {
        return meaning;
    }

    /** Returns the signs that these CPUs have. */
    static Set<Sign> of(List<CpuUse> uses) {
        Set<Sign> signs = EnumSet.noneOf(Sign.class);
        for (CpuUse use : uses) {
            signs.add(
                    switch (use.kind()) {
                        case EXCLUSIVE -> EXCLUSIVE;
                        case POD_SHARED -> POD_SHARED;
                        case NODE_SHARED -> NODE_SHARED;
                        case CONTESTED -> CONTESTED;
                        case NONE -> NONE;
                    });
            if (use.isReserved()) {
                signs.add(RESERVED);
            }
            if (use.isIsolated()) {
                signs.add(ISOLATED);
            }
            if (use.isGone()) {
                signs.add(GONE);
            }
        }
        return signs;
    }
}
