package io.podslice.deploy.policies;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The files of {@code deploy/policies} are what the code makes; with {@code -Dpodslice.test.args=-Dpodslice.docs.write=true}
 * they are written anew.
 */
class PolicyFilesTest {
    private static final Path FOLDER = Path.of("policies");

    @Test
    void committedFilesAreThoseThatTheCodeMakes() throws IOException {
        Map<String, String> made = new TreeMap<>(PolicyFiles.all());
        if (Boolean.getBoolean("podslice.docs.write")) {
            for (Map.Entry<String, String> file : made.entrySet()) {
                Path path = FOLDER.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.writeString(path, file.getValue());
            }
        }
        assertThat(committed()).isEqualTo(made);
    }

    @Test
    void eachPolicyHasATwinForStaticManifests() {
        Map<String, String> files = PolicyFiles.all();
        for (Policy policy : Policies.all()) {
            String plugin = policy.isMutating() ? "mutating" : "validating";
            String twin = files.getOrDefault("static/" + plugin + "/" + policy.name() + ".yaml", "");

            assertThat(twin.lines().filter(line -> line.matches(" +(name|policyName): podslice.*")))
                    .hasSize(3)
                    .allMatch(line -> line.endsWith(policy.name() + ".static.k8s.io"));
            assertThat(twin.replace(".static.k8s.io", "")).isEqualTo(files.get(policy.name() + ".yaml"));
        }
    }

    @Test
    void policiesHaveNoParametersWhichStaticManifestsMayNotHave() {
        assertThat(PolicyFiles.all())
                .allSatisfy((path, text) -> assertThat(text).as(path).doesNotContain("paramKind", "paramRef"));
    }

    /** The tests' CEL does not know the API server's types, so the line that uses them is compared. */
    @Test
    void theLastLineSetsTheAnnotation() {
        assertThat(PolicyFiles.all().get("podslice-pod-spec.yaml"))
                .contains(
                        "      expression: \"Object{metadata: Object.metadata{annotations: {\\\"podslice.io/pod-spec\\\":"
                                + " variables.podSpec}}}\"\n---\n")
                .contains("  - patchType: ApplyConfiguration\n")
                .contains("  failurePolicy: Ignore\n")
                .contains("  reinvocationPolicy: IfNeeded\n");
    }

    private static Map<String, String> committed() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(FOLDER)) {
            for (Path file :
                    all.filter(path -> path.toString().endsWith(".yaml")).toList()) {
                files.put(FOLDER.relativize(file).toString(), Files.readString(file));
            }
        }
        return files;
    }
}
