package io.podslice.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.machine.MachineArgument;
import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.managers.cpu.Isolation;
import io.podslice.node.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks the rows and examples of KEP-5526, in the KEP's words, on the files that docs/plan.md shows. */
class KepTablesTest {
    private static final Path FOLDER = Path.of("../docs/kep-5526");
    private static final String NO_PREFERENCE = "No NUMA preference";

    private static PodPlan plan(String scope, String file) throws DocumentException, IOException {
        Configuration configuration = ConfigurationFile.read(FOLDER.resolve("scope-" + scope + ".yaml"))
                .configuration();
        Manifests manifests = Manifests.read(file, Files.readString(FOLDER.resolve(file + ".yaml")), 0);
        return NodePlan.of(
                        MachineArgument.read(FOLDER.resolve("node.json").toString()),
                        configuration,
                        manifests.pods(),
                        4096)
                .pods()
                .getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pod       | current-behaviour        | {NUMA node 0} | {1, 2, 3} {4} {5}",
                "pod       | all-guaranteed           | {NUMA node 0} | {1, 2, 3} {4} {5}",
                "pod       | some-guaranteed          | {NUMA node 0} | {1, 2, 3} {4, 5} {4, 5}",
                "pod       | no-guaranteed            | {NUMA node 0} | {1, 2, 3, 4, 5} {1, 2, 3, 4, 5} {1, 2, 3, 4, 5}",
                "pod       | pod-scope-shared         | {NUMA node 0} | {1, 2, 3, 4} {1, 2, 3, 4} {1, 2, 3, 4}",
                "pod       | pod-scope-mixed          | {NUMA node 0} | {1, 2} {3, 4} {3, 4}",
                "container | current-behaviour        | {NUMA node 0}, {NUMA node 0}, {NUMA node 0} | {1, 2, 3} {4} {5}",
                "container | all-guaranteed           | {NUMA node 0}, {NUMA node 0}, {NUMA node 0} | {1, 2, 3} {4} {5}",
                "container | some-guaranteed          | {NUMA node 0}, No NUMA preference, No NUMA preference | {1, 2, 3} none none",
                "container | no-guaranteed            | No NUMA preference, No NUMA preference, No NUMA preference | none none none",
                "container | container-scope-mixed    | {NUMA node 0}, No NUMA preference, No NUMA preference | {1, 2} none none",
                "container | container-scope-pod-only | No NUMA preference, No NUMA preference, No NUMA preference | none none none",
            })
    void hintsAndAllocationsAreTheKeps(String scope, String file, String hints, String allocation)
            throws DocumentException, IOException {
        PodPlan pod = plan(scope, file);
        assertThat(pod.refusal()).isEmpty();
        assertThat(hints(pod)).isEqualTo(hints);
        assertThat(pod.containers().stream().map(KepTablesTest::allocation).collect(Collectors.joining(" ")))
                .isEqualTo(allocation);
    }

    /** Of a pod that asks for nothing exclusive no container is asked: each is without a preference. */
    private static String hints(PodPlan pod) {
        return pod.hints().isEmpty()
                ? String.join(", ", Collections.nCopies(pod.containers().size(), NO_PREFERENCE))
                : pod.hints().stream()
                        .map(hint -> hint.asked().isEmpty()
                                ? NO_PREFERENCE
                                : "{NUMA node " + hint.hint().nodes() + "}")
                        .collect(Collectors.joining(", "));
    }

    private static String allocation(ContainerPlan container) {
        return container.isolation() == Isolation.HOST
                ? "none"
                : container.cpus().stream().mapToObj(Integer::toString).collect(Collectors.joining(", ", "{", "}"));
    }

    @ParameterizedTest
    @CsvSource({"rejected", "pod-scope-admission-failure"})
    void whatTheKepRejectsIsRejected(String file) throws DocumentException, IOException {
        PodPlan pod = plan("pod", file);
        assertThat(pod.refusal()).map(Refusal::reason).contains("EmptyPodSharedPoolError");
        assertThat(pod.refusal())
                .map(Refusal::summary)
                .contains("pod rejected, sum of exclusive container cpu requests equals pod budget, leaving no cpus for"
                        + " shared containers");
        assertThat(plan("container", file).refusal()).isEmpty();
    }
}
