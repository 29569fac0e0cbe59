package io.podslice.integration.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The programs of one benchmark, their sockets and their output, in one folder.
 *
 * @param folder short, since the path of a Unix socket has at most 107 bytes
 * @param podslice the launcher of the program under test
 */
record Programs(Path folder, Path podslice) {

    /**
     * JVM flags with a heap so large that no collection of the load's own garbage disturbs a round, and the plainest
     * collector.
     */
    private static final List<String> LOAD_FLAGS =
            List.of("-XX:+UseSerialGC", "-Xms512m", "-Xmx512m", "-Xmn384m", "--sun-misc-unsafe-memory-access=allow");

    private static final List<String> COPY_FLAGS = List.of("-XX:+UseSerialGC", "-Xms16m", "-Xmn8m", "-Xmx64m");

    Path runtimeSocket() {
        return folder.resolve("runtime.sock");
    }

    /** Starts the fake runtime, in a process of its own. */
    Peer runtime() {
        return Peer.start(
                java(FakeRuntime.class, LOAD_FLAGS, runtimeSocket()), runtimeSocket(), folder.resolve("runtime.log"));
    }

    /** Starts the fake runtime with containers whose creation takes a time. */
    Peer slowRuntime(Duration creation) {
        List<String> command = new ArrayList<>(java(FakeRuntime.class, LOAD_FLAGS, runtimeSocket()));
        command.add(Long.toString(creation.toMillis()));
        return Peer.start(command, runtimeSocket(), folder.resolve("runtime.log"));
    }

    /** Starts {@code podslice serve} in front of the fake runtime. */
    Peer shim() {
        return shim(runtimeSocket());
    }

    Path nriSocket() {
        return folder.resolve("nri.sock");
    }

    /** Starts {@code podslice serve} in front of the fake runtime, and as a plugin of {@link #nriSocket}. */
    Peer shimAndPlugin() {
        return shim(runtimeSocket(), "nri: {enabled: true, socket: \"unix://" + nriSocket() + "\"}");
    }

    /** Starts {@code podslice serve} in front of a runtime. */
    Peer shim(Path runtime) {
        return shim(runtime, "");
    }

    private Peer shim(Path runtime, String more) {
        Path socket = folder.resolve("shim.sock");
        Path configuration = folder.resolve("podslice.yaml");
        try {
            Files.writeString(configuration, configuration(socket, runtime) + more + "\n");
        } catch (IOException e) {
            throw new BenchException("cannot write " + configuration, e);
        }
        return Peer.start(
                List.of(podslice.toString(), "serve", "--config", configuration.toString()),
                socket,
                folder.resolve("shim.log"));
    }

    /**
     * Starts podslice on a simulated kernel in front of the fake runtime.
     *
     * @param more further lines of its configuration
     * @param flags the JVM's flags
     */
    Peer simulatedServe(String more, List<String> flags) {
        Path socket = folder.resolve("simulated.sock");
        Path configuration = folder.resolve("simulated.yaml");
        try {
            Files.writeString(configuration, configuration(socket, runtimeSocket()) + more + "\n");
        } catch (IOException e) {
            throw new BenchException("cannot write " + configuration, e);
        }
        return Peer.start(java(SimulatedServe.class, flags, configuration), socket, folder.resolve("simulated.log"));
    }

    /** Starts {@link ByteCopy} in front of the fake runtime, the least that a proxy costs. */
    Peer copy() {
        Path socket = folder.resolve("copy.sock");
        return Peer.start(
                java(ByteCopy.class, COPY_FLAGS, socket, runtimeSocket()), socket, folder.resolve("copy.log"));
    }

    private String configuration(Path socket, Path runtime) {
        return """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                shim:
                  listen: unix://%s
                  runtime: unix://%s
                state:
                  dir: %s
                """.formatted(socket, runtime, folder.resolve("state"));
    }

    private static List<String> java(Class<?> main, List<String> flags, Path... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        for (Path argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }
}
