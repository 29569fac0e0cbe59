package io.podslice.integration.vm;

import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Connects to the node's podslice as a client does. */
final class Podslice {
    private Podslice() {}

    /**
     * Connects once podslice listens.
     *
     * @throws IOException if it does not listen within the time for a step
     */
    static CriClient connect(Path socket) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Patience.OF_A_STEP.toNanos();
        while (!Files.exists(socket)) {
            if (System.nanoTime() > deadline) {
                throw new IOException("podslice did not listen on " + socket + " in " + Patience.OF_A_STEP);
            }
            Thread.sleep(100);
        }
        return new CriClient(socket, Patience.OF_A_STEP);
    }
}
