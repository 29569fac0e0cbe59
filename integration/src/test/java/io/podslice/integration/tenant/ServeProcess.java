package io.podslice.integration.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * podslice in a process of its own, with the heap and the flags that it has on a node; with its ahead-of-time cache, too,
 * where the last build is of these sources, as it is under bin/test.
 */
final class ServeProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<String> command = new ArrayList<>();
    private final Path socket;
    private final Path log;
    private Process process;

    /**
     * Starts it and waits until it listens.
     *
     * @param configuration its configuration file, which names the socket
     * @param kernel the socket of a {@link KernelDoor}
     * @param log gets what it writes
     */
    ServeProcess(Path configuration, Path socket, Path kernel, Path log) throws IOException, InterruptedException {
        this.socket = socket;
        this.log = log;
        List<String> flags = flags();
        String path = flags.removeLast();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", path.isEmpty() ? classPath() : path + ":" + classPath()));
        command.addAll(List.of(ServedPodslice.class.getName(), configuration.toString(), kernel.toString()));
        process = begin();
        awaitListening(System.nanoTime());
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** Returns the flags of `podslice serve`, and last the class path that its cache was made for; empty for none. */
    private static List<String> flags() throws IOException, InterruptedException {
        Path top = Path.of("").toAbsolutePath();
        while (!Files.exists(top.resolve("bin/lib/build.sh"))) {
            top = Objects.requireNonNull(top.getParent(), "no checkout");
        }
        String script = """
                set -euo pipefail
                top=$1
                . "$top/bin/lib/jdk.sh"
                . "$top/bin/lib/build.sh"
                dist=$top/target/dist
                aot_flags=() class_path=
                if [ -r "$dist/sources" ] && [ "$(< "$dist/sources")" = "$(fingerprint)" ]; then
                    ensure_trained >&2
                    class_path lib
                fi
                printf '%s\\n' "${serve_flags[@]}" "${aot_flags[@]}" "$class_path"
                """;
        ProcessBuilder bash = new ProcessBuilder("bash", "-c", script, "flags", top.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        bash.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = bash.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return new ArrayList<>(List.of(out.substring(0, out.length() - 1).split("\n", -1)));
    }

    private Process begin() throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private Duration awaitListening(long begun) throws IOException, InterruptedException {
        while (!listens()) {
            if (!process.isAlive() || System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new AssertionError("podslice does not listen; its log:\n" + Files.readString(log));
            }
            Thread.sleep(1);
        }
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private boolean listens() {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Kills it, as `kill -9` does, and starts it again; returns the time until it listens. */
    Duration restart() throws IOException, InterruptedException {
        assertThat(process.isAlive())
                .as("podslice ended by itself; its log: %s", log)
                .isTrue();
        process.destroyForcibly();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        long begun = System.nanoTime();
        process = begin();
        return awaitListening(begun);
    }

    /** Returns the resident memory in MiB. */
    long residentMebibytes() throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(process.pid()), "status"))
                        .lines()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                / 1024;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        var _ = process.onExit()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
