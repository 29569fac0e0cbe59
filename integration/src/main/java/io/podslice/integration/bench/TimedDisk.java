package io.podslice.integration.bench;

import io.podslice.node.StateDisk;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A state store's folder that measures the time spent in it, by one thread at a time; any other may read what was measured. */
final class TimedDisk implements StateDisk {
    private final StateDisk disk;
    private volatile long spentNanos;

    /** The time, in nanoseconds, up to the last write that had to be on disk: a change waits for that long. */
    private volatile long syncedNanos;

    TimedDisk(StateDisk disk) {
        this.disk = disk;
    }

    /** Sets the measured times back to zero. */
    void reset() {
        spentNanos = 0;
        syncedNanos = 0;
    }

    long spentNanos() {
        return spentNanos;
    }

    long syncedNanos() {
        return syncedNanos;
    }

    @Override
    public Optional<InputStream> read(String name) throws IOException {
        return disk.read(name);
    }

    @Override
    public void replace(String name, Content content) throws IOException {
        long start = System.nanoTime();
        disk.replace(name, content);
        spent(System.nanoTime() - start);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time writes
    private void spent(long nanos) {
        spentNanos += nanos;
    }

    @Override
    public void append(String name, long good, byte[] bytes, boolean sync) throws IOException {
        long start = System.nanoTime();
        disk.append(name, good, bytes, sync);
        spent(System.nanoTime() - start);
        syncedNanos = sync ? spentNanos : syncedNanos;
    }

    @Override
    public void keep(String name, String other) throws IOException {
        disk.keep(name, other);
    }

    @Override
    public void rename(String name, String other) throws IOException {
        disk.rename(name, other);
    }

    @Override
    public String path(String name) {
        return disk.path(name);
    }
}
