package io.podslice.cgroups.machine;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A folder of sysfs whose files have one value each; an error names the file and its text. */
record SysfsFolder(Path path) {

    SysfsFolder in(String name) {
        return new SysfsFolder(path.resolve(name));
    }

    Path file(String name) {
        return path.resolve(name);
    }

    boolean has(String name) {
        return Files.exists(path.resolve(name));
    }

    String text(String name) throws IOException {
        try {
            return Files.readString(file(name)).strip();
        } catch (NoSuchFileException e) {
            throw new IOException(file(name) + ": no such file", e);
        }
    }

    CpuSet list(String name) throws IOException {
        String text = text(name);
        try {
            return CpuSet.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(file(name) + ": " + e.getMessage(), e);
        }
    }

    int number(String name) throws IOException {
        return number(name, text(name));
    }

    List<Integer> numbers(String name) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        for (String word : text(name).split("\\s+", -1)) {
            numbers.add(number(name, word));
        }
        return numbers;
    }

    private int number(String name, String word) throws IOException {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new IOException(file(name) + ": \"" + word + "\" is no number", e);
        }
    }

    /** Returns the subfolders named by the prefix and a number, by that number; empty if this folder does not exist. */
    SortedMap<Integer, SysfsFolder> numbered(String prefix) throws IOException {
        SortedMap<Integer, SysfsFolder> found = new TreeMap<>();
        if (!Files.isDirectory(path)) {
            return found;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path, prefix + "*")) {
            for (Path entry : entries) {
                String digits = entry.getFileName().toString().substring(prefix.length());
                if (digits.matches("[0-9]{1,6}") && Files.isDirectory(entry)) {
                    found.put(Integer.valueOf(digits), new SysfsFolder(entry));
                }
            }
        }
        return found;
    }
}
