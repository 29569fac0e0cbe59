package io.podslice.agent.gather;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.doctor.FakeProbes;
import io.podslice.agent.doctor.NodeReader;
import io.podslice.agent.doctor.NodeRecord;
import io.podslice.agent.host.NodeFolder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive holds what a maintainer needs, is bounded, and holds no secret. */
class GatherTest {
    private static final String SECRET = "hunter2hunter2";

    @TempDir
    private Path root;

    private static Gather.Sources sources(String log) {
        return new Gather.Sources() {
            @Override
            public String log() {
                return log;
            }

            @Override
            public String status() throws IOException {
                throw new IOException("no answer");
            }
        };
    }

    /** Packs a node and unpacks it: the files by their names in the folder, which is left out. */
    private Map<String, String> gathered(String log) throws IOException {
        NodeFolder node = NodeFolder.sound(root);
        return gathered(node, log);
    }

    private static Map<String, String> gathered(NodeFolder node, String log) throws IOException {
        NodeRecord record = new NodeReader(node.files(), new FakeProbes(), "0.1.0").read(null);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Gather(node.files(), sources(log)).write(record, "podslice 0.1.0\n", "podslice-now", 1_000_000_000, out);
        return unpacked(out.toByteArray());
    }

    private static Map<String, String> unpacked(byte[] archive) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        byte[] tar;
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(archive))) {
            tar = in.readAllBytes();
        }
        int at = 0;
        while (tar[at] != 0) {
            byte[] header = Arrays.copyOfRange(tar, at, at + 512);
            int sum = Integer.parseInt(text(header, 148, 6), 8);
            Arrays.fill(header, 148, 156, (byte) ' ');
            int counted = 0;
            for (byte one : header) {
                counted += one & 0xff;
            }
            assertThat(sum).isEqualTo(counted);
            assertThat(text(header, 257, 5)).isEqualTo("ustar");
            int size = Integer.parseInt(text(header, 124, 11), 8);
            String name = text(header, 0, 100);
            assertThat(name).startsWith("podslice-now/");
            files.put(
                    name.substring("podslice-now/".length()), new String(tar, at + 512, size, StandardCharsets.UTF_8));
            at += 512 + (size + 511) / 512 * 512;
        }
        assertThat(tar.length).isEqualTo(at + 1024);
        return files;
    }

    private static String text(byte[] bytes, int at, int room) {
        return new String(bytes, at, room, StandardCharsets.US_ASCII).split("\0", 2)[0];
    }

    @Test
    void holdsWhatAMaintainerNeeds() throws IOException {
        Map<String, String> files = gathered("started\n");
        assertThat(files.keySet())
                .contains(
                        "doctor.txt",
                        "doctor.json",
                        "versions.txt",
                        "log.txt",
                        "machine.json",
                        "missing.txt",
                        "files/etc/podslice/podslice.yaml",
                        "files/var/lib/podslice/state.json",
                        "files/var/lib/kubelet/config.yaml",
                        "files/var/lib/kubelet/kubeadm-flags.env");
        assertThat(files.get("doctor.txt")).endsWith("checks\n");
        assertThat(files.get("log.txt")).isEqualTo("started\n");
        assertThat(files.get("missing.txt")).isEqualTo("status.json: no answer\n");
        assertThat(files.get("files/var/lib/kubelet/config.yaml")).contains("cpuManagerPolicy: none");
    }

    @Test
    void holdsNoSecret() throws IOException {
        String webToken = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVz.c2lnbmF0dXJl";
        NodeFolder node = NodeFolder.sound(root)
                .put("/etc/containerd/config.toml", """
                        version = 3
                        [plugins."io.containerd.cri.v1.images".registry.configs."r.example".auth]
                          username = "me"
                          password = "%s"
                          auth = "%s"
                          identitytoken = '%s'
                        """.formatted(SECRET, SECRET, SECRET))
                .put(
                        "/etc/default/kubelet",
                        "KUBELET_EXTRA_ARGS=--v=2 --token=" + SECRET + "\nAPI_KEY=" + SECRET + "\n")
                .put(
                        "/etc/rancher/k3s/config.yaml",
                        "server: https://u:" + SECRET + "@s:6443\ntoken: " + SECRET + "\nnode-ip: 10.0.0.1\n")
                .put(NodeFolder.KUBELET_CONFIG, """
                        kind: KubeletConfiguration
                        staticPodURLHeader:
                          Authorization:
                          - "%s"
                        cpuManagerPolicy: none
                        """.formatted(SECRET));
        Map<String, String> files = gathered(node, """
                Authorization: Bearer %s
                got %s from the API server
                -----BEGIN PRIVATE KEY-----
                %s
                -----END PRIVATE KEY-----
                went on
                """.formatted(SECRET, webToken, SECRET));
        assertThat(String.join("\n", files.values())).doesNotContain(SECRET).doesNotContain(webToken);
        assertThat(files.get("log.txt")).endsWith("went on\n");
        assertThat(files.get("files/etc/containerd/config.toml")).contains("username = \"me\"", "<left out>");
        assertThat(files.get("files/etc/rancher/k3s/config.yaml")).contains("@s:6443", "node-ip: 10.0.0.1");
        assertThat(files.get("files" + NodeFolder.KUBELET_CONFIG))
                .contains("staticPodURLHeader: <left out>", "cpuManagerPolicy: none");
        assertThat(files.get("files/etc/default/kubelet")).contains("--v=2");
    }

    @Test
    void isBounded() throws IOException {
        NodeFolder node = NodeFolder.sound(root).put("/etc/os-release", "x".repeat(2 << 20));
        Map<String, String> files = gathered(
                node, "a line of the log that is as long as most of them are: seventy characters\n".repeat(40_000));
        assertThat(files.get("log.txt")).hasSizeLessThan(Archive.MOST_OF_FILE + 100);
        assertThat(files.get("log.txt")).startsWith("[the first ").endsWith("seventy characters\n");
        assertThat(files.get("missing.txt")).contains("/etc/os-release: is larger than 1 MiB");
        Archive full = new Archive("podslice-now");
        for (int i = 0; i < 10; i++) {
            full.add("file" + i, "y".repeat(Archive.MOST_OF_FILE));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        full.write(out, 0);
        Map<String, String> kept = unpacked(out.toByteArray());
        assertThat(kept.get("file9")).isEqualTo("[left out: the archive is full]\n");
        assertThat(kept.values().stream().mapToInt(String::length).sum()).isLessThanOrEqualTo(Archive.MOST + 1000);
    }
}
