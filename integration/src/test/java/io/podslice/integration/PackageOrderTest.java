package io.podslice.integration;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The brain's packages use each other downward only and sparingly, and other modules use two of them. */
@AnalyzeClasses(packages = "io.podslice", importOptions = ImportOption.DoNotIncludeTests.class)
class PackageOrderTest {
    private static final String NODE = "io.podslice.node";

    /** Ground floor first; {@code cpuset} and {@code memory}, and {@code resize} and {@code sync}, are neighbours. */
    private static final List<String> ORDER =
            List.of("node", "state", "cpuset", "memory", "change", "pods", "resize", "sync", "brain");

    private static final int MOST_LEVELS = 7;
    private static final int MOST_ARROWS = 40;

    @ArchTest
    static final ArchRule other_modules_see_the_face_and_the_brain = noClasses()
            .that(DescribedPredicate.not(resideInAPackage(NODE + "..")))
            .should()
            .dependOnClassesThat(resideInAPackage(NODE + "..")
                    .and(DescribedPredicate.not(resideInAnyPackage(NODE, NODE + ".brain"))));

    @ArchTest
    static void packages_of_node_use_each_other_downward_only(JavaClasses classes) {
        SortedMap<String, Set<String>> uses = uses(classes);
        String table = table(uses);

        assertThat(uses.keySet()).as(table).containsExactlyInAnyOrderElementsOf(ORDER);
        assertThat(upward(uses)).as(table).isEmpty();
        assertThat(arrows(uses)).as(table).isLessThanOrEqualTo(MOST_ARROWS);
        assertThat(levels(uses).values()).as(table).allMatch(level -> level <= MOST_LEVELS);
        System.out.println(table);
    }

    /** Returns the packages that each package of node uses, by their short names. */
    private static SortedMap<String, Set<String>> uses(JavaClasses classes) {
        SortedMap<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass one : classes) {
            if (isOfNode(one)) {
                Set<String> used = uses.computeIfAbsent(name(one), name -> new TreeSet<>());
                for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass();
                    if (isOfNode(target) && !name(target).equals(name(one))) {
                        used.add(name(target));
                    }
                }
            }
        }
        return uses;
    }

    private static boolean isOfNode(JavaClass one) {
        return one.getPackageName().equals(NODE) || one.getPackageName().startsWith(NODE + ".");
    }

    private static String name(JavaClass one) {
        String name = one.getPackageName();
        return name.equals(NODE) ? "node" : name.substring(NODE.length() + 1);
    }

    private static List<String> upward(Map<String, Set<String>> uses) {
        List<String> upward = new ArrayList<>();
        uses.forEach((from, targets) -> targets.stream()
                .filter(to -> ORDER.indexOf(to) > ORDER.indexOf(from))
                .forEach(to -> upward.add(from + " -> " + to)));
        return upward;
    }

    private static int arrows(Map<String, Set<String>> uses) {
        return uses.values().stream().mapToInt(Set::size).sum();
    }

    /** Returns the level of each package: 1 for one that uses no other, else one above the highest that it uses. */
    private static Map<String, Integer> levels(Map<String, Set<String>> uses) {
        Map<String, Integer> levels = new TreeMap<>();
        for (String name : ORDER) {
            int below = uses.getOrDefault(name, new TreeSet<>()).stream()
                    .mapToInt(used -> levels.getOrDefault(used, 0))
                    .max()
                    .orElse(0);
            levels.put(name, below + 1);
        }
        return levels;
    }

    private static String table(Map<String, Set<String>> uses) {
        Map<String, Integer> levels = levels(uses);
        StringBuilder table = new StringBuilder("node: " + uses.size() + " packages, " + arrows(uses) + " arrows\n");
        for (String name : ORDER) {
            table.append("%d %-7s uses %s%n"
                    .formatted(
                            levels.getOrDefault(name, 0),
                            name,
                            String.join(" ", uses.getOrDefault(name, new TreeSet<>()))));
        }
        return table.toString();
    }
}
