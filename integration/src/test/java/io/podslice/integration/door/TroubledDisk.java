package io.podslice.integration.door;

import io.podslice.node.StateDisk;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A folder's disk that can run full, which leaves half of what was appended, or hang. */
final class TroubledDisk implements StateDisk {
    private final StateDisk disk;
    private volatile boolean full;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    TroubledDisk(StateDisk disk) {
        this.disk = disk;
    }

    void fill() {
        full = true;
    }

    void hang() {
        gate = new CountDownLatch(1);
    }

    /** Gives the disk room again, and ends its hanging. */
    void mend() {
        full = false;
        gate.countDown();
    }

    private void pass() throws IOException {
        try {
            if (!gate.await(60, TimeUnit.SECONDS)) {
                throw new IOException("the test has not mended this disk");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public Optional<InputStream> read(String name) throws IOException {
        return disk.read(name);
    }

    @Override
    public void replace(String name, Content content) throws IOException {
        pass();
        if (full) {
            throw new IOException(path(name) + ".new: No space left on device");
        }
        disk.replace(name, content);
    }

    @Override
    public void append(String name, long good, byte[] bytes, boolean sync) throws IOException {
        pass();
        if (full) {
            byte[] half = new byte[bytes.length / 2];
            System.arraycopy(bytes, 0, half, 0, half.length);
            disk.append(name, good, half, false);
            throw new IOException(path(name) + ": No space left on device");
        }
        disk.append(name, good, bytes, sync);
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
