package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Refusal;
import io.podslice.node.Verdict;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.shim.GrpcClient.Seen;
import io.podslice.shim.tap.Tap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * grpc-java at both ends, many calls of every kind at once on one connection with windows of every size: each call ends
 * as it should, nothing is mixed up, and the connection is as good afterwards as it was before. What a session does
 * follows from its seed, but for the order in which threads run.
 */
@Tag("fuzz")
class GrpcStressTest {
    private static final String CREATE = CriRig.SERVICE + "CreateContainer";
    private static final String UPDATE_POD = CriRig.SERVICE + "UpdatePodSandboxResources";
    private static final String VERSION = CriRig.SERVICE + "Version";
    private static final int[] WINDOWS = {1, 100, 5_000, 65_535, 1 << 20};
    private static final int CALLERS = 6;
    private static final int CALLS = 25;
    private static final int SESSIONS = Boolean.getBoolean("podslice.long") ? 2_000 : 25;

    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

    @Test
    void everyCallEndsAsItShould() throws Exception {
        long first = Long.getLong("podslice.stress.seed", 1);
        for (long seed = first; seed < first + SESSIONS; seed++) {
            session(seed);
            assertThat(wrong).as("session of -Dpodslice.stress.seed=%d", seed).isEmpty();
        }
    }

    private void session(long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        int window = WINDOWS[random.nextInt(WINDOWS.length)];
        int largest = (int) Math.min(300_000, 2_000L * window);
        try (CriRig rig = new CriRig(ShimOptions.defaults(), window);
                Crowd crowd = new Crowd(rig.shimSocket())) {
            if (seed % 2 == 1) {
                // The client's connection gets virtual threads.
                crowd.connect(Tap.THREADED_CONNECTIONS);
                crowd.greet(0);
            }
            serve(rig);
            rig.node.verdict = () -> verdict(rig);
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Random own = new Random(random.nextLong());
                callers.add(Thread.ofVirtual().start(() -> {
                    for (int n = 0; n < CALLS; n++) {
                        call(rig, own, largest);
                    }
                }));
            }
            for (Thread caller : callers) {
                caller.join();
            }
            rig.node.verdict = rig.node::proceed;
            byte[] last = create("0 ".repeat(largest / 2));
            check(rig.client.unary(VERSION, last), last);
            check(rig.client.unary(CREATE, last), created(last));
        }
    }

    private static void serve(CriRig rig) {
        rig.runtime
                .unary(VERSION, (request, observer) -> {
                    observer.onNext(request);
                    observer.onCompleted();
                })
                .unary(CREATE, (request, observer) -> {
                    try {
                        observer.onNext(created(request));
                        observer.onCompleted();
                    } catch (IOException e) {
                        observer.onError(Status.DATA_LOSS.withCause(e).asRuntimeException());
                    }
                });
    }

    /** The runtime says which arguments and which CPUs it read. */
    private static byte[] created(byte[] request) throws IOException {
        ContainerConfig config = CreateContainerRequest.parseFrom(request).getConfig();
        return CreateContainerResponse.newBuilder()
                .setContainerId(
                        config.getArgs(0) + config.getLinux().getResources().getCpusetCpus())
                .build()
                .toByteArray();
    }

    private static byte[] create(String argument) {
        return CreateContainerRequest.newBuilder()
                .setConfig(ContainerConfig.newBuilder().addArgs(argument))
                .build()
                .toByteArray();
    }

    private static Verdict verdict(CriRig rig) {
        return switch (ThreadLocalRandom.current().nextInt(5)) {
            case 0 -> rig.node.proceed(LinuxResources.NONE.withCpuset("0-3", ""));
            case 1 -> new Verdict.Refuse(new Refusal("Full", Refusal.Kind.EXHAUSTED, "no"));
            case 2 -> throw new IllegalStateException("disk full");
            default -> rig.node.proceed();
        };
    }

    private void call(CriRig rig, Random random, int largest) {
        String argument = random.nextInt(1000) + "x".repeat((int) Math.pow(largest, random.nextDouble()));
        byte[] request = create(argument);
        boolean hasty = random.nextInt(8) == 0;
        long micros = hasty ? random.nextInt(20_000) : TimeUnit.SECONDS.toMicros(60);
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(micros, TimeUnit.MICROSECONDS);
        if (random.nextInt(3) == 0) {
            options = options.withCompression("gzip");
        }
        String method = List.of(CREATE, CREATE, VERSION, UPDATE_POD).get(random.nextInt(4));
        if (method.equals(UPDATE_POD)) {
            request = UpdatePodSandboxResourcesRequest.newBuilder()
                    .setPodSandboxId(argument)
                    .build()
                    .toByteArray();
        }
        Metadata metadata = new Metadata();
        metadata.put(
                Metadata.Key.of("n" + random.nextInt(9), Metadata.ASCII_STRING_MARSHALLER), argument.substring(0, 1));
        Seen seen = rig.client.unary(method, request, metadata, options);
        Code code = seen.status().getCode();
        if (hasty && (code == Code.DEADLINE_EXCEEDED || code == Code.CANCELLED)) {
            return;
        }
        boolean right = switch (method) {
            case VERSION -> code == Code.OK && equal(seen, request);
            // A brain that fails lets it through, and this runtime does not know it.
            case UPDATE_POD ->
                (code == Code.OK && equal(seen, new byte[0]))
                        || code == Code.RESOURCE_EXHAUSTED
                        || code == Code.UNIMPLEMENTED;
            default ->
                code == Code.RESOURCE_EXHAUSTED
                        || (code == Code.OK && (isContainer(seen, argument) || isContainer(seen, argument + "0-3")));
        };
        if (!right) {
            wrong.add(method + " of " + request.length + " bytes: " + seen.status());
        }
    }

    private static boolean isContainer(Seen seen, String id) {
        return equal(
                seen,
                CreateContainerResponse.newBuilder().setContainerId(id).build().toByteArray());
    }

    private static boolean equal(Seen seen, byte[] expected) {
        return Arrays.equals(seen.bytes(), expected);
    }

    private void check(Seen seen, byte[] expected) {
        if (!seen.status().isOk() || !equal(seen, expected)) {
            wrong.add("afterwards: " + seen.status());
        }
    }
}
