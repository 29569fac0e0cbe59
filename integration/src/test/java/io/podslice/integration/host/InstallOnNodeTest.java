package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The container image's {@code podslice install} and {@code uninstall} on a node with a real systemd, as the chart's pod runs them:
 * with its mounts, and without any capability. The node is a folder ({@code real/systemd-node}).
 */
@Tag("host")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class InstallOnNodeTest {
    /**
     * This machine may lack cgroup v2, and its sandbox may not let systemd make file systems private. The listing has every byte,
     * mode and link of what podslice may touch.
     */
    private static final String PREPARE = """
            mkdir -p "$node/etc/systemd/system/podslice.service.d"
            printf '%s\\n' '[Service]' ProtectSystem=no ProtectHome=no PrivateTmp=no PrivateMounts=no ProtectKernelTunables=no \\
                ProtectKernelModules=no ProtectKernelLogs=no ProtectHostname=no ReadWritePaths= DevicePolicy=auto \\
                StandardOutput=append:/run/podslice.log StandardError=append:/run/podslice.log \\
                > "$node/etc/systemd/system/podslice.service.d/sandbox.conf"
            on systemctl daemon-reload
            list() {
                (cd "$node" && find etc opt var/lib run/podslice ! -path 'var/lib/systemd/*' \\
                    \\( -type f -exec sha256sum {} + , -printf '%y %m %p %l\\n' \\) 2>/dev/null | LC_ALL=C sort -k3) > "$1"
            }
            property() { on systemctl show --value --property "$1" "$2"; }
            """;

    private Path top = Path.of("/");

    /** Makes the image first where no test has. */
    @BeforeEach
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void unpackImage() throws IOException, InterruptedException {
        // Unix sockets have short paths.
        top = Files.createTempDirectory(Path.of("/tmp"), "sd");
        Path archive = top.resolve("image.tar");
        Command.outputWithErrors(
                0, List.of("../deploy/image/oci", Image.folder().toString(), archive.toString()));
        Path layout = Files.createDirectory(top.resolve("layout"));
        Command.outputWithErrors(0, List.of("tar", "-C", layout.toString(), "-xf", archive.toString()));
        Path image = Files.createDirectory(top.resolve("image"));
        JsonNode index = JsonMapper.shared().readTree(Files.readString(layout.resolve("index.json")));
        JsonNode manifest = JsonMapper.shared()
                .readTree(Files.readString(
                        blob(layout, index.at("/manifests/0/digest").asString())));
        for (JsonNode layer : manifest.get("layers")) {
            Path blob = blob(layout, layer.get("digest").asString());
            Command.outputWithErrors(0, List.of("tar", "-C", image.toString(), "-xzf", blob.toString()));
        }
        Command.outputWithErrors(0, List.of("rm", "-rf", archive.toString(), layout.toString()));
    }

    private static Path blob(Path layout, String digest) {
        return layout.resolve("blobs").resolve(digest.replace(':', '/'));
    }

    @AfterEach
    void removeNode() throws IOException, InterruptedException {
        Command.outputWithErrors(0, List.of("rm", "-rf", "--one-file-system", top.toString()));
    }

    @Test
    void isInstalledUpgradedAndTakenOffByteForByte() throws Exception {
        String said = onNode("""
                list "$top/before"
                pod install --host /host
                first=$(property MainPID podslice.service)
                grep -o 'lib/podslice.aot' "/proc/$first/maps" | sort -u
                pod install --check --host /host || echo "check: $?"
                pod install --host /host
                [ "$first" = "$(property MainPID podslice.service)" ] && echo 'the same process'
                since=$(property ActiveEnterTimestampMonotonic podslice.socket)
                echo 9.9.9-feedfeedfeed > "$image/opt/podslice/release"
                pod install --host /host
                [ "$first" != "$(property MainPID podslice.service)" ] && echo 'another process'
                [ "$since" = "$(property ActiveEnterTimestampMonotonic podslice.socket)" ] && echo 'the same socket'
                ls "$node/opt/podslice/releases"
                pod uninstall --host /host
                list "$top/after"
                diff "$top/before" "$top/after" && echo 'byte for byte'
                pod uninstall --check --host /host && echo gone
                property LoadState podslice.socket
                """);
        assertThat(said.lines())
                .containsSubsequence(
                        "starting podslice.service",
                        "lib/podslice.aot",
                        "the same process",
                        "restarting podslice.service",
                        "podslice 9.9.9-feedfeedfeed runs on this node",
                        "another process",
                        "the same socket",
                        "9.9.9-feedfeedfeed",
                        "stopped podslice; giving the cgroups of all pods back",
                        "podslice is off this node",
                        "byte for byte",
                        "gone",
                        "not-found");
        // A machine without cgroup v2 answers, and is not ready.
        assertThat(said.contains("check: 1")).isEqualTo(said.contains("not ready: cgroups.root"));
    }

    @Test
    void whatIsInTheWayIsSaidAndLeavesTheNodeServing() throws Exception {
        String said = onNode("""
                pod install --host /host/etc || echo "no systemd: $?"
                pod install --host /nowhere || echo "no folder: $?"
                printf 'kind: Pod\\n' > "$image/tmp/wrong.yaml"
                pod install --host /host --config /tmp/wrong.yaml || echo "no configuration: $?"
                pod install --host /host --folder /usr/../etc || echo "no place: $?"
                pod install --host /host
                printf '#!/bin/sh\\nexit 7\\n' > "$image/opt/podslice/bin/podslice"
                echo 9.9.9-badbadbadbad > "$image/opt/podslice/release"
                pod install --host /host || echo "broken: $?"
                property ActiveState podslice.service
                pod uninstall --host /host
                """);
        assertThat(said.lines()).contains("no systemd: 1", "no folder: 2", "no configuration: 2", "no place: 2");
        assertThat(said).contains("podslice is a service of systemd's").contains("/nowhere: is no folder");
        assertThat(said.lines()).containsSubsequence("starting podslice.service", "broken: 1", "active");
        assertThat(said).containsPattern("badbadbadbad does not start .*runs again\nbroken: 1\nactive\n");
    }

    @Test
    void aDiskThatTakesNothingAndACopyThatIsKilledLeaveWhatRuns() throws Exception {
        String said = onNode("""
                list "$top/before"
                pod install --host /host
                first=$(property MainPID podslice.service)
                runs() {
                    [ "$first" = "$(property MainPID podslice.service)" ] && echo "$1: the same process"
                    ls "$node/opt/podslice/releases" | wc -l | sed "s/^/$1: releases /"
                }
                echo 9.9.9-feedfeedfeed > "$image/opt/podslice/release"

                mount --bind "$node/opt/podslice" "$node/opt/podslice"
                mount -o remount,bind,ro "$node/opt/podslice"
                pod install --host /host || echo "read-only: $?"
                umount "$node/opt/podslice"
                runs read-only

                # Room for a part of another release.
                mkdir "$top/small"
                used=$(du -sm "$node/opt/podslice" | cut -f1)
                mount -t tmpfs -o size=$((used + 20))m tmpfs "$top/small"
                cp -a "$node/opt/podslice/." "$top/small/"
                mount --bind "$top/small" "$node/opt/podslice"
                pod install --host /host || echo "full: $?"
                runs full
                umount "$node/opt/podslice"
                umount "$top/small"

                for after in 0.5 1 2 4; do
                    pod_for "$after" install --host /host || echo "killed"
                done
                pod install --host /host && runs done
                pod uninstall --host /host
                list "$top/after"
                diff "$top/before" "$top/after" && echo 'byte for byte'
                """);
        assertThat(said.lines())
                .containsSubsequence(
                        "read-only: 1",
                        "read-only: the same process",
                        "read-only: releases 1",
                        "full: 1",
                        "full: the same process",
                        "full: releases 1",
                        "killed",
                        "done: releases 1",
                        "byte for byte");
        assertThat(said)
                .contains("Read-only file system")
                .containsPattern("needs \\d+ MiB, and the disk has \\d+ MiB left");
    }

    private String onNode(String script) throws IOException, InterruptedException {
        Path file = Files.writeString(top.resolve("script"), PREPARE + script);
        return Command.outputWithErrors(0, List.of("real/systemd-node", top.toString(), file.toString()));
    }
}
