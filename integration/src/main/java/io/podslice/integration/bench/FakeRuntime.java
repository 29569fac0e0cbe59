package io.podslice.integration.bench;

import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A runtime that answers every method with ready-made bytes, so that a call costs as little as possible. */
final class FakeRuntime {

    private FakeRuntime() {}

    /** Serves on the Unix socket given as the first argument until the process is ended. */
    public static void main(String[] args) throws IOException, InterruptedException {
        MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Server server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(args[0]))
                .channelType(NioServerDomainSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .fallbackHandlerRegistry(new Anything())
                .build()
                .start();
        server.awaitTermination();
    }

    private static final class Anything extends HandlerRegistry {

        private final Map<String, ServerMethodDefinition<?, ?>> methods = new ConcurrentHashMap<>();

        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
            return methods.computeIfAbsent(method, Anything::define);
        }

        private static ServerMethodDefinition<Integer, byte[]> define(String method) {
            byte[] reply = Work.replyTo(method);
            return ServerMethodDefinition.create(
                    ByteMarshaller.server(method), ServerCalls.asyncUnaryCall((request, observer) -> {
                        observer.onNext(reply);
                        observer.onCompleted();
                    }));
        }
    }
}
