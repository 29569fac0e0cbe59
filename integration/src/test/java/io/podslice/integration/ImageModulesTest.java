package io.podslice.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The JVM of an image has every module of the JDK whose classes podslice uses; a build runs on a whole JDK, where none is missed. */
class ImageModulesTest {
    private static final Path SCRIPT = Path.of("../bin/image");
    private static final String LIST = "modules=";

    /** What is in no image. */
    private static final Set<String> OUTSIDE =
            Set.of("io.podslice.simulator", "io.podslice.integration", "io.podslice.deploy");

    @Test
    void theImageHasTheModulesThatAreUsed() throws IOException {
        Map<String, String> used = used();
        assertThat(used).containsKeys("java.base", "java.net.http");
        used.keySet().removeAll(linked());
        assertThat(used)
                .as("modules that bin/image does not link, and a class that uses each")
                .isEmpty();
    }

    /** Returns the modules in the list of {@code bin/image}, and those that they require. */
    private static Set<String> linked() throws IOException {
        String list = Files.readAllLines(SCRIPT).stream()
                .filter(line -> line.startsWith(LIST))
                .findFirst()
                .orElseThrow();
        Set<String> roots =
                new TreeSet<>(Arrays.asList(list.substring(LIST.length()).split(",", -1)));
        return Configuration.empty().resolve(ModuleFinder.ofSystem(), ModuleFinder.of(), roots).modules().stream()
                .map(module -> module.name())
                .collect(Collectors.toSet());
    }

    /** Returns the JDK's modules that podslice's own classes name, each with one of them. */
    private static Map<String, String> used() {
        Map<String, String> modules = new TreeMap<>();
        for (Module module : ModuleLayer.boot().modules()) {
            module.getPackages().forEach(name -> modules.put(name, module.getName()));
        }
        Map<String, String> used = new TreeMap<>();
        for (JavaClass one : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.podslice")) {
            if (OUTSIDE.stream().noneMatch(one.getPackageName()::startsWith)) {
                for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
                    String module = modules.get(
                            dependency.getTargetClass().getBaseComponentType().getPackageName());
                    if (module != null) {
                        used.putIfAbsent(module, one.getName());
                    }
                }
            }
        }
        return used;
    }
}
