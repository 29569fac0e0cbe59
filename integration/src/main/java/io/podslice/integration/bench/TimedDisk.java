package io.podslice.integration.bench;

import io.podslice.node.StateDisk;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A state store's folder that measures the time spent in it. For one thread. */
final class TimedDisk implements StateDisk {
    private final StateDisk disk;
    private long spentNanos;

    /** The time, in nanoseconds, up to the last write that had to be on disk: a change waits for that long. */
    private long syncedNanos;

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
        spentNanos += System.nanoTime() - start;
    }

    @Override
    public void append(String name, long good, byte[] bytes, boolean sync) throws IOException {
        long start = System.nanoTime();
        disk.append(name, good, bytes, sync);
        spentNanos += System.nanoTime() - start;
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
