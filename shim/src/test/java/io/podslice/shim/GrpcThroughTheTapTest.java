package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Refusal;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.shim.GrpcClient.Seen;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** grpc-java's client and server with the shim between them: neither can tell, held or not. */
class GrpcThroughTheTapTest {
    private static final String CREATE = CriRig.SERVICE + "CreateContainer";
    private static final String VERSION = CriRig.SERVICE + "Version";
    private static final String LATER = "runtime.v9.LaterService/Later";

    private static final Metadata.Key<String> TEXT = Metadata.Key.of("x-text", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<byte[]> BINARY = Metadata.Key.of("x-bytes-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private static final byte[] CREATED =
            CreateContainerResponse.newBuilder().setContainerId("c1").build().toByteArray();

    private CriRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new CriRig();
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    private void smallWindows(int window) throws IOException {
        rig.close();
        rig = new CriRig(ShimOptions.defaults(), window);
    }

    /** A CreateContainerRequest of about that many bytes, all different enough not to hide a mix-up. */
    private static byte[] create(int size) {
        StringBuilder argument = new StringBuilder(size);
        for (int i = 0; argument.length() < size; i++) {
            argument.append(i).append(' ');
        }
        argument.setLength(size);
        return CreateContainerRequest.newBuilder()
                .setPodSandboxId("sb1")
                .setConfig(ContainerConfig.newBuilder().addArgs(argument.toString()))
                .build()
                .toByteArray();
    }

    private static byte[] withCpus(byte[] request, String cpus) throws IOException {
        CreateContainerRequest.Builder builder = CreateContainerRequest.parseFrom(request).toBuilder();
        builder.getConfigBuilder().getLinuxBuilder().getResourcesBuilder().setCpusetCpus(cpus);
        return builder.build().toByteArray();
    }

    private void rewriteTo(String cpus) {
        rig.node.verdict = () -> rig.node.proceed(LinuxResources.NONE.withCpuset(cpus, ""));
    }

    private static Metadata metadata(String text, int... bytes) {
        byte[] binary = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            binary[i] = (byte) bytes[i];
        }
        Metadata metadata = new Metadata();
        metadata.put(TEXT, text);
        metadata.put(BINARY, binary);
        return metadata;
    }

    private static void hasMetadata(@Nullable Metadata seen, String text, int... bytes) {
        assertThat(seen).isNotNull().satisfies(metadata -> {
            assertThat(metadata.get(TEXT)).isEqualTo(text);
            assertThat(metadata.get(BINARY)).containsExactly(bytes);
        });
    }

    // ---- Metadata, trailers, errors

    @ParameterizedTest
    @ValueSource(strings = {VERSION, CREATE, LATER})
    void metadataAndTrailersArriveAsTheyWere(String method) throws Exception {
        LinkedBlockingQueue<Metadata> arrived = new LinkedBlockingQueue<>();
        rig.runtime.on(MethodType.UNARY, method, (call, headers) -> {
            arrived.add(headers);
            call.request(2);
            return new ServerCall.Listener<>() {
                @Override
                public void onHalfClose() {
                    call.sendHeaders(metadata("from the runtime", 0, 255));
                    call.sendMessage(CREATED);
                    call.close(Status.OK, metadata("at the end", 1, 2, 3));
                }
            };
        });
        Seen seen = rig.client.unary(method, create(10), metadata("from the client", 128, 7), GrpcClient.patient());
        assertThat(seen.bytes()).isEqualTo(CREATED);
        hasMetadata(seen.headers(), "from the runtime", 0, -1);
        hasMetadata(seen.trailers(), "at the end", 1, 2, 3);
        hasMetadata(arrived.take(), "from the client", -128, 7);
    }

    @ParameterizedTest
    @ValueSource(strings = {VERSION, CREATE, LATER})
    void errorsArriveWithTextAndTrailers(String method) {
        rig.runtime.fail(
                method, Status.ALREADY_EXISTS.withDescription("\u00fc 100 %\n\"there\""), metadata("details", 9));
        Seen seen = rig.client.unary(method, create(10));
        assertThat(seen.status().getCode()).isEqualTo(Code.ALREADY_EXISTS);
        assertThat(seen.message()).isEqualTo("\u00fc 100 %\n\"there\"");
        hasMetadata(seen.trailers(), "details", 9);
    }

    @Test
    void aMethodThatIsUnknownIsLeftToTheRuntimeToRefuse() {
        Seen seen = rig.client.unary(LATER, new byte[100]);
        assertThat(seen.status().getCode()).isEqualTo(Code.UNIMPLEMENTED);
        assertThat(seen.message()).isEqualTo("Method not found: " + LATER);
    }

    @Test
    void theHeaderTablesTurnOverManyTimes() {
        rig.runtime.answer(CREATE, CREATED).answer(VERSION, CREATED);
        // The tables have 4 KiB: every call throws out what the one before put in.
        for (int i = 0; i < 200; i++) {
            Metadata large = metadata("x".repeat(4000) + i, i);
            String method = i % 3 == 0 ? CREATE : VERSION;
            assertThat(rig.client
                            .unary(method, create(10), large, GrpcClient.patient())
                            .bytes())
                    .isEqualTo(CREATED);
        }
    }

    // ---- Deadlines and cancellation

    @ParameterizedTest
    @ValueSource(strings = {VERSION, CREATE, LATER})
    void aDeadlineIsSeenByTheRuntimeAndEndsTheCallThere(String method) throws Exception {
        LinkedBlockingQueue<Boolean> hasDeadline = new LinkedBlockingQueue<>();
        CountDownLatch cancelled = new CountDownLatch(1);
        rig.runtime.unary(method, (request, observer) -> {
            hasDeadline.add(Context.current().getDeadline() != null);
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
        });
        Seen seen = rig.client.unaryPastDeadline(method, create(10), () -> !hasDeadline.isEmpty());
        assertThat(seen.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(hasDeadline.poll(20, TimeUnit.SECONDS)).isTrue();
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aDeadlineThatPassesWhileTheBrainThinksGivesBackWhatItThenDecides() throws Exception {
        rig.runtime.answer(CREATE, CREATED);
        CountDownLatch thought = new CountDownLatch(1);
        rig.node.verdict = () -> {
            try {
                thought.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return rig.node.proceed();
        };
        Seen seen = rig.client.unaryPastDeadline(CREATE, create(10), () -> !rig.node.told.isEmpty());
        assertThat(seen.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
        // A call on the same connection comes behind the RST_STREAM: by its answer the tap has seen that.
        rig.runtime.answer(VERSION, CREATED);
        assertThat(rig.client.unary(VERSION, new byte[0]).bytes()).isEqualTo(CREATED);
        thought.countDown();
        assertThat(rig.node.nextTold()).isEqualTo("createContainer ");
        assertThat(rig.node.nextTold()).isEqualTo("failed");
        assertThat(rig.runtime.requests).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {VERSION, CREATE, LATER})
    void aCallThatTheClientCancelsEndsInTheRuntime(String method) throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        rig.runtime.unary(method, (request, observer) -> {
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
            arrived.complete(null);
        });
        ClientCall<byte[], byte[]> call =
                rig.client.channel().newCall(Bytes.method(MethodType.UNARY, method), CallOptions.DEFAULT);
        LinkedBlockingQueue<Status> ended = new LinkedBlockingQueue<>();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.add(status);
                    }
                },
                new Metadata());
        call.sendMessage(create(10));
        call.halfClose();
        call.request(1);
        arrived.get(20, TimeUnit.SECONDS);
        call.cancel("enough", null);
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(ended.take().getCode()).isEqualTo(Code.CANCELLED);
    }

    // ---- Compression

    private static ServerCallHandler<byte[], byte[]> compressing(List<byte[]> requests) {
        return (call, headers) -> {
            call.setCompression("gzip");
            call.request(2);
            return new ServerCall.Listener<>() {
                @Override
                public void onMessage(byte[] message) {
                    requests.add(message);
                }

                @Override
                public void onHalfClose() {
                    call.sendHeaders(new Metadata());
                    call.setMessageCompression(true);
                    call.sendMessage(CREATED);
                    call.close(Status.OK, new Metadata());
                }
            };
        };
    }

    @ParameterizedTest
    @CsvSource({"1000", "300000", "5000000"})
    void compressedMessagesPassAndAreReadAndRewritten(int size) throws Exception {
        List<byte[]> requests = new ArrayList<>();
        rig.runtime
                .on(MethodType.UNARY, CREATE, compressing(requests))
                .on(MethodType.UNARY, VERSION, compressing(requests));
        CallOptions gzip = GrpcClient.patient().withCompression("gzip");
        byte[] request = create(size);
        assertThat(rig.client.unary(VERSION, request, new Metadata(), gzip).bytes())
                .isEqualTo(CREATED);
        assertThat(rig.client.unary(CREATE, request, new Metadata(), gzip).bytes())
                .isEqualTo(CREATED);
        assertThat(rig.node.told).containsExactly("createContainer ", "succeeded c1");
        rewriteTo("0-3");
        assertThat(rig.client.unary(CREATE, request, new Metadata(), gzip).bytes())
                .isEqualTo(CREATED);
        assertThat(requests).containsExactly(request, request, withCpus(request, "0-3"));
    }

    // ---- Size and flow control

    @ParameterizedTest
    @CsvSource({"1, 3000", "100, 100000", "5000, 1000000", "65535, 3000000", "1048576, 16000000"})
    void messagesLargerThanTheWindowPassHeldRewrittenAndRefused(int window, int size) throws Exception {
        smallWindows(window);
        byte[] request = create(size);
        rig.runtime.answer(CREATE, CREATED).answer(VERSION, request);
        assertThat(rig.client.unary(VERSION, request).bytes()).isEqualTo(request);
        assertThat(rig.runtime.nextRequest()).isEqualTo(request);

        assertThat(rig.client.unary(CREATE, request).bytes()).isEqualTo(CREATED);
        assertThat(rig.runtime.nextRequest()).isEqualTo(request);

        rewriteTo("0-3,8");
        assertThat(rig.client.unary(CREATE, request).bytes()).isEqualTo(CREATED);
        assertThat(rig.runtime.nextRequest()).isEqualTo(withCpus(request, "0-3,8"));

        rig.node.refuse("Full", Refusal.Kind.EXHAUSTED, "no");
        for (int i = 0; i < 5; i++) {
            assertThat(rig.client.unary(CREATE, request).status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        }
        // What was held and refused has not used the connection's credit up.
        assertThat(rig.client.unary(VERSION, request).bytes()).isEqualTo(request);
        assertThat(rig.runtime.nextRequest()).isEqualTo(request);
    }

    @Test
    void sixteenMebibytesPassAndNoMoreAreHeld() throws Exception {
        byte[] largest = create((16 << 20) - 15);
        assertThat(largest.length).isEqualTo(16 << 20);
        rig.runtime.answer(CREATE, CREATED).answer(VERSION, largest);
        assertThat(rig.client.unary(VERSION, largest).bytes()).isEqualTo(largest);
        assertThat(rig.runtime.nextRequest()).isEqualTo(largest);
        assertThat(rig.client.unary(CREATE, largest).bytes()).isEqualTo(CREATED);
        assertThat(rig.runtime.nextRequest()).isEqualTo(largest);

        Seen seen = rig.client.unary(CREATE, create(16 << 20));
        assertThat(seen.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(seen.message()).startsWith("grpc: received message larger than max (167772");
        assertThat(rig.client.unary(CREATE, create(10)).bytes()).isEqualTo(CREATED);
    }

    @Test
    void manyHeldCallsAtOnceOnOneConnection() throws Exception {
        smallWindows(20_000);
        rig.runtime.unary(CREATE, (request, observer) -> {
            observer.onNext(CREATED);
            observer.onCompleted();
        });
        rewriteTo("1,3,5");
        List<Thread> callers = new ArrayList<>();
        LinkedBlockingQueue<Status> ended = new LinkedBlockingQueue<>();
        for (int i = 0; i < 16; i++) {
            int size = 1000 + 7000 * i;
            callers.add(Thread.ofVirtual().start(() -> {
                for (int n = 0; n < 5; n++) {
                    ended.add(rig.client.unary(CREATE, create(size)).status());
                }
            }));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(ended).hasSize(80).allMatch(Status::isOk);
        assertThat(rig.node.told)
                .hasSize(160)
                .filteredOn("succeeded c1"::equals)
                .hasSize(80);
    }

    // ---- Streams

    @Test
    void aServersStreamComesWholeThroughASmallWindow() throws Exception {
        smallWindows(1000);
        rig.runtime.on(MethodType.SERVER_STREAMING, LATER, ServerCalls.asyncServerStreamingCall((request, observer) -> {
            for (int i = 0; i < 2000; i++) {
                observer.onNext(create(i));
            }
            observer.onCompleted();
        }));
        Iterator<byte[]> replies = ClientCalls.blockingServerStreamingCall(
                rig.client.channel(),
                Bytes.method(MethodType.SERVER_STREAMING, LATER),
                GrpcClient.patient(),
                new byte[0]);
        for (int i = 0; i < 2000; i++) {
            assertThat(replies.next()).isEqualTo(create(i));
        }
        assertThat(replies.hasNext()).isFalse();
    }

    @Test
    void aStreamThatTheClientLeavesEndsInTheRuntime() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        rig.runtime.on(MethodType.SERVER_STREAMING, LATER, ServerCalls.asyncServerStreamingCall((request, observer) -> {
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
            observer.onNext(CREATED);
        }));
        Context.CancellableContext leaving = Context.current().withCancellation();
        leaving.run(() -> {
            Iterator<byte[]> replies = ClientCalls.blockingServerStreamingCall(
                    rig.client.channel(),
                    Bytes.method(MethodType.SERVER_STREAMING, LATER),
                    CallOptions.DEFAULT,
                    new byte[0]);
            assertThat(replies.next()).isEqualTo(CREATED);
        });
        leaving.cancel(null);
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void bothSidesMayStreamByTurns() throws Exception {
        rig.runtime.on(MethodType.BIDI_STREAMING, LATER, ServerCalls.asyncBidiStreamingCall(Echo::new));
        LinkedBlockingQueue<String> echoes = new LinkedBlockingQueue<>();
        StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(
                rig.client.channel().newCall(Bytes.method(MethodType.BIDI_STREAMING, LATER), GrpcClient.patient()),
                new StreamObserver<>() {
                    @Override
                    public void onNext(byte[] value) {
                        echoes.add("" + value[0]);
                    }

                    @Override
                    public void onError(Throwable t) {
                        echoes.add(t.toString());
                    }

                    @Override
                    public void onCompleted() {
                        echoes.add("end");
                    }
                });
        for (byte i = 0; i < 100; i++) {
            requests.onNext(new byte[] {i});
            assertThat(echoes.take()).isEqualTo("" + i);
        }
        requests.onCompleted();
        assertThat(echoes.take()).isEqualTo("end");
    }

    private record Echo(StreamObserver<byte[]> replies) implements StreamObserver<byte[]> {
        @Override
        public void onNext(byte[] value) {
            replies.onNext(value);
        }

        @Override
        public void onError(Throwable t) {
            replies.onError(t);
        }

        @Override
        public void onCompleted() {
            replies.onCompleted();
        }
    }

    /** While one call is held, the others of the connection go their way. */
    @Test
    void aHeldCallHoldsNoOtherCall() throws Exception {
        rig.runtime.answer(CREATE, CREATED).answer(VERSION, CREATED);
        CountDownLatch thought = new CountDownLatch(1);
        rig.node.verdict = () -> {
            try {
                thought.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return rig.node.proceed();
        };
        CompletableFuture<Seen> held = CompletableFuture.supplyAsync(() -> rig.client.unary(CREATE, create(100_000)));
        await().until(() -> !rig.node.told.isEmpty());
        for (int i = 0; i < 50; i++) {
            assertThat(rig.client.unary(VERSION, create(50_000)).bytes()).isEqualTo(CREATED);
        }
        assertThat(held).isNotDone();
        thought.countDown();
        assertThat(held.get(20, TimeUnit.SECONDS).bytes()).isEqualTo(CREATED);
        assertThat(Set.copyOf(rig.node.told)).contains("succeeded c1");
    }
}
