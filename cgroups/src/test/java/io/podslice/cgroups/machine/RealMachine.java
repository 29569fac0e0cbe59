package io.podslice.cgroups.machine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** A real machine, read from its sysfs among the test resources. */
final class RealMachine {
    private RealMachine() {}

    /** @param scratch an empty folder */
    static Machine read(String name, Path scratch) throws IOException {
        // Thousands of small files are made much faster in an archive in memory than on a disk.
        try (FileSystem archive = FileSystems.newFileSystem(scratch.resolve(name + ".zip"), Map.of("create", "true"))) {
            Path sys = archive.getPath("/sys");
            unpack(name, sys);
            return SysfsMachine.read(sys, archive.getPath("/proc"));
        }
    }

    static void unpack(String name, Path folder) throws IOException {
        InputStream packed = RealMachine.class.getResourceAsStream(name + ".sysfs.gz");
        if (packed == null) {
            throw new IOException("no machine " + name + " among the test resources");
        }
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int tab = line.indexOf('\t');
                Path file = folder.resolve(line.substring(0, tab));
                Files.createDirectories(file.getParent());
                Files.writeString(file, line.substring(tab + 1).replace("\\n", "\n") + "\n");
            }
        }
    }
}
