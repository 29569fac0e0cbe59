package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
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
import io.podslice.proto.nri.v1alpha1.ContainerUpdate;
import io.podslice.proto.nri.v1alpha1.Event;
import io.podslice.proto.nri.v1alpha1.LinuxCPU;
import io.podslice.proto.nri.v1alpha1.PodSandbox;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.nri.NriPod;
import io.podslice.simulator.nri.NriRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Faults around the NRI door, with the real plugin, brain and journal: afterwards the plugin is connected again, pinned
 * containers keep their CPUs, no CPU has two owners, and nothing that failed holds CPUs.
 */
class NriFaultTableTest {
    private static final Machine MACHINE = Machine.regular(2, 1, 4, 2, 8L << 30);
    private static final CpuSet ALL = CpuSet.range(0, 15);
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    private static final String CONTROLLERS = "+cpu +cpuset +memory";

    /** The budget where nothing may be late. */
    private static final Duration LONG = Duration.ofSeconds(30);

    private final SimulatedCgroups kernel = new SimulatedCgroups(MACHINE);
    private final Path folder;
    private final Path socket;
    private final TroubledDisk disk;
    private final List<NriDoor> doors = new ArrayList<>();
    private NodeBrain brain;
    private @Nullable NriRuntime runtime;

    /** The CPUs of each container as the runtime knows them, by the container's id. */
    private final Map<String, LinuxCPU> running = new HashMap<>();

    NriFaultTableTest() throws IOException {
        folder = Files.createTempDirectory("nri");
        socket = folder.resolve("nri.sock");
        disk = new TroubledDisk(StateFolder.disk(folder.resolve("state")));
        for (CgroupPath path : List.of(KUBEPODS, KUBEPODS.child("burstable"), KUBEPODS.child("besteffort"))) {
            kernel.create(path);
            kernel.write(path.parent().orElseThrow(), "cgroup.subtree_control", CONTROLLERS);
            kernel.write(path, "cgroup.subtree_control", CONTROLLERS);
        }
        brain = newBrain();
    }

    private NodeBrain newBrain() {
        NodeConfig config = NodeConfig.DEFAULT;
        return new NodeBrain(
                config,
                MACHINE,
                kernel,
                new PodPlacer(MACHINE, config.policy()),
                DeviceLocality.NONE,
                new StateFolder(disk, Clock.systemUTC(), ""),
                Clock.systemUTC(),
                PlanListener.NONE);
    }

    @BeforeEach
    void listen() throws IOException {
        newRuntime(LONG);
    }

    private NriRuntime newRuntime(Duration requestTimeout) throws IOException {
        NriRuntime before = runtime;
        if (before != null) {
            before.close();
        }
        NriRuntime started = new NriRuntime(socket, requestTimeout);
        runtime = started;
        return started;
    }

    private NriRuntime runtime() {
        return Objects.requireNonNull(runtime);
    }

    private NriDoor open(Duration patience) {
        NriDoor door = NriDoor.external(
                new NriOptions(socket, "podslice", "10", patience),
                Promise.about(brain).door(Door.NRI));
        doors.add(door);
        return door;
    }

