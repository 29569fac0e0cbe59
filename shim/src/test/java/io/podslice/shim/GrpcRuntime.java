package io.podslice.shim;

import static org.awaitility.Awaitility.await;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** grpc-java's server on a Unix socket, with whatever methods a test gives it; it has no others. */
public final class GrpcRuntime implements AutoCloseable {
    /** The metadata of the call that a handler is in. */
    public static final Context.Key<Metadata> HEADERS = Context.key("headers");

    /** Requests of the methods made by {@link #answer} and {@link #fail}, in the order they came. */
    public final BlockingQueue<byte[]> requests = new LinkedBlockingQueue<>();

    private final Path socket;
    private final int window;
    private final Map<String, ServerMethodDefinition<byte[], byte[]>> methods = new ConcurrentHashMap<>();
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private @Nullable Server server;

    /**
     * Starts to listen.
     *
     * @param window HTTP/2's initial window, in bytes
     */
    public GrpcRuntime(Path socket, int window) throws IOException {
        this.socket = socket;
        this.window = window;
        start();
    }

    public GrpcRuntime(Path socket) throws IOException {
        this(socket, 1 << 20);
    }

    public void start() throws IOException {
        Files.deleteIfExists(socket);
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelFactory(NioServerDomainSocketChannel::new)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .withChildOption(ChannelOption.SO_KEEPALIVE, null) // TCP's, as in GrpcClient
                .executor(workers)
                .flowControlWindow(window)
                .maxInboundMessageSize(16 << 20)
                .intercept(new HeadersIntoContext())
                .fallbackHandlerRegistry(new Methods())
                .build()
                .start();
    }

    /** Ends every connection and call, and leaves a socket on which no process listens. */
    public void stop() {
        Server running = server;
        if (running != null) {
            server = null;
            await().until(running.shutdownNow()::isTerminated);
        }
    }

    /** A method of any type. */
    public GrpcRuntime on(MethodType type, String fullName, ServerCallHandler<byte[], byte[]> handler) {
        methods.put(fullName, ServerMethodDefinition.create(Bytes.method(type, fullName), handler));
        return this;
    }

    public GrpcRuntime unary(String fullName, ServerCalls.UnaryMethod<byte[], byte[]> handler) {
        return on(MethodType.UNARY, fullName, ServerCalls.asyncUnaryCall(handler));
    }

    /** A unary method that always replies this. */
    public GrpcRuntime answer(String fullName, byte[] reply) {
        return unary(fullName, (request, observer) -> {
            requests.add(request);
            observer.onNext(reply);
            observer.onCompleted();
        });
    }

    /** A unary method that always fails so. */
    public GrpcRuntime fail(String fullName, Status status, Metadata trailers) {
        return unary(fullName, (request, observer) -> {
            requests.add(request);
            observer.onError(status.asRuntimeException(trailers));
        });
    }

    public GrpcRuntime fail(String fullName, Status status) {
        return fail(fullName, status, new Metadata());
    }

    /** The next request of the methods made by {@link #answer} and {@link #fail}. */
    public byte[] nextRequest() throws InterruptedException {
        byte[] request = requests.poll(20, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("the runtime got no request");
        }
        return request;
    }

    @Override
    public void close() {
        stop();
        workers.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Methods extends HandlerRegistry {
        @Override
        public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String fullName, @Nullable String authority) {
            return methods.get(fullName);
        }
    }

    private static final class HeadersIntoContext implements ServerInterceptor {
        @Override
        public <Q, T> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, T> call, Metadata headers, ServerCallHandler<Q, T> next) {
            return Contexts.interceptCall(Context.current().withValue(HEADERS, headers), call, headers, next);
        }
    }
}
