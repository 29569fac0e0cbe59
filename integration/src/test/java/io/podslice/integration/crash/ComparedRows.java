package io.podslice.integration.crash;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The attributes that the scripts for the real systemd write by hand before they let it rewrite units: all that the
 * command {@code drift} writes to a directory, and those of the command {@code write}. README.md beside the scripts tells
 * the commands.
 */
final class ComparedRows {
    private static final Path SCRIPTS =
            Path.of(System.getProperty("basedir", ""), "../simulator/src/test/resources/io/podslice/simulator/systemd");
    private static final String END = "VALUES";

    private ComparedRows() {}

    /** Returns the rows, of pods of any QoS class. */
    static Set<RewriteRow> read() throws IOException {
        List<String> drift = drift();
        Set<RewriteRow> rows = new TreeSet<>();
        try (DirectoryStream<Path> scripts = Files.newDirectoryStream(SCRIPTS, "*.script")) {
            for (Path script : scripts) {
                for (String line : Files.readAllLines(script)) {
                    String[] words = line.split(" ", -1);
                    if (words[0].equals("drift")) {
                        drift.forEach(file -> rows.add(row(words[1], file)));
                    } else if (words[0].equals("write")) {
                        rows.add(row(words[1], words[2]));
                    }
                }
            }
        }
        return rows;
    }

    private static RewriteRow row(String directory, String file) {
        return RewriteRow.of(directory + "/" + file).ofAnyPod();
    }

    /** Returns the files that {@code drift} writes, from the lines of the interpreter that have their values. */
    private static List<String> drift() throws IOException {
        List<String> files = new ArrayList<>();
        boolean within = false;
        for (String line : Files.readAllLines(SCRIPTS.resolve("interpreter.sh"))) {
            if (line.endsWith("<<" + END)) {
                within = true;
            } else if (line.equals(END)) {
                within = false;
            } else if (within) {
                files.add(line.substring(0, line.indexOf(' ')));
            }
        }
        return files;
    }
}
