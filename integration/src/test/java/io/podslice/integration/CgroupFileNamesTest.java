package io.podslice.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The brain takes the names of cgroup files from {@link io.podslice.cgroups.CgroupFile}, where each stands once. */
class CgroupFileNamesTest {
    private static final Pattern NAME = Pattern.compile("\"(?:cgroup|cpuset|cpu|memory|pids|io)\\.[a-z_.]+\"");

    @Test
    void no_literal_in_node_is_the_name_of_a_cgroup_file() throws IOException {
        Path sources = Path.of(System.getProperty("basedir", ""), "..", "node", "src", "main", "java");
        List<String> found = new ArrayList<>();
        int files = 0;
        try (Stream<Path> all = Files.walk(sources)) {
            for (Path file :
                    all.filter(path -> path.toString().endsWith(".java")).toList()) {
                files++;
                Matcher matcher = NAME.matcher(Files.readString(file));
                while (matcher.find()) {
                    found.add(sources.relativize(file) + ": " + matcher.group());
                }
            }
        }

        assertThat(files).isGreaterThan(50);
        assertThat(found).isEmpty();
    }
}
