package io.podslice.agent.install;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;

/**
 * The releases on a node, a folder each. A release is copied beside, is on disk as a whole before it has its name, and keeps its
 * files' times, against which the JVM checks the ahead-of-time cache.
 */
final class ReleaseStore {
    private static final String COPYING = ".new";
    private static final String BROKEN = ".old";
    private static final long MEBIBYTE = 1 << 20;

    private final HostFiles files;
    private final HostWriter writer;
    private final InstallLayout layout;

    ReleaseStore(HostFiles files, HostWriter writer, InstallLayout layout) {
        this.files = files;
        this.writer = writer;
        this.layout = layout;
    }

    private String place(String id) {
        return layout.releases() + "/" + id;
    }

    /** Returns the folder of a release on the node, as this process sees it. */
    Path folder(String id) {
        return files.at(place(id));
    }

    /** Tells if the node has a release with every file's size and time. */
    boolean has(Release release) throws IOException {
        Path copy = folder(release.id());
        for (Release.Entry entry : release.entries()) {
            Path file = copy.resolve(entry.path().toString());
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            BasicFileAttributes has = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (entry.attributes().isRegularFile()
                    && (!has.isRegularFile()
                            || has.size() != entry.attributes().size()
                            || !seconds(has.lastModifiedTime())
                                    .equals(seconds(entry.attributes().lastModifiedTime())))) {
                return false;
            }
        }
        return true;
    }

    private static Long seconds(FileTime time) {
        return time.toInstant().getEpochSecond();
    }

    /**
     * Copies a release to the node.
     *
     * @throws InstallException if the disk is full or cannot be written; nothing of the copy is left
     */
    void copy(Release release) throws InstallException, IOException {
        String beside = place(release.id()) + COPYING;
        try {
            writer.deleteTree(beside);
            Path target = files.at(beside);
            Files.createDirectories(target);
            requireSpace(release, target);
            copy(release, target);
        } catch (IOException e) {
            try {
                writer.deleteTree(beside);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw new InstallException(
                    place(release.id()) + ": cannot be written: " + e.getMessage()
                            + "; another folder of the node can be chosen (--folder, in the chart host.install)",
                    e);
        }
        // One that lacks files makes room first: a folder is not replaced by a rename.
        Path place = folder(release.id());
        if (Files.exists(place)) {
            writer.deleteTree(place(release.id()) + BROKEN);
            Files.move(place, files.at(place(release.id()) + BROKEN), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(files.at(beside), place, StandardCopyOption.ATOMIC_MOVE);
        HostWriter.sync(files.at(layout.releases()));
    }

    private static void requireSpace(Release release, Path target) throws IOException {
        long bytes = 0;
        for (Release.Entry entry : release.entries()) {
            bytes += entry.attributes().size();
        }
        // Not by the file's store, for which the JVM looks up a mount that a container may not see. 0: not known, or
        // none.
        long room = target.toFile().getUsableSpace();
        if (room > 0 && room < bytes) {
            throw new IOException(
                    "needs " + bytes / MEBIBYTE + " MiB, and the disk has " + room / MEBIBYTE + " MiB left");
        }
    }

    private static void copy(Release release, Path target) throws IOException {
        List<Release.Entry> entries = release.entries();
        for (Release.Entry entry : entries) {
            Path from = release.folder().resolve(entry.path().toString());
            Path to = target.resolve(entry.path().toString());
            if (entry.attributes().isDirectory()) {
                Files.createDirectory(to);
            } else if (entry.attributes().isSymbolicLink()) {
                Files.createSymbolicLink(to, Files.readSymbolicLink(from));
            } else {
                // Not with all attributes, which are SELinux's label and owners too: those are the folder's.
                Files.copy(from, to);
                Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from));
                Files.setLastModifiedTime(to, entry.attributes().lastModifiedTime());
                HostWriter.sync(to);
            }
        }
        for (Release.Entry entry : entries.reversed()) {
            if (entry.attributes().isDirectory()) {
                Path to = target.resolve(entry.path().toString());
                Files.setPosixFilePermissions(
                        to,
                        Files.getPosixFilePermissions(
                                release.folder().resolve(entry.path().toString())));
                Files.setLastModifiedTime(to, entry.attributes().lastModifiedTime());
                HostWriter.sync(to);
            }
        }
        HostWriter.sync(target);
    }

    /** Returns the name of the release in use; empty if there is none. */
    Optional<String> current() throws IOException {
        Path link = files.at(layout.current());
        return Files.isSymbolicLink(link)
                ? Optional.of(Files.readSymbolicLink(link).getFileName().toString())
                : Optional.empty();
    }

    /** Makes a release the one in use from the next start of the service on. */
    void use(String id) throws IOException {
        writer.link(layout.current(), "releases/" + id);
        writer.link(layout.bin(), "current/bin");
    }

    /** Removes all releases but one, and copies that were not finished. */
    void keepOnly(String id) throws IOException {
        for (String name : files.names(layout.releases())) {
            if (!name.equals(id)) {
                writer.deleteTree(layout.releases() + "/" + name);
            }
        }
    }

    /** Removes all releases. */
    void removeAll() throws IOException {
        writer.delete(layout.bin());
        writer.delete(layout.current());
        writer.deleteTree(layout.releases());
    }
}
