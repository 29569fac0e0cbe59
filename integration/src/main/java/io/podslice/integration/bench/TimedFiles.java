package io.podslice.integration.bench;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import java.util.List;
import java.util.function.Supplier;

/**
 * Cgroup files that measure the time that one thread spends in them, and note when its last write was done. Calls of other
 * threads pass unmeasured.
 */
final class TimedFiles implements CgroupFiles {
    private final CgroupFiles files;
    private final Thread measured = Thread.currentThread();
    private long spentNanos;
    private long lastWriteNanos;
    private int writes;
    private int looks;

    /** Measures the calls of the thread that makes it. */
    TimedFiles(CgroupFiles files) {
        this.files = files;
    }

    /** Sets the measured times back to zero. */
    void reset() {
        spentNanos = 0;
        lastWriteNanos = 0;
        writes = 0;
        looks = 0;
    }

    long spentNanos() {
        return spentNanos;
    }

    /** Returns the end of the last write by System.nanoTime(); 0 if nothing was written. */
    long lastWriteNanos() {
        return lastWriteNanos;
    }

    int writes() {
        return writes;
    }

    /** Returns the number of calls that change nothing. */
    int looks() {
        return looks;
    }

    private <T> T timed(Supplier<T> call) {
        if (!measured.equals(Thread.currentThread())) {
            return call.get();
        }
        looks++;
        long start = System.nanoTime();
        try {
            return call.get();
        } finally {
            spentNanos += System.nanoTime() - start;
        }
    }

    private void change(Runnable call) {
        if (!measured.equals(Thread.currentThread())) {
            call.run();
            return;
        }
        long start = System.nanoTime();
        try {
            call.run();
        } finally {
            lastWriteNanos = System.nanoTime();
            spentNanos += lastWriteNanos - start;
            writes++;
        }
    }

    @Override
    public String read(CgroupPath dir, String file) {
        return timed(() -> files.read(dir, file));
    }

    @Override
    public void write(CgroupPath dir, String file, String value) {
        change(() -> files.write(dir, file, value));
    }

    @Override
    public boolean exists(CgroupPath dir) {
        return timed(() -> files.exists(dir));
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        return timed(() -> files.hasFile(dir, file));
    }

    @Override
    public void create(CgroupPath dir) {
        change(() -> files.create(dir));
    }

    @Override
    public void remove(CgroupPath dir) {
        change(() -> files.remove(dir));
    }

    @Override
    public List<String> children(CgroupPath dir) {
        return timed(() -> files.children(dir));
    }
}
