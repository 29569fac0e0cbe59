package io.podslice.simulator.runtime;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.proto.channel.UnixChannels;
import io.podslice.proto.cri.v1.ContainerState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A CRI runtime on a Unix socket that runs no containers: it keeps containerd's books, gives containerd's errors, and
 * writes to the cgroup tree what runc would write. Its state outlives {@link #die} and {@link #start}, as containerd's
 * outlives a restart. Any thread may call it.
 */
public final class SimulatedRuntime implements AutoCloseable {
    private static final int MESSAGE_LIMIT = 16 << 20;

    private final Path socket;
    private final RuntimeState state;
    private final Faults faults = new Faults();
    private final ContainerCalls containers;
    private final RuntimeCalls runtimeCalls;
    private final ImageCalls imageCalls;
    private @Nullable Serving serving;

    private record Serving(
            Server server,
            AcceptedConnections accepted,
            EventLoopGroup listener,
            EventLoopGroup connections,
            ExecutorService workers) {}

    /**
     * @param socket the socket to listen on; its folder must exist
     * @param files the tree in which it makes cgroups
     * @param processes starts and ends its containers' processes
     * @param podUpdates its support of UpdatePodSandboxResources
     * @param clock for created, started and finished times
     * @param random for ids
     */
    public SimulatedRuntime(
            Path socket,
            CgroupFiles files,
            Processes processes,
            PodUpdateSupport podUpdates,
            InstantSource clock,
            RandomGenerator random) {
        this.socket = socket;
        this.state = new RuntimeState(files, processes, podUpdates, clock, random);
        CallRunner runner = new CallRunner(state, faults, this::die);
        this.containers = new ContainerCalls(state);
        this.runtimeCalls = new RuntimeCalls(runner, state.events, new PodCalls(state, containers), containers);
        this.imageCalls = new ImageCalls(state, runner);
    }

    /** Returns the faults planned for calls to come. */
    public Faults faults() {
        return faults;
    }

    /** Returns the socket on which it listens. */
    public Path socket() {
        return socket;
    }

    /** Adds an image, as if it had been pulled. */
    public void addImage(String reference) {
        synchronized (state) {
            state.images.put(reference, ImageCalls.idOf(reference));
        }
    }

    /**
     * Ends a running container's process, as if it had exited by itself.
     *
     * @throws IllegalArgumentException if no container of that id is running
     */
    public void exit(String containerId, int exitCode) {
        synchronized (state) {
            ContainerEntry container = state.containers.find(containerId);
            if (container == null || container.state != ContainerState.CONTAINER_RUNNING) {
                throw new IllegalArgumentException("container \"" + containerId + "\" is not running");
            }
            containers.exit(container, exitCode);
        }
    }

    /**
     * Starts to listen, also after {@link #die}; a socket left behind is replaced.
     *
     * @throws UncheckedIOException if it cannot listen there
     */
    public synchronized void start() {
        if (serving != null) {
            throw new IllegalStateException("already listening on " + socket);
        }
        EventLoopGroup listener = UnixChannels.eventLoop();
        EventLoopGroup connections = UnixChannels.eventLoop();
        ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
        AcceptedConnections accepted = new AcceptedConnections();
        Server server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelFactory(() -> {
                    ServerChannel channel = UnixChannels.listening();
                    channel.pipeline().addFirst(accepted);
                    return channel;
                })
                .bossEventLoopGroup(listener)
                .workerEventLoopGroup(connections)
                .executor(workers)
                .maxInboundMessageSize(MESSAGE_LIMIT)
                .addService(runtimeCalls)
                .addService(imageCalls)
                .build();
        serving = new Serving(server, accepted, listener, connections, workers);
        unlink();
        try {
            var _ = server.start();
        } catch (IOException e) {
            die();
            throw new UncheckedIOException("cannot listen on " + socket, e);
        }
    }

    /** Stops as if killed: every connection breaks at once, and the socket no longer accepts any. Pods keep running. */
    public synchronized void die() {
        Serving gone = serving;
        if (gone != null) {
            serving = null;
            unlink();
            // The connections first, as they are.
            gone.accepted.sever();
            gone.connections.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            gone.server.shutdownNow();
            gone.listener.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            gone.workers.shutdown();
        }
    }

    /** Stops listening, ends every call, and removes the socket. */
    @Override
    public synchronized void close() {
        if (serving != null) {
            awaitEnd(serving.server.shutdownNow());
        }
        die();
    }

    private void unlink() {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + socket, e);
        }
    }

    private static void awaitEnd(Server server) {
        try {
            server.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
