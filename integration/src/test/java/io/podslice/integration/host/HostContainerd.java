package io.podslice.integration.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
        Path socket = script("start", folder)
                .filter(line -> line.startsWith(SOCKET))
                .map(line -> Path.of(line.substring(SOCKET.length())))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("containerd-host named no socket"));
        return new HostContainerd(folder, socket);
    }

    private static Stream<String> script(String command, Path folder) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of("real/containerd-host", command, folder.toString()))
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

    void stop() throws IOException, InterruptedException {
        script("stop", folder).forEach(line -> {
            throw new IllegalStateException("containerd-host stop: " + line);
        });
    }
}
