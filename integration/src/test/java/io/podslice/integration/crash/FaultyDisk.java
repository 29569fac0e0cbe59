package io.podslice.integration.crash;

import io.podslice.node.StateDisk;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A folder in memory, which outlives podslice, and whose writes may fail. */
final class FaultyDisk implements StateDisk {
    private final Map<String, byte[]> files = new HashMap<>();
    private final FaultPoints points;

    FaultyDisk(FaultPoints points) {
        this.points = points;
    }

    @Override
    public Optional<InputStream> read(String name) {
        points.look("read " + name);
        return Optional.ofNullable(files.get(name)).map(ByteArrayInputStream::new);
    }

    @Override
    public void replace(String name, Content content) throws IOException {
        // Half of the content goes into the temporary file, which podslice never reads.
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        content.writeTo(bytes);
        change("replace " + name, () -> {}, () -> files.put(name, bytes.toByteArray()));
    }

    @Override
    public void keep(String name, String other) throws IOException {
        byte[] content = files.get(name);
        if (content == null) {
            throw new IOException("no file " + name);
        }
        change("keep " + name, () -> {}, () -> files.put(other, content));
    }

    @Override
    public void append(String name, long good, byte[] bytes, boolean sync) throws IOException {
        byte[] before = Arrays.copyOf(files.getOrDefault(name, new byte[0]), (int) good);
        change(
                "append to " + name,
                () -> files.put(name, joined(before, Arrays.copyOf(bytes, bytes.length / 2))),
                () -> files.put(name, joined(before, bytes)));
    }

    private static byte[] joined(byte[] before, byte[] after) {
        byte[] both = Arrays.copyOf(before, before.length + after.length);
        System.arraycopy(after, 0, both, before.length, after.length);
        return both;
    }

    @Override
    public void rename(String name, String other) throws IOException {
        byte[] content = files.get(name);
        if (content == null) {
            throw new IOException("no file " + name);
        }
        change("rename " + name, () -> {}, () -> {
            files.remove(name);
            files.put(other, content);
        });
    }

    @Override
    public String path(String name) {
        return name;
    }

    private void change(String what, Runnable half, Runnable whole) throws IOException {
        Fault fault = points.next(what);
        if (fault == null) {
            whole.run();
            return;
        }
        switch (fault) {
            case KILLED_BEFORE, ERROR -> throw new Killed(what);
            case KILLED_AMID -> {
                half.run();
                throw new Killed(what);
            }
            case KILLED_AFTER -> {
                whole.run();
                throw new Killed(what);
            }
            case EIO, EBUSY -> throw new IOException(what + ": Input/output error");
            case ENOSPC -> {
                half.run();
                throw new IOException(what + ": No space left on device");
            }
        }
    }
}
