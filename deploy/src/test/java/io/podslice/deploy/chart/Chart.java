package io.podslice.deploy.chart;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The chart, by Helm as a library. */
final class Chart {
    static final Path FOLDER = Path.of("helm/podslice").toAbsolutePath();
    static final String NAMESPACE = "podslice-system";

    private Chart() {}

    /** Returns the files of values with which the chart is tried. */
    static List<Path> values() throws IOException {
        List<Path> values = new ArrayList<>(List.of(FOLDER.resolve("values.yaml")));
        try (Stream<Path> files = Files.list(FOLDER.resolve("ci"))) {
            values.addAll(files.sorted().toList());
        }
        return values;
    }

    static LintResult lint() {
        return new Helm(FOLDER).lint().strict().call();
    }

    /** Returns the objects of a release called podslice, as YAML. */
    static String render(Path values) {
        return new Helm(FOLDER)
                .template()
                .withName("podslice")
                .withNamespace(NAMESPACE)
                .withKubeVersion("1.36.2")
                .withValuesFile(values)
                .call();
    }
}
