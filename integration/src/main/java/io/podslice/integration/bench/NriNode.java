package io.podslice.integration.bench;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.DeviceLocality;
import io.podslice.node.Door;
import io.podslice.node.NodeConfig;
import io.podslice.node.PlanListener;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.Promise;
import io.podslice.node.brain.StateFolder;
import io.podslice.nri.NriDoor;
import io.podslice.nri.NriOptions;
import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.Event;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.nri.NriPod;
import io.podslice.simulator.nri.NriRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** A simulated node with the real plugin and brain, and a runtime's end of NRI that sends them the events of pods. */
final class NriNode implements AutoCloseable {
    /** Of the pods that stay, one in this many has exclusive CPUs. */
    private static final int PINNED_IN = 12;

    private static final long GI = 1L << 30;
    private static final Machine MACHINE = Machine.regular(2, 1, 64, 2, 256 * GI);
    private static final String CONTROLLERS = "+cpu +cpuset +memory";
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");

    private final String name;
    private final SimulatedCgroups kernel = new SimulatedCgroups(MACHINE);
    private final TimedDisk disk;
    private final NriRuntime runtime;
    private final NriDoor door;
    private int pods;

    /** @param folder the folder of the state, and of the runtime's socket */
    NriNode(String name, Path folder) throws IOException, InterruptedException {
        this.name = name;
        make(KUBEPODS);
        make(KUBEPODS.child("burstable"));
        make(KUBEPODS.child("besteffort"));
        disk = new TimedDisk(StateFolder.disk(folder.resolve("state")));
        NodeConfig config = NodeConfig.DEFAULT;
        NodeBrain brain = new NodeBrain(
                config,
                MACHINE,
                kernel,
                new PodPlacer(MACHINE, config.policy()),
                DeviceLocality.NONE,
                new StateFolder(disk, Clock.systemUTC(), ""),
                Clock.systemUTC(),
                PlanListener.NONE);
        Path socket = folder.resolve("nri.sock");
        // Far more than containerd's 2 s: an event that takes longer must be measured, not refused.
        runtime = new NriRuntime(socket, Duration.ofSeconds(30));
        door = NriDoor.external(
                new NriOptions(socket, "podslice", "10"), Promise.about(brain).door(Door.NRI));
        try {
            runtime.accept(List.of(), List.of());
        } catch (TtrpcException e) {
            close();
            throw new BenchException("the plugin does not register: " + e.getMessage(), e);
        }
    }

    private void make(CgroupPath path) {
        if (!kernel.exists(path)) {
            kernel.create(path);
        }
        kernel.write(path.parent().orElse(CgroupPath.ROOT), "cgroup.subtree_control", CONTROLLERS);
        kernel.write(path, "cgroup.subtree_control", CONTROLLERS);
    }

    String name() {
        return name;
    }

    /** Starts pods that stay, until there are as many as wanted. */
    void fill(int wanted) throws InterruptedException, TtrpcException {
        Samples unused = new Samples(1);
        for (; pods < wanted; pods++) {
            NriPod.Kind kind = pods % PINNED_IN == 0 ? NriPod.Kind.PINNED : NriPod.Kind.SHARED;
            start(NriPod.of("stays-" + pods, kind), new NriBench.Row(pods, kind, name, unused, unused, unused, unused));
        }
    }

    /** Plays one pod's whole life; rounds below zero do not count. */
    void comeAndGo(NriBench.Row row, int round) throws InterruptedException, TtrpcException {
        Samples unused = new Samples(1);
        NriBench.Row counted =
                round >= 0 ? row : new NriBench.Row(row.pods(), row.kind(), name, unused, unused, unused, unused);
        NriPod pod = NriPod.of("comes-" + (round & Integer.MAX_VALUE), row.kind());
        start(pod, counted);
        for (Container container : pod.containers()) {
            timed(() -> runtime.stopContainer(pod.sandbox(), container), counted.events());
            kernel.remove(pod.cgroup().child(container.getId()));
            timed(() -> runtime.tell(Event.REMOVE_CONTAINER, pod.sandbox(), container), counted.events());
        }
        timed(() -> runtime.tell(Event.STOP_POD_SANDBOX, pod.sandbox(), null), counted.events());
        kernel.remove(pod.cgroup());
        timed(() -> runtime.tell(Event.REMOVE_POD_SANDBOX, pod.sandbox(), null), counted.events());
    }

    private void start(NriPod pod, NriBench.Row row) throws InterruptedException, TtrpcException {
        // The kubelet makes the pod's cgroup, and the runtime enables in it what its containers need.
        kernel.create(pod.cgroup());
        kernel.write(pod.cgroup(), "cgroup.subtree_control", CONTROLLERS);
        disk.reset();
        long run = timed(() -> runtime.tell(Event.RUN_POD_SANDBOX, pod.sandbox(), null), row.run(), row.events());
        row.runOfOurs().add(run - disk.syncedNanos());
        for (Container container : pod.containers()) {
            timed(() -> runtime.createContainer(pod.sandbox(), container), row.create(), row.events());
            kernel.create(pod.cgroup().child(container.getId()));
        }
    }

    private interface Call {
        void run() throws InterruptedException, TtrpcException;
    }

    /** Returns how long the call took, in nanoseconds, as the samples have it. */
    private static long timed(Call call, Samples... into) throws InterruptedException, TtrpcException {
        long start = System.nanoTime();
        call.run();
        long nanos = System.nanoTime() - start;
        for (Samples samples : into) {
            samples.add(nanos);
        }
        return nanos;
    }

    @Override
    public void close() throws IOException {
        door.close();
        runtime.close();
    }
}
