package io.podslice.shim;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** grpc-java's client on a Unix socket. */
final class GrpcClient implements AutoCloseable {
    private static final int MESSAGE_LIMIT = 16 << 20;
    private static final long LONGEST_DEADLINE_MILLIS = 10_000;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ManagedChannel channel;

    /**
     * A client of one connection.
     *
     * @param window HTTP/2's initial window, in bytes
     */
    GrpcClient(Path socket, int window) {
        channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelFactory(NioDomainSocketChannel::new)
                .eventLoopGroup(loop)
                .withOption(ChannelOption.SO_KEEPALIVE, null) // TCP's, which gRPC would ask for and Netty warn of
                .usePlaintext()
                .overrideAuthority("localhost")
                .flowControlWindow(window)
                .maxInboundMessageSize(MESSAGE_LIMIT)
                .build();
    }

    GrpcClient(Path socket) {
        this(socket, 1 << 20);
    }

    /** All that a client sees of a call. */
    record Seen(
            Status status,
            @Nullable ByteString reply,
            @Nullable Metadata headers,
            @Nullable Metadata trailers) {

        byte[] bytes() {
            if (reply == null) {
                throw new AssertionError("no reply, but " + status);
            }
            return reply.toByteArray();
        }

        @Nullable
        String message() {
            return status.getDescription();
        }
    }

    /** No call of a test may hang for ever; the time runs from now on. */
    static CallOptions patient() {
        return CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    Channel channel() {
        return channel;
    }

    /** A unary call with these metadata. */
    Seen unary(String fullName, byte[] request, Metadata metadata, CallOptions options) {
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        Channel seeing = ClientInterceptors.intercept(
                channel,
                MetadataUtils.newAttachHeadersInterceptor(metadata),
                MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
        try {
            byte[] reply =
                    ClientCalls.blockingUnaryCall(seeing, Bytes.method(MethodType.UNARY, fullName), options, request);
            return new Seen(Status.OK, ByteString.copyFrom(reply), headers.get(), trailers.get());
        } catch (StatusRuntimeException e) {
            return new Seen(e.getStatus(), null, headers.get(), trailers.get());
        }
    }

    Seen unary(String fullName, byte[] request) {
        return unary(fullName, request, new Metadata(), patient());
    }

    /**
     * A call whose deadline passes after it has got somewhere, and not on the way there: with ever longer deadlines,
     * for a busy machine may take longer than the first.
     *
     * @param there whether it has got there
     */
    Seen unaryPastDeadline(String fullName, byte[] request, BooleanSupplier there) {
        for (long millis = 200; ; millis *= 2) {
            CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(millis, TimeUnit.MILLISECONDS);
            Seen seen = unary(fullName, request, new Metadata(), options);
            if (there.getAsBoolean() || millis > LONGEST_DEADLINE_MILLIS) {
                return seen;
            }
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
