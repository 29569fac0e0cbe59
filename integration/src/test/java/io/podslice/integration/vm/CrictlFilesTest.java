package io.podslice.integration.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.NamespaceMode;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrictlFilesTest {
    private static final Path EXAMPLES = Path.of("crictl");

    @TempDir
    private Path folder;

    @Test
    void exampleSaysWhatAPodWithABudgetNeeds() {
        PodSandboxConfig pod = CrictlFiles.pod(EXAMPLES.resolve("budget-pod/pod.json"));
        assertThat(pod.getLinux().getCgroupParent())
                .isEqualTo("/kubepods/pod" + pod.getMetadata().getUid());
        assertThat(pod.getAnnotationsMap()).containsKey("podslice.io/pod-spec");
        assertThat(pod.getLinux().getResources().getCpuQuota()).isEqualTo(400_000);
        assertThat(pod.getLinux().getSecurityContext().getNamespaceOptions().getNetwork())
                .isEqualTo(NamespaceMode.NODE);
    }

    @Test
    void exampleContainersCarryTheNamesOfTheirFiles() {
        for (String name : new String[] {"pinned", "logger", "metrics"}) {
            ContainerConfig container = CrictlFiles.container(EXAMPLES.resolve("budget-pod/" + name + ".json"));
            assertThat(container.getMetadata().getName()).isEqualTo(name);
        }
        assertThat(CrictlFiles.container(EXAMPLES.resolve("burstable-pod/worker.json"))
                        .getCommandList())
                .startsWith("sleep");
    }

    @Test
    void bothSpellingsOfAFieldAreRead() throws IOException {
        Path file = folder.resolve("pod.json");
        Files.writeString(file, "{\"linux\":{\"cgroupParent\":\"/a\",\"resources\":{\"cpu_shares\":\"512\"}}}");
        assertThat(CrictlFiles.pod(file).getLinux().getCgroupParent()).isEqualTo("/a");
        assertThat(CrictlFiles.pod(file).getLinux().getResources().getCpuShares())
                .isEqualTo(512);
    }

    @Test
    void fieldsOutsideTheContractAreLeftOut() throws IOException {
        Path file = folder.resolve("container.json");
        Files.writeString(file, "{\"metadata\":{\"name\":\"a\"},\"mounts\":[{\"host_path\":\"/tmp\"}]}");
        assertThat(CrictlFiles.container(file).getMetadata().getName()).isEqualTo("a");
    }

    @Test
    void whatIsWrongIsSaidWithTheFilesName() throws IOException {
        Path file = folder.resolve("bad.json");
        Files.writeString(file, "{\"metadata\":[]}");
        assertThatThrownBy(() -> CrictlFiles.pod(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file.toString());
    }
}
