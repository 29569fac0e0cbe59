package io.podslice.cluster.staticpods;

import static io.podslice.cluster.apiserver.TestPods.sandbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cluster.apiserver.NodeName;
import io.podslice.cluster.apiserver.TestPods;
import io.podslice.cluster.source.SourceAbsentException;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StaticPodsSourceTest {
    private static final String ETCD = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: etcd
              labels: {tier: control-plane}
            spec:
              hostNetwork: true
              priorityClassName: system-node-critical
              resources:
                requests: {cpu: %d, memory: 1Gi}
                limits: {cpu: %d, memory: 1Gi}
              initContainers:
              - {name: proxy, image: p, restartPolicy: Always}
              containers:
              - name: etcd
                image: registry.k8s.io/etcd:3.6
                command: [etcd, --name=a]
                resources: {requests: {cpu: 0.5}}
                resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]
                newerThanPodslice: {deep: [1, 2.5, true, null]}
            """;

    @TempDir
    Path folder;

    private StaticPodsSource source;

    @BeforeEach
    void open() {
        source = new StaticPodsSource(folder, new NodeName(Optional.of("N1"), Optional.empty()));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Optional<KnownPod> find(String name, String uid) throws IOException {
        return source.find(sandbox(name, uid, "file", 0), Duration.ofSeconds(1));
    }

    @Test
    void a_static_pod_is_found_by_its_name() throws IOException {
        write("etcd.yaml", ETCD.formatted(2, 2));

        KnownPod found = find("etcd-n1", "0123").orElseThrow();

        assertThat(found.source()).isEqualTo(SpecSource.STATIC_PODS);
        assertThat(found.uid()).isEqualTo("0123");
        assertThat(found.namespace()).isEqualTo("default");
        assertThat(found.name()).isEqualTo("etcd-n1");
        assertThat(found.priority()).isEqualTo(2_000_001_000);
        assertThat(TestPods.cpus(found)).isEqualTo(2);
        assertThat(found.spec().containers())
                .extracting(ContainerSpec::name, ContainerSpec::kind)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("proxy", ContainerKind.SIDECAR),
                        org.assertj.core.groups.Tuple.tuple("etcd", ContainerKind.APP));
        assertThat(found.spec().containers().getLast().resources().requests().cpuMillis())
                .isEqualTo(500);
        assertThat(source.health().pods()).isEqualTo(1);
    }

    @Test
    void json_and_files_without_an_extension_are_read_and_hidden_ones_are_not() throws IOException {
        write("a", """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
                \t"spec": {"containers": [{"name": "app"}]}}
                """);
        write(".b.yaml", ETCD.formatted(2, 2));
        Files.createDirectory(folder.resolve("c.yaml"));

        assertThat(find("a-n1", "1")).isPresent();
        assertThat(find("etcd-n1", "2")).isEmpty();
    }

    @Test
    void a_file_that_changes_is_read_anew() throws IOException {
        Path file = write("etcd.yaml", ETCD.formatted(2, 2));
        assertThat(find("etcd-n1", "1").map(TestPods::cpus)).contains(2L);
        write("etcd.yaml", ETCD.formatted(16, 16));
        assertThat(find("etcd-n1", "2").map(TestPods::cpus)).contains(16L);
        Files.delete(file);
        assertThat(find("etcd-n1", "3")).isEmpty();
        assertThat(source.health()).returns(2L, health -> health.found()).returns(1L, health -> health.missed());
    }

    @Test
    void other_sandboxes_are_not_looked_up() throws IOException {
        write("etcd.yaml", ETCD.formatted(2, 2));

        assertThat(source.find(sandbox("etcd-n1", "1"), Duration.ofSeconds(1))).isEmpty();
        assertThat(source.find(sandbox("etcd-n1", "1", "http", 0), Duration.ofSeconds(1)))
                .isEmpty();
        assertThat(find("etcd-n2", "1")).isEmpty();
        assertThat(find("etcd", "1")).isEmpty();
    }

    @Test
    void a_uid_in_the_manifest_must_be_the_sandbox_s() throws IOException {
        write(
                "etcd.yaml",
                ETCD.formatted(2, 2).replace("  name: etcd\n  labels", "  name: etcd\n  uid: abc\n  labels"));

        assertThat(find("etcd-n1", "other")).isEmpty();
        assertThat(find("etcd-n1", "abc")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kind: Deployment\napiVersion: v1",
                "apiVersion: v1\nkind: Pod\nmetadata: {}",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {priority: high}",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: b, resources: {limits: {cpu: x}}}]}",
                "a: &a [1]\nb: *a",
                "{{{",
                "\t",
                "\u0000\u0001"
            })
    void a_file_that_is_no_pod_is_named_and_leaves_the_others_alone(String text) throws IOException {
        Path bad = write("bad.yaml", text);
        write("etcd.yaml", ETCD.formatted(2, 2));

        assertThat(find("etcd-n1", "1")).isPresent();
        assertThatThrownBy(() -> find("a-n1", "2"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(bad + ": ");
        assertThat(source.health().ready()).isFalse();
    }

    @Test
    void a_huge_file_is_not_read() throws IOException {
        Path huge = folder.resolve("huge.yaml");
        Files.write(huge, new byte[ManifestFolder.MOST_BYTES + 1]);

        assertThatThrownBy(() -> find("a-n1", "1")).hasMessageContaining("is larger than");
    }

    @Test
    void a_text_that_nests_without_end_is_not_read() throws IOException {
        write("deep.yaml", "[".repeat(10_000));
        assertThatThrownBy(() -> find("a-n1", "1")).hasMessageContaining("deep.yaml");
        write("deep.yaml", "{\"a\":".repeat(10_000));
        assertThatThrownBy(() -> find("a-n1", "1")).hasMessageContaining("deep.yaml");
    }

    @Test
    void no_folder_is_no_failure() throws IOException {
        Files.delete(folder);

        assertThatThrownBy(() -> find("a-n1", "1")).isInstanceOf(SourceAbsentException.class);
        assertThat(source.health().failures()).isZero();
    }

    @Test
    void too_many_files_are_said() throws IOException {
        for (int i = 0; i <= ManifestFolder.MOST_FILES; i++) {
            write(
                    "p" + i,
                    "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {containers: [{name: a}]}".formatted(i));
        }

        assertThatThrownBy(() -> find("none-n1", "1")).hasMessageContaining("more than 512 files");
    }
}
