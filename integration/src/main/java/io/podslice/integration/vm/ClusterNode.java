package io.podslice.integration.vm;

import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The node's programs, which integration/vm/cluster.sh starts and starts again. */
final class ClusterNode {
    /** The kubelet. */
    static final String KUBELET = "kubelet";
    /** The API server. */
    static final String API_SERVER = "apiserver";
    /** podslice. */
    static final String PODSLICE = "podslice";
    /** podslice's CRI socket. */
    static final Path SHIM = Path.of("/run/podslice/cri.sock");
    /** The results, with a log of each program. */
    static final Path RESULTS = Path.of("/results");

    private static final Path RUN = Path.of("/run");
    private static final Path KUBELET_CONFIG = Path.of("/payload/cluster/kubelet.yaml");

    /** Starts podslice, or starts it again, with a configuration. */
    void startPodslice(String configuration) throws Exception {
        stop(PODSLICE);
        Files.deleteIfExists(SHIM);
        Files.writeString(RUN.resolve("podslice.yaml"), configuration);
        start(PODSLICE);
    }

    /**
     * Starts the kubelet with a runtime's socket, unless it runs with that one.
     *
     * @return true if it has been started
     */
    boolean startKubelet(Path runtime) throws Exception {
        String configuration = Files.readString(KUBELET_CONFIG) + "containerRuntimeEndpoint: unix://" + runtime + "\n";
        Path file = RUN.resolve("kubelet.yaml");
        if (running(KUBELET).isPresent() && Files.readString(file).equals(configuration)) {
            return false;
        }
        stop(KUBELET);
        Files.writeString(file, configuration);
        start(KUBELET);
        return true;
    }

    /** Waits until podslice answers on its CRI socket. */
    static void awaitShim() throws Exception {
        Patience.await("podslice listens", () -> Patience.unless(Files.exists(SHIM), "no " + SHIM));
        try (CriClient cri = Podslice.connect(SHIM)) {
            Requests.awaitServed(cri);
        }
    }

    /** Starts a program, which is started again whenever it ends. */
    void start(String name) throws Exception {
        Files.writeString(RUN.resolve("keep").resolve(name), "");
        Patience.await(name + " is started", () -> Patience.unless(running(name).isPresent(), "no process"));
    }

    /** Ends a program as the service manager would, and keeps it ended. */
    void stop(String name) throws Exception {
        Files.deleteIfExists(RUN.resolve("keep").resolve(name));
        Optional<ProcessHandle> running = running(name);
        if (running.isPresent()) {
            var _ = running.get().destroy();
            Patience.await(
                    name + " has ended",
                    () -> Patience.unless(
                            !running.get().isAlive(), running.get().info()));
        }
    }

    /** Kills a program, which is then started again. */
    void kill(String name) throws Exception {
        ProcessHandle running = running(name).orElseThrow(() -> new IllegalStateException(name + " does not run"));
        if (name.equals(PODSLICE)) {
            Files.deleteIfExists(SHIM);
        }
        var _ = running.destroyForcibly();
        Patience.await(
                name + " is started again",
                () -> Patience.unless(
                        running(name)
                                .filter(process -> process.pid() != running.pid())
                                .isPresent(),
                        "no process"));
    }

    private static Optional<ProcessHandle> running(String name) throws IOException {
        Path file = RUN.resolve(name + ".pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String pid = Files.readString(file).strip();
        return pid.isEmpty()
                ? Optional.empty()
                : ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive);
    }

    /** Returns the number of lines of a program's log that contain the text. */
    static long logged(String name, String text) throws IOException {
        try (var lines = Files.lines(RESULTS.resolve(name + ".log"))) {
            return lines.filter(line -> line.contains(text)).count();
        }
    }
}
