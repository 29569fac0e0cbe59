package io.podslice.cluster.source;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A source, and its last failure if lookups leave it alone because of that. Safe for use by many threads. */
final class RankedSource {
    /** The time for which a source that has failed is left alone. */
    static final Duration REST = Duration.ofSeconds(2);

    /** A failed lookup: its time and its text. */
    private record Failure(long atNanos, String text) {}

    private final PodSource source;
    private volatile @Nullable Failure failure;

    RankedSource(PodSource source) {
        this.source = source;
    }

    PodSource source() {
        return source;
    }

    /** Returns the source's name in remarks. */
    String name() {
        return source.kind().text();
    }

    void answered() {
        failure = null;
    }

    void failed(long nowNanos, String text) {
        failure = new Failure(nowNanos, text);
    }

    /** Tells if the source has failed so lately that it is left alone. */
    boolean rests(long nowNanos) {
        Failure last = failure;
        return last != null && nowNanos - last.atNanos < REST.toNanos();
    }

    /** Returns a remark on a source that was left alone. */
    String restRemark(long nowNanos) {
        Failure last = failure;
        return last == null
                ? name() + ": not asked"
                : name() + ": not asked, since it failed " + TimeUnit.NANOSECONDS.toMillis(nowNanos - last.atNanos)
                        + " ms before: " + last.text;
    }
}
