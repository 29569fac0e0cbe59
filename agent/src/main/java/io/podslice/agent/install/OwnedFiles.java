package io.podslice.agent.install;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Files outside podslice's own folder, by the rule of a package's conffiles: one that the administrator has changed is neither
 * replaced nor removed. For one thread.
 */
final class OwnedFiles {
    /** Beside a changed file: what podslice would have written. */
    static final String OFFER = ".podslice-new";

    private final HostFiles files;
    private final HostWriter writer;
    private final InstallRecordStore store;
    private InstallRecord record;

    OwnedFiles(HostFiles files, HostWriter writer, InstallRecordStore store, InstallRecord record) {
        this.files = files;
        this.writer = writer;
        this.store = store;
        this.record = record;
    }

    /** The outcome of a writing. */
    enum Outcome {
        /** The file is as it must be, and was before. */
        SAME,
        /** The file was written. */
        WRITTEN,
        /** The file has the administrator's changes, and nothing new was to be written. */
        KEPT,
        /** The file has the administrator's changes; the new text is in a file beside it. */
        OFFERED
    }

    InstallRecord record() {
        return record;
    }

    /** Keeps that the release was started, and that all files are written and known to systemd. */
    void finish(String release) throws IOException {
        InstallRecord now = record.started(release).finished();
        if (!now.equals(record)) {
            record = now;
            store.write(now);
        }
    }

    /** Keeps that the kubelet was attached in vain to a release; empty forgets it. */
    void notAttached(String release) throws IOException {
        InstallRecord now = record.notAttached(release);
        if (!now.equals(record)) {
            record = now;
            store.write(now);
        }
    }

    /** Gives a file its text, unless the administrator has changed it. */
    Outcome put(String path, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        String digest = digest(bytes);
        String present = files.bytes(path).map(OwnedFiles::digest).orElse("");
        List<String> known = record.digests(path);
        if (present.equals(digest)) {
            return Outcome.SAME;
        }
        if (present.isEmpty() || known.contains(present)) {
            record = record.writing(path, digest);
            store.write(record);
            writer.write(path, bytes, "rw-r--r--");
            writer.delete(path + OFFER);
            return Outcome.WRITTEN;
        }
        if (!known.isEmpty() && known.getLast().equals(digest)) {
            return Outcome.KEPT;
        }
        record = record.offered(path, digest);
        store.write(record);
        writer.write(path + OFFER, bytes, "rw-r--r--");
        return Outcome.OFFERED;
    }

    /**
     * Removes a file that podslice has written, and what it has offered beside it.
     *
     * @return false if the file stays, since it has the administrator's changes
     */
    boolean remove(String path) throws IOException {
        Optional<String> present = files.bytes(path).map(OwnedFiles::digest);
        writer.delete(path + OFFER);
        writer.delete(path + HostWriter.BESIDE);
        if (present.isEmpty()) {
            return true;
        }
        if (!record.digests(path).contains(present.get())) {
            return false;
        }
        writer.delete(path);
        return true;
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // Every JVM has it.
        }
    }
}
