package io.podslice.managers.vectors;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.JsonNode;

/** Makes one test for each case of a file of groups. */
public final class VectorTests {
    private VectorTests() {}

    /**
     * Makes the tests.
     *
     * @param groups how to check a case of each group
     * @param others the other keys of the file, which are no groups of cases
     */
    public static List<DynamicTest> of(String file, Map<String, Consumer<JsonNode>> groups, Set<String> others) {
        JsonNode root = Vectors.json(file);
        Differences differences = new Differences(file);
        Set<String> known = new TreeSet<>(groups.keySet());
        known.addAll(others);
        known.addAll(Set.of("source", "format"));
        root.propertyNames().stream().filter(differences::leavesOut).forEach(known::add);
        Vectors.requireOnly(root, known);
        List<DynamicTest> tests = new ArrayList<>();
        if (Vectors.areOurs()) {
            tests.add(DynamicTest.dynamicTest(
                    "every difference is one from a case that is there", () -> differences.requireKnown(root)));
        }
        new TreeMap<>(groups).forEach((group, check) -> {
            int number = 0;
            for (JsonNode c : root.path(group)) {
                String name = c.path("name").asString("");
                tests.add(DynamicTest.dynamicTest(
                        group + " " + number++ + " " + name,
                        () -> differences.check(group, name, () -> check.accept(c))));
            }
        });
        return tests;
    }
}
