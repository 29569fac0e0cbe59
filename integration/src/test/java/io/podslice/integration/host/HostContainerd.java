package io.podslice.integration.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Debian's containerd, run on this machine in a folder of its own by {@code integration/real/containerd-host}. */
final class HostContainerd {
    private static final String SOCKET = "socket=unix://";

    private final Path folder;
    private final Path socket;

    private HostContainerd(Path folder, Path socket) {
        this.folder = folder;
        this.socket = socket;
    }

    static HostContainerd start(Path folder) throws IOException, InterruptedException {
        return start(folder, "2.1");
    }

    /** @param version 2.1, which has NRI 0.8, or 1.7, which has 0.6.1 */
    static HostContainerd start(Path folder, String version) throws IOException, InterruptedException {
        Path socket = script("start", folder, "--version", version)
                .filter(line -> line.startsWith(SOCKET))
                .map(line -> Path.of(line.substring(SOCKET.length())))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("containerd-host named no socket"));
        return new HostContainerd(folder, socket);
    }

    private static Stream<String> script(String command, Path folder, String... more)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("real/containerd-host", command, folder.toString()));
        line.addAll(List.of(more));
        Process process = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new IllegalStateException("containerd-host " + command + " ended with status " + status);
        }
        return output.lines();
    }

    Path socket() {
        return socket;
    }

    /** Returns the socket that plugins connect to. */
    Path nriSocket() {
        return folder.resolve("nri/nri.sock");
    }

    /** Returns its log. */
    String log() throws IOException {
        return Files.readString(folder.resolve("containerd.log"));
    }

    /** Kills containerd alone and starts it again; containers keep running. */
    void restart() throws IOException, InterruptedException {
        script("restart", folder).forEach(line -> {
            throw new IllegalStateException("containerd-host restart: " + line);
        });
    }

    void stop() throws IOException, InterruptedException {
        script("stop", folder).forEach(line -> {
            throw new IllegalStateException("containerd-host stop: " + line);
        });
    }
}
