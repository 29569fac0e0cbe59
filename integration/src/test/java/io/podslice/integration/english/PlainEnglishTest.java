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

    /** False while some modules are above the final caps: each then has its ceilings below, and must not get worse. */
    private static final boolean SWEPT = false;

    /** Breaches by module before its prose was swept; a file that moves takes its own along. A module not named has none. */
    private static final Map<String, Map<Rule, Integer>> CEILINGS = Map.of(
            "agent", ceilings(2, 0, 1, 0),
            "cgroups", ceilings(0, 0, 0, 0),
            "integration", ceilings(0, 0, 0, 0),
            "managers", ceilings(0, 0, 0, 0),
            "node", ceilings(38, 2, 6, 4),
            "nri", ceilings(0, 0, 0, 0),
            "proto", ceilings(0, 0, 0, 0),
            "shim", ceilings(0, 0, 0, 0));

    private static Map<Rule, Integer> ceilings(int question, int theSame, int somebody, int shall) {
        return Map.of(Rule.QUESTION, question, Rule.THE_SAME, theSame, Rule.SOMEBODY, somebody, Rule.SHALL, shall);
    }

    @Test
    void main_sources_are_in_plain_english() throws IOException {
        Map<String, Tally> modules = tallies();
        String table = table(modules);
        System.out.println(table);

        List<String> tooMany = SWEPT ? overFinalCaps(modules) : overCeilings(modules);

        assertThat(tooMany).as("CONTRIBUTING.md, section English%n%s", table).isEmpty();
    }

    private static List<String> overFinalCaps(Map<String, Tally> modules) {
        Tally all = new Tally();
        modules.values().forEach(all::add);
        assertThat(all.summaries).isPositive();
        Map<Rule, Integer> caps =
                Map.of(Rule.QUESTION, (all.summaries - 1) / 50, Rule.THE_SAME, 0, Rule.SOMEBODY, 9, Rule.SHALL, 9);
        List<String> found = new ArrayList<>();
        for (Rule rule : Rule.values()) {
            if (all.of(rule).size() > caps.getOrDefault(rule, 0)) {
                found.addAll(all.of(rule));
            }
        }
        return found;
    }

    private static List<String> overCeilings(Map<String, Tally> modules) {
        List<String> found = new ArrayList<>();
        modules.forEach((module, tally) -> {
            Map<Rule, Integer> ceilings = CEILINGS.getOrDefault(module, Map.of());
            for (Rule rule : Rule.values()) {
                if (tally.of(rule).size() > ceilings.getOrDefault(rule, 0)) {
                    found.addAll(tally.of(rule));
                }
            }
        });
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

        void add(Tally other) {
            summaries += other.summaries;
            other.breaches.forEach((rule, found) -> of(rule).addAll(found));
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
