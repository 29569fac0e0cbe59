package io.podslice.agent.install;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Writes and removes files of a node: each beside its place and on disk before a rename. Labels of SELinux are the folder's. */
final class HostWriter {
    /** The end of a file's name while it is written. */
    static final String BESIDE = ".podslice-tmp";

    private final HostFiles files;

    HostWriter(HostFiles files) {
        this.files = files;
    }

    /**
     * Writes a file whole, and its folder where there is none.
     *
     * @param mode its permissions, e.g. {@code rw-r--r--}
     */
    void write(String path, byte[] bytes, String mode) throws IOException {
        Path target = files.at(path);
        Files.createDirectories(target.resolveSibling(""));
        Path beside = target.resolveSibling(target.getFileName() + BESIDE);
        Files.write(beside, bytes);
        Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString(mode));
        sync(beside);
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
        sync(target.resolveSibling(""));
    }

    /** Makes a symbolic link, in place of one that is there. */
    void link(String path, String target) throws IOException {
        Path link = files.at(path);
        if (Files.isSymbolicLink(link)
                && Files.readSymbolicLink(link).toString().equals(target)) {
            return;
        }
        Path beside = link.resolveSibling(link.getFileName() + BESIDE);
        Files.deleteIfExists(beside);
        Files.createSymbolicLink(beside, Path.of(target));
        Files.move(beside, link, StandardCopyOption.ATOMIC_MOVE);
        sync(link.resolveSibling(""));
    }

    /** Waits until a file, or the names in a folder, are on disk. */
    static void sync(Path path) throws IOException {
        boolean isFolder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        try (FileChannel channel =
                FileChannel.open(path, isFolder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    void delete(String path) throws IOException {
        Files.deleteIfExists(files.at(path));
    }

    /** Removes a folder with all that is in it; links are removed, not followed. */
    void deleteTree(String path) throws IOException {
        Path top = files.at(path);
        if (Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
            deleteTree(top, true);
        }
    }

    /** Removes all that is in a folder, which stays. */
    void empty(String path) throws IOException {
        Path top = files.at(path);
        if (Files.isDirectory(top)) {
            deleteTree(top, false);
        }
    }

    private static void deleteTree(Path top, boolean topToo) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                if (topToo || !folder.equals(top)) {
                    Files.delete(folder);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /**
     * Removes a folder if nothing is in it.
     *
     * @return false if it is empty and stays, since it is a mount of this process's
     */
    boolean removedIfEmpty(String path) throws IOException {
        try {
            Files.delete(files.at(path));
            return true;
        } catch (NoSuchFileException | DirectoryNotEmptyException left) {
            return true; // What is in it is not podslice's.
        } catch (FileSystemException mount) {
            return !Files.isDirectory(files.at(path)) || !files.names(path).isEmpty();
        }
    }
}
