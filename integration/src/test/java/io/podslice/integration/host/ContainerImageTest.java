package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The container image of {@code deploy/image/oci}: its size, a build that is reproducible, and a real containerd that runs it. */
@Tag("host")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ContainerImageTest {
    private static final long MOST_BYTES = 60_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String JAVA = "/opt/podslice/jvm/bin/java";

    @TempDir
    private Path folder;

    @Test
    void isMadeTwiceWithTheSameBytesAndRunByContainerd() throws Exception {
        Path classes = folder.resolve("classes");
        Path first = image(classes, "first");
        Path second = image(classes, "second");
        assertThat(differing(digests(folder.resolve("first")), digests(folder.resolve("second"))))
                .isEmpty();
        assertThat(Files.mismatch(first, second)).isEqualTo(-1);
        assertThat(Files.size(first)).isLessThan(MOST_BYTES);

        // Unix sockets have short paths.
        Path scratch = Files.createTempDirectory(Path.of("/tmp"), "oci");
        HostContainerd containerd = HostContainerd.start(scratch);
        try {
            runs(scratch, first);
        } finally {
            containerd.stop();
            Command.outputWithErrors(0, List.of("rm", "-rf", scratch.toString()));
        }
    }

    /** Returns the files that only one of two folders has, or that differ in them, by path. */
    private static Set<String> differing(Map<String, String> one, Map<String, String> other) {
        Set<String> names = new TreeSet<>(one.keySet());
        names.addAll(other.keySet());
        names.removeIf(name -> Objects.equals(one.get(name), other.get(name)));
        return names;
    }

    /** Returns digests of a folder's files by path. */
    private static Map<String, String> digests(Path folder) throws Exception {
        Map<String, String> digests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                digests.put(folder.relativize(file).toString(), HexFormat.of().formatHex(digest));
            }
        }
        return digests;
    }

    /** Makes an image of the folder that bin/image makes, each time anew. */
    private Path image(Path classes, String name) throws IOException, InterruptedException {
        Path archive = folder.resolve(name + ".tar");
        Command.outputWithErrors(
                0,
                List.of(
                        "../bin/image",
                        "--classes",
                        classes.toString(),
                        folder.resolve(name).toString()));
        Command.outputWithErrors(
                0, List.of("../deploy/image/oci", folder.resolve(name).toString(), archive.toString()));
        return archive;
    }

    private void runs(Path scratch, Path archive) throws IOException, InterruptedException {
        List<String> snapshotter = new ArrayList<>();
        for (String line : Files.readAllLines(scratch.resolve("config.toml"))) {
            if (line.startsWith("  snapshotter = ")) {
                snapshotter = List.of("--snapshotter", line.replaceAll(".*\"(.*)\"", "$1"));
            }
        }
        List<String> imported = new ArrayList<>(List.of("images", "import", "--local"));
        imported.addAll(snapshotter);
        imported.add(archive.toString());
        String name = Pattern.compile("podslice\\.io/podslice:\\S+")
                .matcher(ctr(scratch, imported))
                .results()
                .map(MatchResult::group)
                .findFirst()
                .orElseThrow();

        List<String> version = new ArrayList<>(List.of("run", "--rm"));
        version.addAll(snapshotter);
        version.addAll(List.of(name, "version", JAVA, "@/opt/podslice/lib/tool.args", "--version"));
        assertThat(ctr(scratch, version)).startsWith("podslice ");

        Path node = Files.createDirectories(scratch.resolve("node"));
        Files.writeString(node.resolve("podslice.yaml"), """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                shim: {listen: "unix://%1$s/cri.sock", runtime: "unix://%1$s/runtime.sock"}
                cgroups: {root: "%1$s"}
                state: {dir: "%1$s/state"}
                """.formatted(node));
        List<String> serve = new ArrayList<>(List.of("run", "--detach"));
        serve.addAll(snapshotter);
        serve.addAll(List.of("--mount", "type=bind,src=" + node + ",dst=" + node + ",options=rbind:rw"));
        // With that mode a JVM that cannot use its cache ends; otherwise it only starts more slowly, and takes more
        // memory.
        serve.addAll(
                List.of(name, "serve", JAVA, "-XX:AOTMode=on", "@/opt/podslice/lib/serve.args", "serve", "--config"));
        serve.add(node.resolve("podslice.yaml").toString());
        ctr(scratch, serve);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(node.resolve("cri.sock")).exists());
        ctr(scratch, List.of("tasks", "kill", "--signal", "SIGKILL", "serve"));
    }

    private static String ctr(Path scratch, List<String> arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("real/containerd-host", "ctr", scratch.toString()));
        line.addAll(arguments);
        return Command.outputWithErrors(0, line);
    }
}
