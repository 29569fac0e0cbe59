package io.podslice.simulator.runtime;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.proto.cri.v1.ContainerState;
import io.podslice.simulator.libcontainer.CgroupfsLibcontainer;
import io.podslice.simulator.libcontainer.Libcontainer;
import io.podslice.simulator.socket.UnixServer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A CRI runtime on a Unix socket that runs no containers: it keeps containerd's books, gives containerd's errors, and
 * writes to the cgroup tree what runc would write. Its state outlives {@link #die} and {@link #start}, as containerd's
 * outlives a restart. Any thread may call it.
 */
public final class SimulatedRuntime implements AutoCloseable {
    private final RuntimeState state;
    private final Faults faults = new Faults();
    private final ContainerCalls containers;
    private final UnixServer server;

    /** A runtime with the cgroupfs driver; the parameters are those of the other constructor. */
    public SimulatedRuntime(
            Path socket,
            CgroupFiles files,
            Processes processes,
            PodUpdateSupport podUpdates,
            InstantSource clock,
            RandomGenerator random) {
        this(socket, new CgroupfsLibcontainer(files), processes, podUpdates, clock, random);
    }

    /**
     * @param socket the socket to listen on; its folder must exist
     * @param libcontainer makes its cgroups, with the driver that it reports by RuntimeConfig
     * @param processes starts and ends its containers' processes
     * @param podUpdates its support of UpdatePodSandboxResources
     * @param clock for created, started and finished times
     * @param random for ids
     */
    public SimulatedRuntime(
            Path socket,
            Libcontainer libcontainer,
            Processes processes,
            PodUpdateSupport podUpdates,
            InstantSource clock,
            RandomGenerator random) {
        this.state = new RuntimeState(libcontainer, processes, podUpdates, clock, random);
        CallRunner runner = new CallRunner(state, faults, this::die);
        this.containers = new ContainerCalls(state);
        this.server = new UnixServer(
                socket,
                List.of(
                        new RuntimeCalls(
                                runner,
                                state.events,
                                new PodCalls(state, containers),
                                containers,
                                libcontainer.driver()),
                        new ImageCalls(state, runner)));
    }

    /** Returns the faults planned for calls to come. */
    public Faults faults() {
        return faults;
    }

    /** Returns the socket on which it listens. */
    public Path socket() {
        return server.socket();
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
    public void start() {
        server.start();
    }

    /** Stops as if killed: every connection breaks at once, and the socket no longer accepts any. Pods keep running. */
    public void die() {
        server.die();
    }

    /** Stops listening, ends every call, and removes the socket. */
    @Override
    public void close() {
        server.close();
    }
}
