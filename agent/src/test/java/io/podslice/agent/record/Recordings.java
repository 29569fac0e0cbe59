package io.podslice.agent.record;

import io.podslice.agent.api.FakeNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.Stream;

/** A recording of a node that a test sets, with a clock that it sets too. */
public final class Recordings implements InstantSource {
    public static final Instant START = Instant.parse("2026-11-30T03:00:00Z");

    public final FakeNode node = new FakeNode();
    public final Path folder;
    private final long maxBytes;
    private Recorder recorder;
    private Instant now = START;

    public Recordings(Path folder, long maxBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.recorder = new Recorder(folder, maxBytes, this, Duration.ZERO);
    }

    @Override
    public Instant instant() {
        return now;
    }

    public Recorder recorder() {
        return recorder;
    }

    /** Sets the clock. */
    public void at(Instant time) {
        now = time;
    }

    /** Records what is new, and lets a second pass before it. */
    public long record() {
        now = now.plusSeconds(1);
        recorder.step(node.revisedSnapshot(), node.machine());
        return node.revisedSnapshot().revision();
    }

    /** Ends podslice in good order. */
    public void stop() {
        now = now.plusSeconds(1);
        recorder.stop();
    }

    /** Starts podslice anew; without {@link #stop} before, it was killed. */
    public void start() {
        recorder = new Recorder(folder, maxBytes, this, Duration.ZERO);
    }

    /** Returns the bytes of all files. */
    public long size() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            long sum = 0;
            for (Path file : (Iterable<Path>) files::iterator) {
                sum += Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.size(file) : 0;
            }
            return sum;
        }
    }
}
