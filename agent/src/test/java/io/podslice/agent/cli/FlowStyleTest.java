package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.machine.MachineFile;
import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.manifest.Pod;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.machine.Machine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** YAML whose documents are in flow style is YAML, although it begins as JSON does; JSON stays JSON. */
class FlowStyleTest {
    private static final String ONE = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"one\"},"
            + "\"spec\":{\"containers\":[{\"name\":\"a\"}]}}\n";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                ONE + "---\n" + ONE,
                "---\n" + ONE + "---\n" + ONE,
                "# two pods\n" + ONE + "...\n---\n" + ONE,
                "# two pods\n\n---\n" + ONE + "---\n# nothing\n---\n" + ONE,
                "%YAML 1.2\n---\n" + ONE + "---\n" + ONE,
                ONE + "# the other\n---\n" + ONE,
                ONE + ONE,
                ONE + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: one}\nspec: {containers: [{name: a}]}\n",
                "{apiVersion: v1, kind: Pod, metadata: {name: one}, spec: {containers: [{name: a}]}}\n---\n" + ONE,
                "{\"apiVersion\": v1, \"kind\": Pod, metadata: {name: one}, spec: {containers: [{name: a},]}}\n---\n"
                        + ONE,
            })
    void manifests(String text) throws DocumentException {
        assertThat(Manifests.read("pods.yaml", text, 0).pods())
                .extracting(Pod::name)
                .containsExactly("one", "one");
    }

    @Test
    void theFileAndStandardInput() throws IOException {
        String text = MachineFitTest.resource("flow-style-documents.yaml");
        Path pods = Files.writeString(folder.resolve("pods.yaml"), text);
        Path machine =
                Files.writeString(folder.resolve("m.json"), MachineFile.text(Machine.regular(1, 1, 2, 2, 1L << 30)));

        CommandLineRun run = CommandLineRun.of("plan", "--machine", machine.toString(), "--pod", pods.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("default/one: admitted", "default/two: admitted");

        InputStream in = System.in;
        System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(CommandLineRun.of("plan", "--machine", machine.toString(), "--pod", "-"))
                    .isEqualTo(run);
        } finally {
            System.setIn(in);
        }
    }

    @Test
    void machineFile() throws DocumentException {
        String machine = "{cpus: [[0,0,0,0,0], [1,1,0,0,0],], memory: {0: 1Gi}} # two\n";
        assertThat(MachineFile.read("m.yaml", machine).cpuSet()).hasToString("0-1");
        assertThat(MachineFile.read("m.yaml", "# mine\n---\n" + machine).cpuSet())
                .hasToString("0-1");
        assertThat(MachineFile.read("m.yaml", "{\"cpus\": [[0,0,0,0,0]]}\n# end\n")
                        .cpuSet())
                .hasToString("0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"apiVersion\": \"podslice.io/v1alpha1\", \"kind\": \"PodsliceConfiguration\"}",
                "{\n\t\"apiVersion\": \"podslice.io/v1alpha1\",\n\t\"kind\": \"PodsliceConfiguration\"\n}\n",
                "{apiVersion: podslice.io/v1alpha1, kind: PodsliceConfiguration}",
                "# mine\n---\n{\"apiVersion\": podslice.io/v1alpha1, kind: PodsliceConfiguration,}\n",
            })
    void configuration(String text) {
        assertThat(ConfigurationFile.parse(text).errors()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"apiVersion\": ", "{\"a\": 1\n \"b\": 2}", "{\"a\": [1, 2}", "{\"a\": \"b}"})
    void brokenJsonIsToldAsJson(String text) {
        assertThatThrownBy(() -> Manifests.read("pod.json", text, 0)).hasMessageContaining("not valid JSON: ");
        assertThat(ConfigurationFile.parse(text).errors())
                .singleElement()
                .satisfies(error -> assertThat(error.text("f")).contains("not valid JSON: "));
    }

    @Test
    void aBrokenSecondDocumentIsToldAsYamlInItsLine() {
        assertThatThrownBy(() -> Manifests.read("pods.yaml", ONE + "---\n{\"kind\": [}\n", 0))
                .hasMessageStartingWith("pods.yaml:3:11: not valid YAML: ");
    }

    @Test
    void aKeyThatIsGivenTwiceIsToldOnce() {
        assertThatThrownBy(() -> Manifests.read("pod.yaml", "{\"kind\": \"Pod\", \"kind\": \"Pod\"}\n---\n", 0))
                .hasMessage("pod.yaml:1:17: kind: given twice; the first is in line 1");
    }
}
