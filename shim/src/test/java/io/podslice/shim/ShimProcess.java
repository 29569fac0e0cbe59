package io.podslice.shim;

import io.podslice.grpc.UnixSocket;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.brain.Promise;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** A program with the shim and a brain that rewrites the resources of every container, until its input ends. */
final class ShimProcess {
    private static final LinuxResources REWRITTEN = new LinuxResources(
            new LinuxResources.Cpu(100_000, 50_000, 512),
            new LinuxResources.Memory(1 << 20, 0),
            new LinuxResources.Cpuset("0-1", "0"),
            0,
            Map.of(),
            Map.of());

    private ShimProcess() {}

    /**
     * Runs the program.
     *
     * @param args the socket to listen on, and the runtime's
     */
    public static void main(String[] args) throws IOException {
        Path runtime = Path.of(args[1]);
        ScriptedNode node = new ScriptedNode();
        node.verdict = () -> node.proceed(REWRITTEN);
        ShimOptions options = ShimOptions.defaults();
        UnixSocket socket = new UnixSocket("the runtime", runtime, options.connectTimeout());
        CriShim shim = new CriShim(
                Path.of(args[0]),
                runtime,
                Set.of(),
                CriDoor.interceptions(Promise.about(node).door(Door.CRI), Duration.ofSeconds(30), socket),
                options);
        try (shim) {
            System.out.println("listening");
            System.in.transferTo(System.out);
        }
    }
}
