package io.podslice.agent.yaml;

/**
 * A place in a document.
 *
 * @param line from 1
 * @param column from 1
 */
public record Mark(int line, int column) implements Comparable<Mark> {

    /** The first place of a document. */
    public static final Mark START = new Mark(1, 1);

    @Override
    public int compareTo(Mark other) {
        return line == other.line ? Integer.compare(column, other.column) : Integer.compare(line, other.line);
    }
}