    @AfterEach
    void close() throws IOException {
        disk.mend();
        doors.forEach(NriDoor::close);
        runtime().close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    // ---- The runtime's actions

    private static NriPod pinned(String name) {
        return NriPod.of(name, NriPod.Kind.PINNED);
    }

    private void runSandbox(NriPod pod) throws InterruptedException, TtrpcException {
        if (!kernel.exists(pod.cgroup())) {
            kernel.create(pod.cgroup());
            kernel.write(pod.cgroup(), "cgroup.subtree_control", CONTROLLERS);
        }
        runtime().tell(Event.RUN_POD_SANDBOX, pod.sandbox(), null);
    }

    private void start(NriPod pod) throws InterruptedException, TtrpcException {
        runSandbox(pod);
        for (Container container : pod.containers()) {
            startedWith(
                    pod,
                    container,
                    runtime()
                            .createContainer(pod.sandbox(), container)
                            .getAdjust()
                            .getLinux()
                            .getResources()
                            .getCpu());
        }
    }

    /** Merges a decision into the container's CPUs. */
    private void startedWith(NriPod pod, Container container, LinuxCPU decided) {
        LinuxCPU cpu = running
                .getOrDefault(
                        container.getId(), container.getLinux().getResources().getCpu())
                .toBuilder()
                .mergeFrom(decided)
                .build();
        CgroupPath cgroup = pod.cgroup().child(container.getId());
        if (!kernel.exists(cgroup)) {
            kernel.create(cgroup);
        }
        kernel.write(cgroup, "cpuset.cpus", cpu.getCpus());
        long memory = container.getLinux().getResources().getMemory().getLimit().getValue();
        kernel.write(cgroup, "memory.max", memory == 0 ? "max" : Long.toString(memory));
        running.put(container.getId(), cpu);
    }

    /** Makes a pod that the runtime has started while podslice was away. */
    private void startedBefore(NriPod pod) {
        kernel.create(pod.cgroup());
        kernel.write(pod.cgroup(), "cgroup.subtree_control", CONTROLLERS);
        for (Container container : pod.containers()) {
            startedWith(pod, container, LinuxCPU.getDefaultInstance());
        }
    }

    private void remove(NriPod pod) throws InterruptedException, TtrpcException {
        for (Container container : pod.containers()) {
            runtime().stopContainer(pod.sandbox(), container);
            kernel.remove(pod.cgroup().child(container.getId()));
            runtime().tell(Event.REMOVE_CONTAINER, pod.sandbox(), container);
            running.remove(container.getId());
        }
        runtime().tell(Event.STOP_POD_SANDBOX, pod.sandbox(), null);
        kernel.remove(pod.cgroup());
        runtime().tell(Event.REMOVE_POD_SANDBOX, pod.sandbox(), null);
    }

    /** Accepts the plugin, sends it these pods with their containers' CPUs, and applies its updates. */
    private List<ContainerUpdate> acceptWith(NriPod... pods) throws Exception {
        List<ContainerUpdate> updates = runtime().accept(sandboxes(pods), containers(pods));
        for (ContainerUpdate update : updates) {
            for (NriPod pod : pods) {
                for (Container container : pod.containers()) {
                    if (container.getId().equals(update.getContainerId())) {
                        startedWith(
                                pod, container, update.getLinux().getResources().getCpu());
                    }
                }
            }
        }
        return updates;
    }

    private static List<PodSandbox> sandboxes(NriPod... pods) {
        return Stream.of(pods).map(NriPod::sandbox).toList();
    }

    private List<Container> containers(NriPod... pods) {
        return Stream.of(pods)
                .flatMap(pod -> pod.containers().stream())
                .map(this::asItRuns)
                .toList();
    }

    private Container asItRuns(Container container) {
        Container.Builder told = container.toBuilder();
        told.getLinuxBuilder().getResourcesBuilder().setCpu(Objects.requireNonNull(running.get(container.getId())));
        return told.build();
    }

    // ---- Invariants

    /** Returns the exclusive CPUs of the pod's container. */
    private CpuSet slice(NriPod pod) {
        return kernelCpus(pod.cgroup().child("app-" + pod.sandbox().getName()));
    }

    private CpuSet kernelCpus(CgroupPath cgroup) {
        return CpuSet.parse(kernel.read(cgroup, "cpuset.cpus.effective"));
    }

    /** Checks that each pod's containers have 2 CPUs each, and that no two of them share one. */
    private void assertPinnedApart(NriPod... pods) {
        CpuSet taken = CpuSet.empty();
        for (NriPod pod : pods) {
            for (Container container : pod.containers()) {
                CpuSet its = kernelCpus(pod.cgroup().child(container.getId()));
                assertThat(its.size()).as(container.getId()).isEqualTo(2);
                assertThat(its.intersection(taken)).as(container.getId()).isEqualTo(CpuSet.empty());
                taken = taken.union(its);
            }
        }
        assertThat(kernelCpus(KUBEPODS.child("besteffort"))).isEqualTo(ALL.minus(taken));
    }

    private void untilHungUp() {
        await().atMost(LONG).until(() -> !runtime().isConnected());
    }

    // ---- The table

    @Test
    void socketGone() throws Exception {
        runtime().close();
        Files.deleteIfExists(socket);
        open(LONG);
        NriPod early = pinned("early");
        startedBefore(early);

        // The runtime's socket is new: the running container is pinned.
        newRuntime(LONG);
        acceptWith(early);
        assertPinnedApart(early);
        CpuSet before = slice(early);

        // The socket goes and comes again: no container changes.
        runtime().close();
        Files.deleteIfExists(socket);
        newRuntime(LONG);
        assertThat(acceptWith(early)).isEmpty();
        assertThat(slice(early)).isEqualTo(before);
        NriPod late = pinned("late");
        start(late);
        assertPinnedApart(early, late);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8, 20})
    void halfAFrameThenSilence(int bytes) throws Exception {
        open(Duration.ofMillis(500));
        SocketChannel connection = runtime().connection();
        runtime().register(connection);
        runtime().configure();
        runtime().synchronize(List.of(), List.of(), false);
        NriPod pod = pinned("pod");
        start(pod);
        CpuSet before = slice(pod);

        byte[] frame = ByteBuffer.allocate(8 + 100).putInt(1).putInt(100).array();
        connection.write(ByteBuffer.wrap(frame, 0, bytes));
        untilHungUp();

        assertThat(acceptWith(pod)).isEmpty();
        assertThat(slice(pod)).isEqualTo(before);
        NriPod next = pinned("next");
        start(next);
        assertPinnedApart(pod, next);
    }

