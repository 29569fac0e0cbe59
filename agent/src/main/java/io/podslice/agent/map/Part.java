package io.podslice.agent.map;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of the machine, with the parts that lie within it.
 *
 * @param id its id in the kernel; a CPU's number. -1 where it has none
 * @param title its title; empty for cores and CPUs
 */
record Part(Kind kind, int id, String title, List<Part> parts) {
    Part {
        parts = List.copyOf(parts);
    }

    /** The kinds of parts, with the name in JSON. */
    enum Kind {
        MACHINE("machine"),
        SOCKET("socket"),
        NUMA_NODE("numaNode"),
        L3("l3"),
        CORE("core"),
        CPU("cpu"),
        /** A line of text above the parts beside it, about devices or huge pages. */
        NOTE("note"),
        /** CPUs whose place is not known, below the parts beside them: those that are offline or barred. */
        ABSENT("absent");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }

        boolean isGrouping() {
            return this == SOCKET || this == NUMA_NODE || this == L3;
        }
    }

    static Part leaf(Kind kind, int id, String title) {
        return new Part(kind, id, title, List.of());
    }

    /** Returns the lines above the grid. */
    List<Part> notes() {
        return parts.stream().filter(part -> part.kind == Kind.NOTE).toList();
    }

    /** Returns the parts that stand in a grid. */
    List<Part> grid() {
        return parts.stream()
                .filter(part -> part.kind != Kind.NOTE && part.kind != Kind.ABSENT)
                .toList();
    }

    /** Returns the parts below the grid. */
    List<Part> absent() {
        return parts.stream().filter(part -> part.kind == Kind.ABSENT).toList();
    }

    /**
     * Returns this part with every socket, NUMA node or cache that holds nothing but one other of them joined with it under
     * both titles.
     */
    Part joined() {
        List<Part> joined = parts.stream().map(Part::joined).toList();
        List<Part> grid = joined.stream()
                .filter(part -> part.kind != Kind.NOTE && part.kind != Kind.ABSENT)
                .toList();
        if (kind.isGrouping() && grid.size() == 1 && grid.getFirst().kind.isGrouping()) {
            Part inner = grid.getFirst();
            List<Part> all = new ArrayList<>(notes());
            all.addAll(inner.parts);
            return new Part(kind, id, title + ", " + inner.title, all);
        }
        return new Part(kind, id, title, joined);
    }
}
