package io.podslice.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The chart's schema is what the code makes of the configuration's rules; with {@code
 * -Dpodslice.test.args=-Dpodslice.docs.write=true} it is written anew.
 */
class ValuesSchemaTest {
    private static final Path FILE = Chart.FOLDER.resolve("values.schema.json");

    @TempDir
    private Path folder;

    @Test
    void theCommittedFileIsTheOneThatTheCodeMakes() throws IOException {
        if (Boolean.getBoolean("podslice.docs.write")) {
            Files.writeString(FILE, ValuesSchema.text());
        }
        assertThat(Files.readString(FILE)).isEqualTo(ValuesSchema.text());
    }

    /** Helm itself refuses them, with the key's path, before anything reaches a cluster. */
    @Test
    void helmChecksTheConfigurationByTheRules() throws IOException {
        for (String wrong : List.of(
                "topologyManagerPolicy: single",
                "cpuManagerPolicy: dynamic",
                "cpuManagerPolicyOptions: {full-pcpus: true}",
                "reservedSystemCPUs: a",
                "memoryThrottlingFactor: 1.5",
                "bounds: {exclusivePercent: 101}",
                "bounds: {namespaces: [A_b]}",
                "shim: {decisionBudget: soon}",
                "shim: {socket: \"unix:///run/a.sock\"}",
                "reservedMemory: [{numaNode: -1}]",
                "apiVersion: podslice.io/v1")) {
            Path values = Files.writeString(folder.resolve("values.yaml"), "config:\n  " + wrong + "\n");
            assertThatThrownBy(() -> Chart.render(values))
                    .as(wrong)
                    .hasMessageContaining("schema")
                    .hasMessageContaining(wrong.replaceAll(":.*", ""));
        }
        Path right = Files.writeString(folder.resolve("values.yaml"), """
                config:
                  topologyManagerPolicy: restricted
                  topologyManagerPolicyOptions: {prefer-closest-numa-nodes: true}
                  reservedSystemCPUs: 0-1,16
                  reservedMemory: [{numaNode: 0, limits: {memory: 1Gi, hugepages-2Mi: 64Mi}}]
                  bounds: {exclusiveCPUsPerPod: 4, namespaces: [a, b], guardedMemory: 64Gi}
                  shim: {decisionBudget: 1m30s, allowedUids: [0]}
                  api: {metrics: "127.0.0.1:9100"}
                  isolation: auto
                """);
        assertThat(Chart.render(right)).contains("decisionBudget: 1m30s");
    }
}
