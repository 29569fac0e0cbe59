package io.podslice.agent.page;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes server-sent events, of the form that HTML's EventSource reads. */
final class Events {
    /** A line that a browser ignores, by which a client that has gone is found out. */
    static final byte[] STILL_THERE = ": podslice\n\n".getBytes(StandardCharsets.UTF_8);

    private Events() {}

    /**
     * Writes pieces, an event each: the first line of its data is the selector, the others are the HTML. With the last one comes
     * the version that the browser has then.
     */
    static byte[] of(List<Section.Piece> pieces, String version) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces.size(); i++) {
            if (i == pieces.size() - 1) {
                text.append("id: ").append(version).append('\n');
            }
            text.append("event: piece\ndata: ").append(pieces.get(i).selector()).append('\n');
            pieces.get(i)
                    .html()
                    .lines()
                    .forEach(line -> text.append("data: ").append(line).append('\n'));
            text.append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
