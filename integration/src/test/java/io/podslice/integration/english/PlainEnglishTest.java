package io.podslice.integration.english;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.integration.english.SourceText.Kind;
import io.podslice.integration.english.SourceText.Passage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks the main sources against CONTRIBUTING.md's rules of English, as far as they can be counted. */
class PlainEnglishTest {

    @Test
    void main_sources_are_in_plain_english() throws IOException {
        Map<String, Tally> modules = tallies();
        String table = table(modules);
        System.out.println(table);

        assertThat(breaches(modules))
                .as("CONTRIBUTING.md, section English%n%s", table)
                .isEmpty();
    }

    /** Lists every breach of every rule; the sources have none, and must keep none. */
    private static List<String> breaches(Map<String, Tally> modules) {
        List<String> found = new ArrayList<>();
        for (Tally tally : modules.values()) {
            assertThat(tally.summaries).isPositive();
            for (Rule rule : Rule.values()) {
                found.addAll(tally.of(rule));
            }
        }
        return found;
    }

    /** Counts every module's main sources; the simulator counts with integration/, where its sources came from. */
    private static Map<String, Tally> tallies() throws IOException {
        Path top = Path.of(System.getProperty("basedir", ""), "..").toRealPath();
        Map<String, Tally> modules = new TreeMap<>();
        try (Stream<Path> folders = Files.list(top)) {
            for (Path module : folders.filter(f -> Files.isDirectory(f.resolve("src/main")))
                    .toList()) {
                String name = module.getFileName().toString();
                modules.computeIfAbsent(name.equals("simulator") ? "integration" : name, m -> new Tally())
                        .read(top, module.resolve("src/main"));
            }
        }
        assertThat(modules).containsKeys("cgroups", "managers", "node", "proto");
        return modules;
    }

    private static String table(Map<String, Tally> modules) {
        StringBuilder table = new StringBuilder(String.format("%-12s %9s", "module", "summaries"));
        for (Rule rule : Rule.values()) {
            table.append(String.format(" %9s", rule));
        }
        modules.forEach((module, tally) -> {
            table.append(String.format("%n%-12s %9d", module, tally.summaries));
            for (Rule rule : Rule.values()) {
                table.append(String.format(" %9d", tally.of(rule).size()));
            }
        });
        return table.toString();
    }

    /** The summaries of some files, and their breaches: rule, file and line, the passage's first words. */
    private static final class Tally {
        private int summaries;
        private final Map<Rule, List<String>> breaches = new EnumMap<>(Rule.class);

        List<String> of(Rule rule) {
            return breaches.computeIfAbsent(rule, r -> new ArrayList<>());
        }

        void read(Path top, Path folder) throws IOException {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(f ->
                                f.toString().endsWith(".java") || f.toString().endsWith(".proto"))
                        .sorted()
                        .toList()) {
                    SourceText text = SourceText.of(Files.readString(file));
                    text.passages().forEach(passage -> count(passage, top.relativize(file)));
                }
            }
        }

        private void count(Passage passage, Path file) {
            if (passage.kind() == Kind.JAVADOC) {
                summaries++;
            }
            for (Rule rule : Rule.values()) {
                String breach = rule + " " + file + ":" + passage.line() + ": " + passage.summary();
                for (int i = rule.breaches(passage); i > 0; i--) {
                    of(rule).add(breach);
                }
            }
        }
    }
}
