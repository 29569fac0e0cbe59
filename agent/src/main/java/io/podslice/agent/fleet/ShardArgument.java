package io.podslice.agent.fleet;

import io.podslice.cluster.shard.ShardSelector;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code I/N} on a command line: one of N equal parts of each collection.
 *
 * @param index from 0 to {@code count} - 1
 * @param count at least 1
 */
public record ShardArgument(int index, int count) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})/(\\d{1,9})");

    /**
     * Reads a part.
     *
     * @throws IllegalArgumentException if it is not that; the message tells the text and the form
     */
    public static ShardArgument parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("\"" + text + "\": must be I/N, such as 0/4 for the first of 4 parts");
        }
        int index = Integer.parseInt(form.group(1));
        int count = Integer.parseInt(form.group(2));
        if (count == 0 || index >= count) {
            throw new IllegalArgumentException("\"" + text + "\": the " + count + " parts are counted from 0"
                    + (count == 0 ? "" : " to " + (count - 1)));
        }
        return new ShardArgument(index, count);
    }

    /** Returns the part's selector. */
    public ShardSelector selector() {
        return ShardSelector.part(index, count);
    }

    /** Returns the form on the command line. */
    public String text() {
        return index + "/" + count;
    }
}
