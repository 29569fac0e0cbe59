package io.podslice.integration.bench;

import io.grpc.StatusRuntimeException;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerMetadata;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.ImageSpec;
import io.podslice.proto.cri.v1.LinuxPodSandboxConfig;
import io.podslice.proto.cri.v1.LinuxSandboxSecurityContext;
import io.podslice.proto.cri.v1.NamespaceMode;
import io.podslice.proto.cri.v1.NamespaceOption;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.proto.cri.v1.StopContainerRequest;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.simulator.cri.CriClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Lives of pods with one container on a real runtime, in turn by its own socket and through podslice, call by call. The
 * pods have the host's network, so that no CNI is needed, and ask nothing of podslice.
 */
final class RuntimeBench {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Programs programs;
    private final Path runtime;
    private final String image;
    private final Consumer<String> progress;

    /**
     * @param runtime the runtime's socket
     * @param image of the container, present in the runtime
     * @param progress hears of each step, for a person who waits
     */
    RuntimeBench(Programs programs, Path runtime, String image, Consumer<String> progress) {
        this.programs = programs;
        this.runtime = runtime;
        this.image = image;
        this.progress = progress;
    }

    /** The calls that are measured, in the order of a life. */
    enum Call {
        RUN_POD_SANDBOX("RunPodSandbox"),
        CREATE_CONTAINER("CreateContainer"),
        START_CONTAINER("StartContainer"),
        STOP_CONTAINER("StopContainer"),
        STOP_POD_SANDBOX("StopPodSandbox"),
        REMOVE_POD_SANDBOX("RemovePodSandbox");

        private final String method;

        Call(String method) {
            this.method = method;
        }

        /** Returns the method's name in CRI. */
        String method() {
            return method;
        }
    }

    /**
     * The latencies of one call.
     *
     * @param direct by the runtime's own socket
     * @param through through podslice
     */
    record Row(Call call, Samples direct, Samples through) {}

    /**
     * Measures.
     *
     * @param lives lives of each side that count
     * @param warmUp lives of each side before those
     */
    List<Row> run(int lives, int warmUp) {
        try (Peer shim = programs.shim(runtime);
                CriClient direct = new CriClient(runtime, PATIENCE);
                CriClient through = new CriClient(shim.socket(), PATIENCE)) {
            Map<Call, Samples> ofDirect = samples(lives);
            Map<Call, Samples> ofThrough = samples(lives);
            for (int i = -warmUp; i < lives; i++) {
                if (i % 20 == 0) {
                    progress.accept("life %d of %d".formatted(i, lives));
                }
                // Which of the two comes first changes from life to life.
                if (i % 2 == 0) {
                    live(direct, ofDirect, i >= 0);
                }
                live(through, ofThrough, i >= 0);
                if (i % 2 != 0) {
                    live(direct, ofDirect, i >= 0);
                }
            }
            return List.of(Call.values()).stream()
                    .map(call -> new Row(call, of(ofDirect, call), of(ofThrough, call)))
                    .toList();
        }
    }

    private static Map<Call, Samples> samples(int lives) {
        Map<Call, Samples> samples = new EnumMap<>(Call.class);
        for (Call call : Call.values()) {
            samples.put(call, new Samples(lives));
        }
        return samples;
    }

    private static Samples of(Map<Call, Samples> samples, Call call) {
        Samples found = samples.get(call);
        if (found == null) {
            throw new IllegalStateException("no samples of " + call);
        }
        return found;
    }

    private void live(CriClient client, Map<Call, Samples> samples, boolean counts) {
        PodSandboxConfig pod = pod();
        RuntimeServiceBlockingStub cri = client.runtime();
        Timer timer = (call, made) -> {
            long begun = System.nanoTime();
            String id = made.get();
            if (counts) {
                of(samples, call).add(System.nanoTime() - begun);
            }
            return id;
        };
        try {
            live(cri, pod, timer);
        } catch (StatusRuntimeException e) {
            throw new BenchException("a pod could not live on " + runtime + ": " + e.getStatus(), e);
        }
    }

    /** Measures a call. */
    private interface Timer {
        String time(Call call, Supplier<String> made);
    }

    private void live(RuntimeServiceBlockingStub cri, PodSandboxConfig pod, Timer timer) {
        String sandbox = timer.time(
                Call.RUN_POD_SANDBOX,
                () -> cri.runPodSandbox(
                                RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                        .getPodSandboxId());
        try {
            String container = timer.time(
                    Call.CREATE_CONTAINER,
                    () -> cri.createContainer(CreateContainerRequest.newBuilder()
                                    .setPodSandboxId(sandbox)
                                    .setSandboxConfig(pod)
                                    .setConfig(container())
                                    .build())
                            .getContainerId());
            timer.time(
                    Call.START_CONTAINER,
                    () -> cri.startContainer(StartContainerRequest.newBuilder()
                                    .setContainerId(container)
                                    .build())
                            .toString());
            timer.time(
                    Call.STOP_CONTAINER,
                    () -> cri.stopContainer(StopContainerRequest.newBuilder()
                                    .setContainerId(container)
                                    .build())
                            .toString());
        } finally {
            timer.time(
                    Call.STOP_POD_SANDBOX,
                    () -> cri.stopPodSandbox(StopPodSandboxRequest.newBuilder()
                                    .setPodSandboxId(sandbox)
                                    .build())
                            .toString());
            timer.time(
                    Call.REMOVE_POD_SANDBOX,
                    () -> cri.removePodSandbox(RemovePodSandboxRequest.newBuilder()
                                    .setPodSandboxId(sandbox)
                                    .build())
                            .toString());
        }
    }

    private PodSandboxConfig pod() {
        String uid = UUID.randomUUID().toString();
        NamespaceOption host = NamespaceOption.newBuilder()
                .setNetwork(NamespaceMode.NODE)
                .setPid(NamespaceMode.CONTAINER)
                .build();
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName("bench-" + uid)
                        .setUid(uid)
                        .setNamespace("default"))
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setSecurityContext(
                                LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(host)))
                .build();
    }

    private ContainerConfig container() {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName("app"))
                .setImage(ImageSpec.newBuilder().setImage(image))
                .addCommand("sleep")
                .addArgs("1000")
                .build();
    }
}
