package io.podslice.agent.map;

/**
 * Sizes of a picture's boxes, in pixels or in characters.
 *
 * @param cellWidth width of a CPU
 * @param cellHeight height of a CPU
 * @param group the frame of a machine, a socket, a NUMA node or a cache
 * @param core the frame of a core
 * @param cpu the gaps between CPUs
 * @param noteHeight height of a line of text within a frame
 * @param titleMargin width that a title needs beside its characters
 * @param characterWidth width of a character of a title
 * @param taste the better of two pictures is the one with the lower cost
 */
record Metrics(
        int cellWidth,
        int cellHeight,
        Frame group,
        Frame core,
        Frame cpu,
        int noteHeight,
        int titleMargin,
        int characterWidth,
        Taste taste) {

    /**
     * Space around a box of some kind.
     *
     * @param top between its upper border and what is within it
     * @param side between its left or right border and what is within it
     * @param bottom between its lower border and what is within it
     * @param columnGap between it and a box of its kind to the right
     * @param rowGap between it and a box of its kind below
     */
    record Frame(int top, int side, int bottom, int columnGap, int rowGap) {}

    /** Tells how bad a picture of that size is. */
    interface Taste {
        double cost(int width, int height);
    }

    Frame frame(Part.Kind kind) {
        return switch (kind) {
            case CPU -> cpu;
            case CORE -> core;
            case MACHINE, SOCKET, NUMA_NODE, L3, NOTE, ABSENT -> group;
        };
    }

    int titleWidth(String title) {
        return title.isEmpty() ? 0 : titleMargin + title.length() * characterWidth;
    }
}
