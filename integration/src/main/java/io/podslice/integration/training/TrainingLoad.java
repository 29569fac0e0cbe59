package io.podslice.integration.training;

import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.machine.Machine;
import io.podslice.proto.cri.v1.ListContainersRequest;
import io.podslice.proto.cri.v1.StatusRequest;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.CallLog;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.Processes;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Plays a runtime and a kubelet for a {@code podslice serve} whose classes and hot methods are being recorded for the
 * ahead-of-time cache: the calls that a node sees most, and lives of pods. Arguments: the socket on which to serve as
 * the runtime, and podslice's. Exit status 0 when all calls were made; their answers do not matter.
 */
final class TrainingLoad {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CALLS = 400;
    private static final int PODS = 12;
    private static final Machine MACHINE = Machine.regular(1, 1, 4, 2, 8L << 30);

    private TrainingLoad() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        SimulatedCgroups cgroups = new SimulatedCgroups(MACHINE);
        Path shim = Path.of(args[1]);
        try (SimulatedRuntime runtime = new SimulatedRuntime(
                Path.of(args[0]),
                cgroups,
                processes(cgroups),
                PodUpdateSupport.UNIMPLEMENTED,
                InstantSource.system(),
                new Random(1))) {
            runtime.addImage("busybox");
            runtime.start();
            awaitListening(shim);
            try (CriClient client = new CriClient(shim, PATIENCE)) {
                KubeletDriver kubelet = new KubeletDriver(
                        client,
                        cgroups,
                        new CgroupPath("/kubepods"),
                        PodCgroups.BY_RUNTIME,
                        new NodeSize(MACHINE.cpus().size(), 8L << 30, List.of()),
                        CallLog.NONE);
                kubelet.prepareNode();
                for (int i = 0; i < PODS; i++) {
                    live(kubelet, pod(i));
                    poll(client);
                }
            }
        }
        System.exit(0); // without waiting for Netty's threads
    }

    private static Processes processes(SimulatedCgroups cgroups) {
        AtomicInteger last = new AtomicInteger(100);
        return new Processes() {
            @Override
            public int start(CgroupPath cgroup) {
                int pid = last.incrementAndGet();
                cgroups.start(pid, cgroup);
                return pid;
            }

            @Override
            public void end(int pid) {
                cgroups.exit(pid);
            }
        };
    }

    private static void awaitListening(Path socket) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                if (channel.isConnected()) {
                    return;
                }
            } catch (IOException notYet) {
                if (System.nanoTime() > deadline) {
                    throw notYet;
                }
                Thread.sleep(20);
            }
        }
    }

    private static PodManifest pod(int i) {
        PodManifest pod = new PodManifest(
                "pod" + i,
                "default",
                "uid" + i,
                Wants.guaranteed(Amounts.of(2, 1)),
                List.of(
                        new ContainerManifest(
                                "app",
                                ContainerManifest.Kind.APP,
                                "busybox",
                                Wants.guaranteed(new Amounts(1000, 1 << 29))),
                        new ContainerManifest("helper", ContainerManifest.Kind.SIDECAR, "busybox", Wants.NONE)),
                Map.of());
        return i % 2 == 0 ? PodSpecAnnotation.on(pod) : pod;
    }

    private static void live(KubeletDriver kubelet, PodManifest pod) {
        try {
            RunningPod running = kubelet.run(pod);
            running = kubelet.resize(running, pod.resizedTo(Wants.guaranteed(Amounts.of(3, 1))));
            kubelet.stop(running);
            kubelet.remove(running);
        } catch (StatusRuntimeException refused) {
            System.err.println(pod.name() + ": " + refused.getMessage());
        }
    }

    private static void poll(CriClient client) {
        for (int i = 0; i < CALLS / PODS; i++) {
            var _ = client.runtime().version(VersionRequest.getDefaultInstance());
            var _ = client.runtime().status(StatusRequest.getDefaultInstance());
            var _ = client.runtime().listContainers(ListContainersRequest.getDefaultInstance());
        }
    }
}
