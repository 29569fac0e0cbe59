package io.podslice.integration.vm;

import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Connects to the node's podslice as a client does. */
final class Podslice {
    /** The time that podslice may take to listen: long, since the CPUs are emulated on a busy machine. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private Podslice() {}

    /**
     * Connects once podslice listens.
     *
     * @throws IOException if it does not listen within two minutes
     */
    static CriClient connect(Path socket) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!Files.exists(socket)) {
            if (System.nanoTime() > deadline) {
                throw new IOException("podslice did not listen on " + socket + " in " + TIMEOUT);
            }
            Thread.sleep(100);
        }
        return new CriClient(socket, TIMEOUT);
    }
}
