package io.podslice.grpc;

import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** grpc-java's server on a Unix socket, with the methods that a test gives it. Messages are bytes. */
final class GrpcServer implements AutoCloseable {
    /** Requests of the methods made by {@link #answer}, in the order they came. */
    final BlockingQueue<byte[]> requests = new LinkedBlockingQueue<>();

    private final Map<String, ServerMethodDefinition<byte[], byte[]>> methods = new ConcurrentHashMap<>();
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Server server;

    GrpcServer(Path socket) throws IOException {
        this(socket, 1 << 20);
    }

    /** @param window HTTP/2's initial window, in bytes */
    GrpcServer(Path socket, int window) throws IOException {
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelFactory(NioServerDomainSocketChannel::new)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .withChildOption(ChannelOption.SO_KEEPALIVE, null) // TCP's; a Unix socket has none
                .executor(workers)
                .flowControlWindow(window)
                .maxInboundMessageSize(16 << 20)
                .permitKeepAliveTime(1, TimeUnit.MILLISECONDS)
                .fallbackHandlerRegistry(new Methods())
                .build()
                .start();
    }

    /** Serves a method of any type. */
    void on(MethodType type, String fullName, ServerCallHandler<byte[], byte[]> handler) {
        MethodDescriptor<byte[], byte[]> method = MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(type)
                .setFullMethodName(fullName)
                .build();
        methods.put(fullName, ServerMethodDefinition.create(method, handler));
    }

    void unary(String fullName, ServerCalls.UnaryMethod<byte[], byte[]> handler) {
        on(MethodType.UNARY, fullName, ServerCalls.asyncUnaryCall(handler));
    }

    void stream(String fullName, ServerCalls.ServerStreamingMethod<byte[], byte[]> handler) {
        on(MethodType.SERVER_STREAMING, fullName, ServerCalls.asyncServerStreamingCall(handler));
    }

    /** Serves a unary method that always replies this. */
    void answer(String fullName, byte[] reply) {
        unary(fullName, (request, observer) -> {
            requests.add(request);
            observer.onNext(reply);
            observer.onCompleted();
        });
    }

    /** Returns the next request of the methods made by {@link #answer}. */
    byte[] nextRequest() throws InterruptedException {
        byte[] request = requests.poll(20, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("the server got no request");
        }
        return request;
    }

    @Override
    public void close() {
        try {
            server.shutdownNow().awaitTermination();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        workers.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Methods extends HandlerRegistry {
        @Override
        public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String fullName, @Nullable String authority) {
            return methods.get(fullName);
        }
    }

    /** Messages as the bytes that travelled. */
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
