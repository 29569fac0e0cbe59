package io.podslice.cluster.source;

import io.podslice.managers.pod.Printable;
import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record of one source's health, which the source itself keeps: the outcomes of its lookups and of its watch. Logs a
 * change once, and the changes of a source that fails and works in turns once a minute. Safe for use by many threads.
 */
public final class HealthRecord {
    private static final Logger LOG = LoggerFactory.getLogger(HealthRecord.class);
    private static final Duration QUIET = Duration.ofMinutes(1);
    private static final int LONGEST = 300;

    private final SpecSource source;
    private final String name;
    private final InstantSource clock;

    /** The last lookup's failure; empty if it was answered. */
    private String lookup = "";

    /** The watch's failure, or what it waits for; empty while it is complete, and for a source without a watch. */
    private String watch = "";

    private Instant since;
    private long found;
    private long missed;
    private long failures;

    private boolean saidReady;
    private @Nullable Instant saidFailure;
    private long failuresWhenSaid;
    private String saidWaiting = "";

    /**
     * @param source the kind of source
     * @param name the source in log lines, e.g. {@code Pods API}
     */
    public HealthRecord(SpecSource source, String name, InstantSource clock) {
        this.source = source;
        this.name = name;
        this.clock = clock;
        this.since = clock.instant();
    }

    /** A lookup found its pod. */
    public synchronized void found() {
        found++;
        answered();
    }

    /** A lookup was answered: the source does not have the pod. */
    public synchronized void missed() {
        missed++;
        answered();
    }

    /** A lookup failed. */
    public synchronized void lookupFailed(String detail) {
        failures++;
        boolean wasReady = isReady();
        lookup = shortened(detail);
        failed(wasReady);
    }

    /** The watch has all pods, and lasts. */
    public synchronized void watchComplete() {
        boolean wasReady = isReady();
        watch = "";
        lookup = "";
        works(wasReady);
    }

    /**
     * The watch is not complete, and nothing has failed.
     *
     * @param detail what it waits for
     */
    public synchronized void watchWaits(String detail) {
        boolean wasReady = isReady();
        watch = shortened(detail);
        if (wasReady) {
            since = clock.instant();
        }
        if (!watch.equals(saidWaiting)) {
            saidWaiting = watch;
            LOG.info("{}: {}", name, watch);
        }
    }

    /** The watch broke, or could not be made. */
    public synchronized void watchFailed(String detail) {
        failures++;
        boolean wasReady = isReady();
        watch = shortened(detail);
        failed(wasReady);
    }

    private static String shortened(String detail) {
        String text = Printable.of(detail, LONGEST);
        return text.isEmpty() ? "failed" : text;
    }

    private void answered() {
        boolean wasReady = isReady();
        lookup = "";
        works(wasReady);
    }

    private void works(boolean wasReady) {
        if (!isReady()) {
            return;
        }
        if (!wasReady) {
            since = clock.instant();
        }
        if (!saidReady) {
            saidReady = true;
            saidWaiting = "";
            LOG.info("{}: answers", name);
        }
    }

    private void failed(boolean wasReady) {
        Instant now = clock.instant();
        if (wasReady) {
            since = now;
        }
        boolean isQuiet = saidFailure != null && saidFailure.plus(QUIET).isAfter(now);
        boolean isNews = saidReady || saidFailure == null;
        if (!isNews || isQuiet) {
            return;
        }
        long more = failures - failuresWhenSaid - 1;
        saidReady = false;
        saidFailure = now;
        failuresWhenSaid = failures;
        LOG.warn(
                "{}: {}: {}{}",
                name,
                lookup.isEmpty() ? "its watch failed, and is tried again" : "a lookup failed",
                lookup.isEmpty() ? watch : lookup,
                more > 0 ? " (and " + more + " failures before)" : "");
    }

    private boolean isReady() {
        return lookup.isEmpty() && watch.isEmpty();
    }

    /**
     * Returns the health at this moment.
     *
     * @param pods number of pods that the source holds
     */
    public synchronized SourceHealth health(int pods) {
        return new SourceHealth(
                source, isReady(), lookup.isEmpty() ? watch : lookup, since, pods, found, missed, failures);
    }
}
