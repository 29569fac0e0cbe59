package io.podslice.agent.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.host.NodeFolder;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NRI is turned on by a drop-in where containerd can have one, and the text says what to do where it cannot. */
class NriDropInTest {
    private static final String DROP_IN = "/etc/containerd/conf.d/99-podslice-nri.toml";

    @TempDir
    private Path root;

    private NodeFolder node = new NodeFolder(Path.of("/"));

    @BeforeEach
    void makeNode() {
        node = new NodeFolder(root);
    }

    private NriDropIn nri() {
        return new NriDropIn(node.files(), NriDropIn.CONFIG);
    }

    private void configure(String text) {
        node.put(NriDropIn.CONFIG, text);
    }

    @Test
    void containerd2HasItOnByDefault() throws IOException {
        assertThat(nri().enable(2).lines()).containsExactly("NRI is on already: the default of containerd 2");
        configure("version = 3\n");
        assertThat(nri().enable(0).isDone()).isTrue();
        assertThat(node.files().exists(DROP_IN)).isFalse();
    }

    @Test
    void aDropInKeepsTheOtherSettingsOfTheTable() throws IOException {
        String main = """
                version = 3
                imports = [
                  "/etc/containerd/conf.d/*.toml",
                ]
                [plugins]
                  [plugins.'io.containerd.nri.v1.nri']
                    # off until further notice
                    disable = true # for now
                    plugin_request_timeout = "5s"
                    [plugins.'io.containerd.nri.v1.nri'.default_validator]
                      enable = true
                      disable = true
                  [plugins.'io.containerd.cri.v1.runtime']
                    max_container_log_line_size = 16384
                """;
        configure(main);
        NriDropIn.Outcome outcome = nri().enable(2);
        assertThat(outcome.isDone()).isTrue();
        assertThat(outcome.lines()).first().asString().startsWith("wrote " + DROP_IN);
        assertThat(node.text(DROP_IN)).isEqualTo("""
                # Written by podslice nri enable; podslice nri disable takes it away.
                version = 3

                [plugins."io.containerd.nri.v1.nri"]
                  disable = false
                  plugin_request_timeout = "5s"

                [plugins.'io.containerd.nri.v1.nri'.default_validator]
                  enable = true
                  disable = true
                """);
        assertThat(node.text(NriDropIn.CONFIG)).isEqualTo(main);
        assertThat(nri().enable(2).lines()).containsExactly("NRI is on already: " + DROP_IN + " says so");

        assertThat(nri().disable().lines()).first().isEqualTo("removed " + DROP_IN);
        assertThat(node.files().exists(DROP_IN)).isFalse();
        assertThat(nri().disable().lines()).first().asString().startsWith("nothing to undo");
    }

    @Test
    void aRelativeImportAndALaterFile() throws IOException {
        configure(
                "version = 2\nimports = [\"conf.d/*.toml\"]\n[plugins.\"io.containerd.nri.v1.nri\"]\ndisable = true\n");
        assertThat(nri().enable(2).isDone()).isTrue();
        assertThat(node.text(DROP_IN)).contains("version = 2\n");
        nri().disable();
        node.put("/etc/containerd/conf.d/zz-off.toml", "[plugins.\"io.containerd.nri.v1.nri\"]\ndisable = true\n");
        NriDropIn.Outcome outcome = nri().enable(2);
        assertThat(outcome.isDone()).isFalse();
        assertThat(outcome.lines()).first().asString().contains("/etc/containerd/conf.d/zz-off.toml comes after");
        assertThat(node.files().exists(DROP_IN)).isFalse();
    }

    @Test
    void withoutImportsItSaysWhatToAddAndChangesNothing() throws IOException {
        String main = "version = 3\n[plugins.\"io.containerd.nri.v1.nri\"]\n  disable = true\n";
        configure(main);
        NriDropIn.Outcome outcome = nri().enable(2);
        assertThat(outcome.isDone()).isFalse();
        assertThat(outcome.lines()).contains("  imports = [\"/etc/containerd/conf.d/*.toml\"]");
        assertThat(node.text(NriDropIn.CONFIG)).isEqualTo(main);
    }

    @Test
    void containerd17IsToldWhatToAdd() throws IOException {
        configure("version = 2\nimports = [\"/etc/containerd/conf.d/*.toml\"]\n");
        NriDropIn.Outcome outcome = nri().enable(1);
        assertThat(outcome.isDone()).isFalse();
        assertThat(outcome.lines())
                .contains("  [plugins.\"io.containerd.nri.v1.nri\"]", "    disable = false")
                .noneMatch(line -> line.contains("version = 2"));
        assertThat(node.files().exists(DROP_IN)).isFalse();
        configure("version = 2\n[plugins.\"io.containerd.nri.v1.nri\"]\n  disable = false\n");
        assertThat(nri().enable(1).isDone()).isTrue();
    }

    @Test
    void aVersionThatIsNoNumberIsAnError() {
        configure("version = \"three\"\n");
        assertThatThrownBy(() -> nri().enable(2))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no number");
    }
}
