package io.podslice.integration;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The shim's packages use each other in no circle, and by few arrows: an arrow leads from a file to a file of another package
 * of the shim that it uses. The compiled classes show a use without an import, such as a call in a chain; the sources
 * show what the compiler puts in place, such as a constant, and names in Javadoc.
 */
@AnalyzeClasses(packages = "io.podslice.shim", importOptions = ImportOption.DoNotIncludeTests.class)
class ShimArrowsTest {
    private static final String SHIM = "io.podslice.shim";

    private static final int MOST_ARROWS = 30;

    /** The full name of a class of the shim, as in an import. */
    private static final Pattern NAME = Pattern.compile("\\bio\\.podslice\\.shim\\.(?:[a-z0-9]+\\.)*[A-Z]\\w*");

    @ArchTest
    static final ArchRule no_circle_between_packages =
            slices().matching("io.podslice.(shim..)").should().beFreeOfCycles();

    @ArchTest
    static void few_arrows_between_files_of_different_packages(JavaClasses classes) throws IOException {
        SortedMap<String, NavigableSet<String>> arrows = new TreeMap<>();
        compiled(classes, arrows);
        written(arrows);
        String table = table(arrows);

        assertThat(arrows.keySet())
                .as(table)
                .contains("shim.CriShim", "shim.runtime.RuntimeCall")
                .noneMatch(file -> file.startsWith("shim.socket.") || file.startsWith("shim.tap."));
        assertThat(count(arrows)).as(table).isLessThanOrEqualTo(MOST_ARROWS);
        System.out.println(table);
    }

    private static void compiled(JavaClasses classes, Map<String, NavigableSet<String>> arrows) {
        for (JavaClass one : classes) {
            for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getPackageName().equals(SHIM)
                        || target.getPackageName().startsWith(SHIM + ".")) {
                    add(arrows, file(one.getName()), file(target.getName()));
                }
            }
        }
    }

    private static void written(Map<String, NavigableSet<String>> arrows) throws IOException {
        Path sources = Path.of(System.getProperty("basedir", ""), "..", "shim", "src", "main", "java");
        try (Stream<Path> walk = Files.walk(sources)) {
            List<Path> files = walk.filter(f -> f.toString().endsWith(".java")
                            && !f.getFileName().toString().equals("package-info.java"))
                    .toList();
            for (Path file : files) {
                String name = sources.relativize(file).toString().replace('/', '.');
                Matcher used = NAME.matcher(Files.readString(file));
                while (used.find()) {
                    add(arrows, file(name.substring(0, name.length() - ".java".length())), file(used.group()));
                }
            }
        }
    }

    private static void add(Map<String, NavigableSet<String>> arrows, String from, String to) {
        if (!folder(from).equals(folder(to))) {
            arrows.computeIfAbsent(from, file -> new TreeSet<>()).add(to);
        }
    }

    /** A class's file, by its name from the shim on: a nested class is in the file of its outermost one. */
    private static String file(String className) {
        int nested = className.indexOf('$');
        return className.substring("io.podslice.".length(), nested < 0 ? className.length() : nested);
    }

    private static String folder(String file) {
        return file.substring(0, file.lastIndexOf('.'));
    }

    private static int count(Map<String, NavigableSet<String>> arrows) {
        return arrows.values().stream().mapToInt(NavigableSet::size).sum();
    }

    private static String table(Map<String, NavigableSet<String>> arrows) {
        StringBuilder table =
                new StringBuilder("shim: %d arrows between files of different packages%n".formatted(count(arrows)));
        arrows.forEach(
                (from, to) -> table.append("%2d %-30s uses %s%n".formatted(to.size(), from, String.join(" ", to))));
        return table.toString();
    }
}
