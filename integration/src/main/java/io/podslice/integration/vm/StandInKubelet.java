package io.podslice.integration.vm;

import io.grpc.StatusRuntimeException;
import io.podslice.proto.cri.v1.ListContainersRequest;
import io.podslice.proto.cri.v1.StatusRequest;
import io.podslice.simulator.cri.CriClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * As much of a kubelet as podslice's {@code kubelet} commands look at: a service with the kubelet's flags, which calls the
 * runtime behind its endpoint once a second and serves healthz while that answers.
 */
public final class StandInKubelet {
    private static final String FLAG = "--container-runtime-endpoint=unix://";

    /** The kubelet's default. */
    private static final int HEALTHZ_PORT = 10_248;

    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private StandInKubelet() {}

    /**
     * Runs until it is killed.
     *
     * @param args the kubelet's flags; of several endpoints the last counts
     */
    public static void main(String[] args) throws Exception {
        Path endpoint = Arrays.stream(args)
                .filter(arg -> arg.startsWith(FLAG))
                .reduce((first, last) -> last)
                .map(arg -> Path.of(arg.substring(FLAG.length())))
                .orElseThrow(() -> new IllegalArgumentException("no " + FLAG + " among " + Arrays.toString(args)));
        System.out.println("calls " + endpoint);
        try (CriClient cri = new CriClient(endpoint, TIMEOUT);
                ServerSocket healthz = new ServerSocket(HEALTHZ_PORT, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> serve(healthz));
            while (true) {
                try {
                    var _ = cri.runtime().status(StatusRequest.getDefaultInstance());
                    var _ = cri.runtime().listContainers(ListContainersRequest.getDefaultInstance());
                } catch (StatusRuntimeException e) {
                    System.out.println(e.getStatus());
                }
                Thread.sleep(1_000);
            }
        }
    }

    private static void serve(ServerSocket healthz) {
        while (true) {
            try (Socket client = healthz.accept()) {
                InputStream in = client.getInputStream();
                var _ = in.read(new byte[1_024]);
                OutputStream out = client.getOutputStream();
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                        .getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                System.out.println("healthz: " + e.getMessage());
            }
        }
    }
}
