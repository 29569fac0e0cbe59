package io.podslice.integration.bench;

import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A runtime that answers every method with ready-made bytes, so that a call costs as little as possible. A pull takes a
 * second, a container as long as told, and a stream of events has one for each container and does not end.
 */
final class FakeRuntime {

    /** The largest message that CRI's clients and runtimes allow, in bytes. */
    private static final int LARGEST_MESSAGE = 16 << 20;

    private static final long PULL_MILLIS = 1_000;

    private FakeRuntime() {}

    /**
     * Serves until the process is ended.
     *
     * @param args the Unix socket; then, if given, the milliseconds that each container's creation takes
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        long createMillis = args.length > 1 ? Long.parseLong(args[1]) : 0;
        MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Server server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(args[0]))
                .channelType(NioServerDomainSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .fallbackHandlerRegistry(new Anything(loops, createMillis))
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .build()
                .start();
        server.awaitTermination();
    }

    private static final class Anything extends HandlerRegistry {

        private final Map<String, ServerMethodDefinition<?, ?>> methods = new ConcurrentHashMap<>();
        private final Set<ServerCallStreamObserver<byte[]>> watchers = ConcurrentHashMap.newKeySet();
        private final ScheduledExecutorService timer;
        private final long createMillis;

        Anything(ScheduledExecutorService timer, long createMillis) {
            this.timer = timer;
            this.createMillis = createMillis;
        }

        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
            return methods.computeIfAbsent(method, this::define);
        }

        private ServerMethodDefinition<Integer, byte[]> define(String method) {
            byte[] reply = Work.replyTo(method);
            return switch (method) {
                case Work.EVENTS ->
                    ServerMethodDefinition.create(
                            ByteMarshaller.streaming(method),
                            ServerCalls.asyncServerStreamingCall((request, observer) -> watch(observer)));
                case Work.PULL -> unary(method, observer -> answerLate(observer, reply, PULL_MILLIS));
                case Work.CREATE ->
                    unary(method, observer -> {
                        watchers.forEach(watcher -> tell(watcher, reply));
                        if (createMillis > 0) {
                            answerLate(observer, reply, createMillis);
                        } else {
                            answer(observer, reply);
                        }
                    });
                default -> unary(method, observer -> answer(observer, reply));
            };
        }

        private void watch(StreamObserver<byte[]> observer) {
            if (observer instanceof ServerCallStreamObserver<byte[]> watcher) {
                watcher.setOnCancelHandler(() -> watchers.remove(watcher));
                watchers.add(watcher);
            }
        }

        private static ServerMethodDefinition<Integer, byte[]> unary(
                String method, Consumer<StreamObserver<byte[]>> answer) {
            return ServerMethodDefinition.create(
                    ByteMarshaller.server(method),
                    ServerCalls.asyncUnaryCall((request, observer) -> answer.accept(observer)));
        }

        /** An observer takes one message at a time. */
        private static void tell(StreamObserver<byte[]> watcher, byte[] event) {
            synchronized (watcher) {
                watcher.onNext(event);
            }
        }

        private void answerLate(StreamObserver<byte[]> observer, byte[] reply, long millis) {
            var _ = timer.schedule(() -> answer(observer, reply), millis, TimeUnit.MILLISECONDS);
        }

        private static void answer(StreamObserver<byte[]> observer, byte[] reply) {
            observer.onNext(reply);
            observer.onCompleted();
        }
    }
}
