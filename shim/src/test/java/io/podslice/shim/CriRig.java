package io.podslice.shim;

import io.podslice.grpc.UnixSocket;
import io.podslice.node.Door;
import io.podslice.node.brain.Promise;
import io.podslice.shim.tap.Interception;
import io.podslice.shim.tap.TapOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** A client, the shim with the CRI door, and a runtime; the brain is a script. */
final class CriRig implements AutoCloseable {
    static final String SERVICE = "runtime.v1.RuntimeService/";

    private static final int WINDOW = 1 << 20;

    final Path folder;
    final ScriptedNode node = new ScriptedNode();
    final GrpcRuntime runtime;
    final CriShim shim;
    final GrpcClient client;

    CriRig() throws IOException {
        this(ShimOptions.defaults(), WINDOW);
    }

    /** @param window HTTP/2's initial window of both ends, in bytes */
    CriRig(ShimOptions options, int window) throws IOException {
        // A short path: those of the Unix sockets in it are limited to 107 characters.
        folder = Files.createTempDirectory("cri");
        runtime = new GrpcRuntime(runtimeSocket(), window);
        Map<String, Interception> interceptions = CriDoor.interceptions(
                Promise.about(node).door(Door.CRI),
                options.tap().decisionBudget(),
                new UnixSocket("the runtime", runtimeSocket(), options.connectTimeout()));
        shim = new CriShim(shimSocket(), runtimeSocket(), Set.of(), interceptions, options);
        client = new GrpcClient(shimSocket(), window);
    }

    /** With so long for each decision. */
    static CriRig deciding(Duration budget) throws IOException {
        TapOptions tap = TapOptions.defaults();
        return new CriRig(
                new ShimOptions(
                        new TapOptions(budget, tap.maxMessageBytes(), tap.maxHeldBytes(), tap.idleAfterHalfClose()),
                        ShimOptions.defaults().connectTimeout(),
                        ShimOptions.defaults().mostConnections()),
                WINDOW);
    }

    Path runtimeSocket() {
        return folder.resolve("runtime.sock");
    }

    Path shimSocket() {
        return folder.resolve("cri.sock");
    }

    @Override
    public void close() throws IOException {
        client.close();
        shim.close();
        runtime.close();
        Files.deleteIfExists(runtimeSocket());
        Files.deleteIfExists(shimSocket());
        Files.delete(folder);
    }
}
