package io.podslice.node.brain;

import io.podslice.node.Door;
import io.podslice.node.NodeRequest;
import io.podslice.node.Refusal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line at INFO for each refusal. A refusal that repeats is counted, and written again with the count once an
 * interval: the kubelet repeats a vetoed resize every second (KEP-1287), and a refused pod every 11 to 15 s.
 */
final class RefusalLog {
    private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);

    /** Different refusals that are remembered; beyond that the oldest is forgotten. */
    private static final int MOST_REMEMBERED = 256;

    private final long intervalNanos;
    private final Consumer<String> written;

    private final Map<Line, Repeats> lines = new LinkedHashMap<>();

    /** @param interval time between two lines of the same refusal */
    RefusalLog(Duration interval) {
        this(interval, log::info);
    }

    /** @param written gets the lines in place of the log */
    RefusalLog(Duration interval, Consumer<String> written) {
        this.intervalNanos = interval.toNanos();
        this.written = written;
    }

    private record Line(Door door, String request, String refusal) {}

    private static final class Repeats {
        private long writtenAtNanos;
        private long since;
    }

    /**
     * Writes or counts a refusal.
     *
     * @param nowNanos as {@link System#nanoTime} has it
     */
    void refused(Door door, NodeRequest request, Refusal refusal, long nowNanos) {
        Line line = new Line(door, request.describe(), refusal.text());
        long repeated;
        synchronized (this) {
            Repeats repeats = lines.get(line);
            if (repeats == null) {
                forgetOldest();
                repeats = new Repeats();
                lines.put(line, repeats);
                repeated = 0;
            } else if (nowNanos - repeats.writtenAtNanos < intervalNanos) {
                repeats.since++;
                return;
            } else {
                repeated = repeats.since + 1;
            }
            repeats.writtenAtNanos = nowNanos;
            repeats.since = 0;
        }
        write(line, repeated);
    }

    private void write(Line line, long repeated) {
        String refused = repeated <= 1 ? "refused" : "refused " + repeated + " times more";
        written.accept(line.request + " (" + line.door.label() + "): " + refused + ": " + line.refusal);
    }

    private void forgetOldest() {
        if (lines.size() >= MOST_REMEMBERED) {
            var oldest = lines.entrySet().iterator();
            Map.Entry<Line, Repeats> entry = oldest.next();
            if (entry.getValue().since > 0) {
                write(entry.getKey(), entry.getValue().since);
            }
            oldest.remove();
        }
    }
}