    @Test
    void aRuntimeThatDoesNotAnswerTheRegistrationIsTriedAgain() throws Exception {
        open(Duration.ofMillis(500));
        try (SocketChannel silent = runtime().connection()) {
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            // The plugin registers, gets no answer, and hangs up.
            while (silent.read(buffer) >= 0) {
                buffer.clear();
            }
        }
        acceptWith();
        NriPod pod = pinned("pod");
        start(pod);
        assertPinnedApart(pod);
    }

    @Test
    void aDecisionThatTakesLongerThanTheRuntimeWaits() throws Exception {
        newRuntime(Duration.ofSeconds(2));
        open(LONG);
        acceptWith();
        NriPod pod = pinned("pod");
        start(pod);
        CpuSet before = slice(pod);
        NriPod slow = pinned("slow");

        disk.hang();
        assertThatThrownBy(() -> runSandbox(slow)).hasMessageContaining("podslice cannot decide on this pod");
        assertThat(runtime().isConnected()).isTrue();
        disk.mend();

        // The CPUs of a decision that came too late are free again, though not at once: it is taken back by a change of
        // its own.
        await().atMost(LONG).until(() -> brain.snapshot().pods().size() == 1);
        NriPod second = pinned("second");
        NriPod third = pinned("third");
        start(second);
        start(third);
        assertThat(slice(pod)).isEqualTo(before);
        await().atMost(LONG).untilAsserted(() -> assertPinnedApart(pod, second, third));
        assertThat(brain.snapshot().pods()).hasSize(3);
    }

    @Test
    void aRuntimeThatIsStartedAgainInTheMiddleOfSynchronize() throws Exception {
        open(LONG);
        acceptWith();
        NriPod known = pinned("known");
        start(known);
        CpuSet before = slice(known);

        newRuntime(LONG);
        runtime().register(runtime().connection());
        runtime().configure();
        runtime().synchronize(sandboxes(known, pinned("never")), List.of(), true);
        newRuntime(LONG);

        NriPod came = pinned("came");
        startedBefore(came);
        assertThat(acceptWith(known, came)).hasSize(2);
        assertThat(slice(known)).isEqualTo(before);
        assertPinnedApart(known, came);
        assertThat(brain.snapshot().pods()).hasSize(2);
    }

    @Test
    void twoPluginsWithOneName() throws Exception {
        NriDoor first = open(LONG);
        acceptWith();
        NriPod pod = pinned("pod");
        start(pod);
        CpuSet before = slice(pod);

        // The runtime hangs up on the second plugin, which keeps trying; the first still gets events.
        open(LONG);
        for (int attempt = 0; attempt < 3; attempt++) {
            runtime().connection().close();
        }
        NriPod next = pinned("next");
        start(next);
        assertPinnedApart(pod, next);

        // The first plugin ends: the second takes its place, and finds every pod unchanged.
        first.close();
        untilHungUp();
        assertThat(acceptWith(pod, next)).isEmpty();
        assertThat(slice(pod)).isEqualTo(before);
        remove(next);
        assertPinnedApart(pod);
    }

    @Test
    void diskFullInTheJournal() throws Exception {
        open(LONG);
        acceptWith();
        NriPod pod = pinned("pod");
        start(pod);
        CpuSet before = slice(pod);

        disk.fill();
        NriPod refused = pinned("refused");
        assertThatThrownBy(() -> runSandbox(refused))
                .hasMessageContaining("journal")
                .hasMessageContaining("No space left on device");
        PodSandbox plain = PodSandbox.newBuilder()
                .setId("sandbox-plain")
                .setName("plain")
                .setUid("uid-plain")
                .setNamespace("default")
                .build();
        runtime().tell(Event.RUN_POD_SANDBOX, plain, null);
        assertThat(runtime().isConnected()).isTrue();
        kernel.remove(refused.cgroup());
        assertThat(slice(pod)).isEqualTo(before);
        assertPinnedApart(pod);

        // With room on the disk again podslice continues, and the saved state agrees with the cgroups.
        disk.mend();
        NriPod next = pinned("next");
        start(next);
        assertPinnedApart(pod, next);
        doors.removeLast().close();
        untilHungUp();
        brain = newBrain();
        open(LONG);
        assertThat(acceptWith(pod, next)).isEmpty();
        assertPinnedApart(pod, next);
    }
}
