package io.podslice.agent.replay;

/**
 * A part of a recording that cannot be read.
 *
 * @param place the first byte that cannot be read
 * @param torn true if an end like this is what a crash may leave
 * @param text says what is wrong there, and what is skipped
 */
public record Flaw(Place place, boolean torn, String text) {

    /** Returns place and text. */
    @Override
    public String toString() {
        return place + ": " + text;
    }
}
