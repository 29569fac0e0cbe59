package io.podslice.agent.install;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A podslice to install: a folder that {@code deploy/image/oci} has put into the image.
 *
 * @param id the version and a digest of all bytes, so that equal names mean equal bytes
 * @param folder the files
 */
public record Release(String id, Path folder) {
    private static final String ID_FILE = "release";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+~-]{0,99}");

    /** Flags for an entry point without a shell: of the container alone. */
    private static final String ARGUMENT_FILES = ".args";

    /**
     * One file, folder or link.
     *
     * @param path within the release; the folder itself is not among them
     * @param attributes of the file itself, not of a link's target
     */
    record Entry(Path path, BasicFileAttributes attributes) {}

    /**
     * Reads a release's name.
     *
     * @throws InstallException if the folder is none
     * @throws IOException if it cannot be read
     */
    public static Release in(Path folder) throws InstallException, IOException {
        String id;
        try {
            id = Files.readString(folder.resolve(ID_FILE)).strip();
        } catch (NoSuchFileException e) {
            throw new InstallException(
                    folder + ": has no file \"" + ID_FILE + "\": podslice installs itself from the container image that"
                            + " deploy/image/oci makes; for a folder made by bin/image there is systemd/install",
                    e);
        }
        if (!ID.matcher(id).matches()) {
            throw new InstallException(folder.resolve(ID_FILE) + ": is damaged: " + id);
        }
        return new Release(id, folder);
    }

    /** Returns the folder of the program that runs: its JVM is in it. */
    public static Path ofThisProgram() {
        return Path.of(System.getProperty("java.home")).resolveSibling("").toAbsolutePath();
    }

    /** Returns the text of one of its units, as it is in the image. */
    static String unit(Path folder, String name) throws IOException {
        return Files.readString(folder.resolve("units").resolve(name));
    }

    /** Lists all that a node gets, folders before what is in them. */
    List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
                if (!path.equals(folder)) {
                    entries.add(new Entry(folder.relativize(path), attributes));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                if (!path.toString().endsWith(ARGUMENT_FILES)) {
                    entries.add(new Entry(folder.relativize(path), attributes));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return entries;
    }
}
