package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxResponse;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Large messages at the heap that the service has (bin/lib/build.sh, serve_flags): all are answered, and the JVM lives. */
class HeldMemoryTest {
    private static final List<String> SERVE_FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-Xms16m",
            "-Xmn8m",
            "-Xmx64m",
            "-XX:MaxDirectMemorySize=64m",
            "-Xss512k",
            "-XX:+UseCompactObjectHeaders",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED");

    private static final String SERVICE = CriRig.SERVICE;
    private static final int MEBIBYTE = 1 << 20;

    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private GrpcRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    private Process shim;

    @BeforeEach
    void start() throws Exception {
        folder = Files.createTempDirectory("cri");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(SERVE_FLAGS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ShimProcess.class.getName()));
        command.addAll(List.of(listen().toString(), runtimeSocket().toString()));
        shim = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = shim.inputReader(StandardCharsets.UTF_8);
        assertThat(out.readLine()).isEqualTo("listening");
    }

    private Path listen() {
        return folder.resolve("cri.sock");
    }

    private Path runtimeSocket() {
        return folder.resolve("runtime.sock");
    }

    private void runtime(int window) throws Exception {
        runtime = new GrpcRuntime(runtimeSocket(), window);
        byte[] reply =
                RunPodSandboxResponse.newBuilder().setPodSandboxId("id").build().toByteArray();
        for (String method :
                List.of("RunPodSandbox", "CreateContainer", "StopPodSandbox", "UpdatePodSandboxResources", "Status")) {
            runtime.unary(SERVICE + method, (request, observer) -> {
                observer.onNext(reply);
                observer.onCompleted();
            });
        }
    }

    @AfterEach
    void stop() throws Exception {
        callers.shutdownNow();
        runtime.close();
        shim.getOutputStream().close();
        assertThat(shim.waitFor(20, TimeUnit.SECONDS)).isTrue();
        Files.deleteIfExists(listen());
        Files.deleteIfExists(runtimeSocket());
        Files.delete(folder);
    }

    private static PodSandboxConfig config(int bytes) {
        return PodSandboxConfig.newBuilder()
                .putAnnotations("example.com/large", "x".repeat(bytes))
                .build();
    }

    private static byte[] sandbox(int bytes) {
        return RunPodSandboxRequest.newBuilder()
                .setConfig(config(bytes))
                .build()
                .toByteArray();
    }

    private void allAreAnswered(int count, String method, byte[] request, CallOptions options) throws Exception {
        try (GrpcClient one = new GrpcClient(listen());
                GrpcClient other = new GrpcClient(listen())) {
            List<Future<Status>> calls = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                GrpcClient client = i % 2 == 0 ? one : other;
                calls.add(callers.submit(() -> client.unary(SERVICE + method, request, new Metadata(), options)
                        .status()));
            }
            for (Future<Status> call : calls) {
                assertThat(call.get().getCode()).as(call.get().toString()).isEqualTo(Code.OK);
            }
        }
        assertThat(shim.isAlive()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {65_535, MEBIBYTE, 20 * MEBIBYTE})
    void twoSandboxesOf15MebibytesAtOnce(int window) throws Exception {
        runtime(window);
        allAreAnswered(2, "RunPodSandbox", sandbox(15 * MEBIBYTE), GrpcClient.patient());
    }

    @ParameterizedTest
    @ValueSource(ints = {65_535, MEBIBYTE, 20 * MEBIBYTE})
    void sixtyFourSandboxesOfOneMebibyteAtOnce(int window) throws Exception {
        runtime(window);
        allAreAnswered(64, "RunPodSandbox", sandbox(MEBIBYTE), GrpcClient.patient());
    }

    @Test
    void containersThatAreRewritten() throws Exception {
        runtime(MEBIBYTE);
        byte[] request = CreateContainerRequest.newBuilder()
                .setConfig(ContainerConfig.newBuilder().putLabels("large", "x".repeat(15 * MEBIBYTE)))
                .build()
                .toByteArray();
        allAreAnswered(3, "CreateContainer", request, GrpcClient.patient());
    }

    @Test
    void callsThatAreRepeated() throws Exception {
        runtime(MEBIBYTE);
        byte[] request = UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId("id")
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                100,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFrom(new byte[15 * MEBIBYTE]))
                                        .build())
                        .build())
                .build()
                .toByteArray();
        allAreAnswered(3, "UpdatePodSandboxResources", request, GrpcClient.patient());
    }

    @Test
    void callsThatAreObserved() throws Exception {
        runtime(MEBIBYTE);
        byte[] request = StopPodSandboxRequest.newBuilder()
                .setPodSandboxId("x".repeat(MEBIBYTE))
                .build()
                .toByteArray();
        allAreAnswered(64, "StopPodSandbox", request, GrpcClient.patient());
    }

    @Test
    void messagesThatAreSmallAsTheyTravel() throws Exception {
        runtime(MEBIBYTE);
        CallOptions zipped = GrpcClient.patient().withCompression("gzip");
        allAreAnswered(12, "RunPodSandbox", sandbox(15 * MEBIBYTE), zipped);
    }
}
