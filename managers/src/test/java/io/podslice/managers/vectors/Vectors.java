package io.podslice.managers.vectors;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The vector files: the project's own copies, or those in the folder that {@code -Dpodslice.vectors} names. */
public final class Vectors {
    private static final JsonMapper JSON = new JsonMapper();

    private Vectors() {}

    /** A whole JSON file; the test is skipped if another folder is read and does not have it. */
    public static JsonNode json(String name) {
        return JSON.readTree(text(name));
    }

    /** A file of one JSON object a line. */
    public static List<JsonNode> lines(String name) {
        return text(name).lines().map(JSON::readTree).toList();
    }

    /** Fails on a group of cases that no test handles. */
    public static void requireOnly(JsonNode file, Set<String> known) {
        Set<String> unknown = new TreeSet<>(file.propertyNames());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new AssertionError("groups of cases that no test reads: " + unknown);
        }
    }

    private static String text(String name) {
        Optional<String> text = find(name);
        Assumptions.assumeTrue(text.isPresent(), name + " is not in the folder");
        return text.orElseThrow();
    }

    /** Tells if the project's own copies are read. */
    static boolean areOurs() {
        return System.getProperty("podslice.vectors", "").isEmpty();
    }

    private static Optional<String> find(String name) {
        String folder = System.getProperty("podslice.vectors", "");
        try {
            if (!areOurs()) {
                Path file = Path.of(folder, name);
                return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
            }
            try (InputStream in = Vectors.class.getResourceAsStream("/vectors/" + name)) {
                if (in == null) {
                    throw new IllegalStateException("no resource vectors/" + name);
                }
                return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
