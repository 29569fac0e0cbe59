package io.podslice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams from grpc-java's server. */
class GrpcStreamTest {
    private static final String METHOD = "s/W";

    @TempDir
    private Path folder;

    private GrpcServer server;
    private ExecutorService threads;
    private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws IOException {
        server = new GrpcServer(folder.resolve("s"));
        threads = Executors.newVirtualThreadPerTaskExecutor();
    }

    @AfterEach
    void stop() throws InterruptedException {
        threads.shutdownNow();
        server.close();
    }

    private GrpcCall newCall() {
        return new GrpcCall(new UnixSocket("the kubelet", folder.resolve("s"), Duration.ofSeconds(5)));
    }

    private GrpcStatus stream(GrpcCall call, MessageConsumer consumer) throws IOException {
        return call.stream("/" + METHOD, List.of(), ByteBuffer.wrap(new byte[] {1}), Keepalive.DEFAULT, consumer);
    }

    private void receive(ByteBuffer message) {
        received.add(bytes(message));
    }

    private static byte[] bytes(ByteBuffer from) {
        byte[] bytes = new byte[from.remaining()];
        from.duplicate().get(bytes);
        return bytes;
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ((i * 31) >> 3);
        }
        return bytes;
    }

    private byte[] nextReceived() throws InterruptedException {
        byte[] next = received.poll(30, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no message came");
        }
        return next;
    }

    @Test
    void messagesOfEverySizeComeWholeAndInOrderThenTheStatus() throws Exception {
        List<byte[]> sent = List.of(
                new byte[0], pattern(1), pattern(16_379), pattern(16_380), pattern(5 << 20), new byte[0], pattern(7));
        server.stream(METHOD, (request, observer) -> {
            server.requests.add(request);
            sent.forEach(observer::onNext);
            observer.onCompleted();
        });
        assertThat(stream(newCall(), this::receive)).isEqualTo(new GrpcStatus(GrpcStatus.OK, ""));
        assertThat(new ArrayList<>(received)).containsExactlyElementsOf(sent);
        assertThat(server.nextRequest()).containsExactly(1);
    }

    @Test
    void manySmallMessagesComeInOrder() throws Exception {
        server.stream(METHOD, (request, observer) -> {
            for (int i = 0; i < 20_000; i++) {
                observer.onNext(ByteBuffer.allocate(4).putInt(i).array());
            }
            observer.onCompleted();
        });
        AtomicInteger next = new AtomicInteger();
        GrpcStatus status =
                stream(newCall(), message -> assertThat(message.getInt(0)).isEqualTo(next.getAndIncrement()));
        assertThat(status.isOk()).isTrue();
        assertThat(next).hasValue(20_000);
    }

    @Test
    void anErrorEndsItAfterTheMessagesBeforeIt() throws Exception {
        server.stream(METHOD, (request, observer) -> {
            observer.onNext(pattern(3));
            observer.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription("watch client channel closed")
                    .asRuntimeException());
        });
        GrpcStatus end = stream(newCall(), this::receive);
        assertThat(end).isEqualTo(new GrpcStatus(GrpcStatus.RESOURCE_EXHAUSTED, "watch client channel closed"));
        assertThat(received).hasSize(1);
    }

    @Test
    void aMethodThatTheServerLacksIsUnimplemented() throws Exception {
        assertThat(stream(newCall(), this::receive).code()).isEqualTo(GrpcStatus.UNIMPLEMENTED);
    }

    @Test
    void aSlowConsumerSlowsTheServer() throws Exception {
        int size = 64 << 10;
        int all = 1000;
        AtomicInteger sent = new AtomicInteger();
        server.stream(METHOD, (request, observer) -> {
            ServerCallStreamObserver<byte[]> ready = (ServerCallStreamObserver<byte[]>) observer;
            ready.setOnReadyHandler(() -> {
                while (ready.isReady() && sent.get() < all) {
                    ready.onNext(new byte[size]);
                    if (sent.incrementAndGet() == all) {
                        ready.onCompleted();
                    }
                }
            });
        });
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger taken = new AtomicInteger();
        Future<GrpcStatus> end = threads.submit(() -> stream(newCall(), message -> {
            begun.countDown();
            await(goOn);
            taken.incrementAndGet();
        }));
        await(begun);
        int before;
        do {
            before = sent.get();
            Thread.sleep(500);
        } while (sent.get() != before);
        // The window, what the sockets hold, and what the server has in line: 64 MB it is not.
        assertThat(sent.get()).isLessThan(all / 10);
        goOn.countDown();
        assertThat(end.get(50, TimeUnit.SECONDS).isOk()).isTrue();
        assertThat(taken).hasValue(all);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(50, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Serves the method with one message, after which nothing comes; counts down when the client ends the call. */
    private CountDownLatch serveOneAndNoMore() {
        CountDownLatch cancelled = new CountDownLatch(1);
        server.stream(METHOD, (request, observer) -> {
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
            observer.onNext(pattern(2));
        });
        return cancelled;
    }

    @Test
    void anotherThreadCancelsItWhileNothingComes() throws Exception {
        CountDownLatch cancelled = serveOneAndNoMore();
        GrpcCall call = newCall();
        Future<GrpcStatus> end = threads.submit(() -> stream(call, this::receive));
        nextReceived();
        call.cancel();
        assertThatThrownBy(() -> end.get(20, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(IOException.class)
                .cause()
                .hasMessage("cancelled");
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void cancelledWhileTheConsumerIsAtWorkItEndsAfterThat() throws Exception {
        CountDownLatch cancelled = serveOneAndNoMore();
        GrpcCall call = newCall();
        assertThatThrownBy(() -> stream(call, message -> {
                    call.cancel();
                    receive(message);
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("cancelled");
        assertThat(received).hasSize(1);
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void cancelledBeforeItBeginsItDoesNotBegin() {
        serveOneAndNoMore();
        GrpcCall call = newCall();
        call.cancel();
        assertThatThrownBy(() -> stream(call, this::receive))
                .isInstanceOf(IOException.class)
                .hasMessage("cancelled");
        assertThat(received).isEmpty();
    }

    @Test
    void aConsumerThatFailsEndsItWithItsOwnException() throws Exception {
        CountDownLatch cancelled = serveOneAndNoMore();
        assertThatThrownBy(() -> stream(newCall(), message -> {
                    throw new IOException("no pod");
                }))
                .hasMessage("no pod");
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aMessageAboveTheBoundEndsItWithBothNumbers() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        server.stream(METHOD, (request, observer) -> {
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
            observer.onNext(new byte[1000]);
            observer.onNext(new byte[1001]);
        });
        UnixSocket socket = new UnixSocket("the kubelet", folder.resolve("s"), Duration.ofSeconds(5));
        assertThatThrownBy(() -> stream(new GrpcCall(socket, 1000), this::receive))
                .isInstanceOf(IOException.class)
                .hasMessage("the kubelet sent a message of 1001 bytes, above 1000");
        assertThat(received).hasSize(1);
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anIdleStreamStaysOpenWhileTheServerAnswersPings() throws Exception {
        BlockingQueue<StreamObserver<byte[]>> observers = new LinkedBlockingQueue<>();
        server.stream(METHOD, (request, observer) -> {
            observer.onNext(pattern(2));
            observers.add(observer);
        });
        Keepalive eager = new Keepalive(Duration.ofMillis(100), Duration.ofSeconds(30));
        Future<GrpcStatus> end = threads.submit(
                () -> newCall().stream("/" + METHOD, List.of(), ByteBuffer.allocate(0), eager, this::receive));
        nextReceived();
        Thread.sleep(2000);
        assertThat(end.isDone()).isFalse();
        StreamObserver<byte[]> observer = observers.take();
        observer.onNext(pattern(9));
        assertThat(nextReceived()).isEqualTo(pattern(9));
        observer.onCompleted();
        assertThat(end.get(20, TimeUnit.SECONDS).isOk()).isTrue();
    }

    @Test
    void aServerThatEndsBreaksIt() throws Exception {
        serveOneAndNoMore();
        Future<GrpcStatus> end = threads.submit(() -> stream(newCall(), this::receive));
        nextReceived();
        server.close();
        // Netty ends its streams with a status or closes the connection, whichever is first.
        try {
            assertThat(end.get(20, TimeUnit.SECONDS).isOk()).isFalse();
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e).cause().isInstanceOf(IOException.class).hasMessageStartingWith("the kubelet ");
        }
    }

    @Test
    void serversTakeThePingsOfTheDefault() {
        assertThat(Keepalive.DEFAULT.after()).isGreaterThan(Duration.ofMinutes(5));
        assertThatThrownBy(() -> new Keepalive(Duration.ZERO, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
