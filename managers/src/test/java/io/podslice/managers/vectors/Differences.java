package io.podslice.managers.vectors;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.Assertions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The expectations of the vectors from which podslice differs on purpose: differences.json. */
public final class Differences {
    private final Map<String, Set<String>> cases = new HashMap<>();
    private final String file;

    public Differences(String file) {
        this.file = file;
        try (InputStream in = Differences.class.getResourceAsStream("/vectors/differences.json")) {
            if (in == null) {
                throw new IllegalStateException("no resource vectors/differences.json");
            }
            for (JsonNode entry : new JsonMapper().readTree(in)) {
                if (entry.required("file").stringValue().equals(file)) {
                    Set<String> names =
                            cases.computeIfAbsent(entry.required("group").stringValue(), g -> new HashSet<>());
                    entry.required("cases").forEach(name -> names.add(name.stringValue()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells if a whole group is left out. */
    public boolean leavesOut(String group) {
        return cases.getOrDefault(group, Set.of("")).isEmpty();
    }

    /** Fails on an entry for a case that the file does not have. */
    void requireKnown(JsonNode root) {
        cases.forEach((group, names) -> {
            Set<String> unknown = new HashSet<>(names);
            root.path(group).forEach(c -> unknown.remove(c.path("name").asString("")));
            Assertions.assertThat(root.has(group)).as(file + " has " + group).isTrue();
            Assertions.assertThat(unknown).as(file + " " + group).isEmpty();
        });
    }

    /** Runs the check of one case, which fails exactly if the list has it: an entry that is no longer true is an error. */
    public void check(String group, String name, Runnable check) {
        if (cases.getOrDefault(group, Set.of()).contains(name)) {
            Assertions.assertThatThrownBy(check::run)
                    .as(file + " " + group + " \"" + name + "\" is listed as a difference")
                    .isInstanceOf(AssertionError.class);
        } else {
            check.run();
        }
    }
}
