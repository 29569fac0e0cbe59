package io.podslice.agent;

import io.podslice.agent.api.ApiDoors;
import io.podslice.agent.api.ApiNode;
import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.agent.config.MachineFit;
import io.podslice.agent.metrics.MetricsDoor;
import io.podslice.cgroups.Cgroup2Mount;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.KernelCgroupFiles;
import io.podslice.cgroups.machine.Kernel;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.machine.SysfsDevices;
import io.podslice.cgroups.machine.SysfsMachine;
import io.podslice.cgroups.systemd.BusManager;
import io.podslice.cgroups.systemd.SystemdManager;
import io.podslice.grpc.UnixSocket;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.Door;
import io.podslice.node.ManagedNode;
import io.podslice.node.Node;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeSources;
import io.podslice.node.PlanListener;
import io.podslice.node.StateException;
import io.podslice.node.brain.Brain;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.Promise;
import io.podslice.node.brain.StateFolder;
import io.podslice.node.brain.WithoutCgroups;
import io.podslice.nri.NriDoor;
import io.podslice.nri.NriOptions;
import io.podslice.shim.CriDoor;
import io.podslice.shim.CriShim;
import io.podslice.shim.ShimOptions;
import io.podslice.shim.runtime.RuntimeContainers;
import io.podslice.shim.runtime.RuntimeWatch;
import io.podslice.shim.socket.ListeningSocket;
import io.podslice.shim.tap.TapOptions;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running podslice: the brain, and the doors that its configuration enables (CRI, NRI, node API). */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    /** The pause between two sweeps; the kubelet's CPU manager reconciles at this interval too. */
    private static final Duration SWEEP_PAUSE = Duration.ofSeconds(10);

    /** The time for which a start waits for a runtime that is not up, where nothing else tells the cgroup driver. */
    private static final Duration RUNTIME_PATIENCE = Duration.ofSeconds(30);

    private final @Nullable CriShim shim;
    private final @Nullable NriDoor nri;
    private final StateHold hold = new StateHold();
    private final SystemdLink systemd = new SystemdLink();
    private final ClusterLink cluster;
    private @Nullable RuntimeWatch watch;
    private final ApiDoors api;
    private final @Nullable MetricsDoor metrics;
    private @Nullable Sweep sweep;

    /**
     * Starts on given parts; clients can connect once it returns.
     *
     * @throws StartException if the configuration does not fit the machine, or its state cannot be kept
     * @throws io.podslice.shim.socket.ListenException if it cannot listen
     */
    public Agent(Configuration configuration, AgentParts parts) {
        this(
                configuration,
                null,
                Optional.empty(),
                () -> {},
                (hold, systemd, meter, sources) -> brain(
                        configuration,
                        parts,
                        driver(configuration, parts.files(), patience(configuration), CgroupDriver.CGROUPFS),
                        parts.sources().orElse(sources),
                        hold,
                        systemd,
                        meter));
    }

    /** Opens the brain. */
    private interface Opening {
        Brain brain(StateHold hold, SystemdLink systemd, NodeMeter meter, NodeSources sources);
    }

    /**
     * Opens the doors before the brain: a call that needs the brain waits for it, and the runtime does not wait for a
     * plugin that registers late.
     */
    private Agent(
            Configuration configuration,
            @Nullable RuntimeLaunch launch,
            Optional<ServerSocketChannel> inherited,
            Runnable startAnew,
            Opening opening) {
        // Without the listener no class of the metrics' library is loaded, and nothing is counted.
        this.metrics = configuration.api().metrics().isPresent()
                ? new MetricsDoor(configuration.api().metrics().get())
                : null;
        NodeMeter meter = metrics == null ? NodeMeter.NONE : metrics.meter();
        Promise promise = new Promise(meter);
        // A shim in front of the runtime that has started this process would end with that runtime.
        this.shim = launch == null ? shim(configuration.shim(), inherited, promise.door(Door.CRI)) : null;
        this.api = new ApiDoors(configuration.api());
        if (metrics != null) {
            metrics.listen(api::node);
        }
        this.cluster = new ClusterLink(configuration.cluster(), meter);
        Brain opened;
        try {
            this.nri = nri(configuration.nri(), launch, promise.door(Door.NRI));
            opened = opening.brain(hold, systemd, meter, cluster.sources());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        promise.open(opened, systemd::isSilent);
        if (opened instanceof WithoutCgroups(String problem)) {
            api.open(new ApiNode.Unmanaged(problem));
            cluster.close(); // No pod is placed, so none is looked up.
        }
        if (opened instanceof NodeBrain brain) {
            api.open(new ApiNode.Managed(brain, systemd::text));
            cluster.start(brain::described);
            AssumedDriver driver = systemd.driver(configuration.cgroups(), startAnew);
            Sweep started =
                    Sweep.start(() -> sweep(brain::sweep, driver), () -> sweep(brain::recheck, driver), SWEEP_PAUSE);
            sweep = started;
            systemd.start(started::recheckSoon);
            Configuration.Shim door = configuration.shim();
            watch = RuntimeWatch.start(promise.door(Door.CRI), runtime(door));
        }
    }

    private void sweep(Runnable ofBrain, AssumedDriver driver) {
        ofBrain.run();
        cluster.check();
        driver.check();
    }

    private static UnixSocket runtime(Configuration.Shim door) {
        return new UnixSocket(
                "the runtime", door.runtime(), ShimOptions.defaults().connectTimeout());
    }

    private static CriShim shim(Configuration.Shim door, Optional<ServerSocketChannel> inherited, Node node) {
        ShimOptions options = options(door.decisionBudget());
        ListeningSocket socket = inherited
                .map(channel -> ListeningSocket.inherited(CriShim.FIELD, door.listen(), channel))
                .orElseGet(() -> ListeningSocket.bind(CriShim.FIELD, door.listen(), door.runtime()));
        return new CriShim(
                socket,
                door.runtime(),
                door.allowedUids(),
                CriDoor.interceptions(node, door.decisionBudget(), runtime(door)),
                options);
    }

    private static @Nullable NriDoor nri(Configuration.Nri door, @Nullable RuntimeLaunch launch, Node node) {
        NriOptions options = new NriOptions(door.socket(), door.name(), door.index());
        if (launch == null) {
            return door.enabled() ? NriDoor.external(options, node) : null;
        }
        try {
            return NriDoor.launched(launch.descriptor(), options, node, launch.ended());
        } catch (IOException e) {
            throw StartException.failed(RuntimeLaunch.SOCKET + " " + launch.descriptor() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Starts on this node, on the socket that the service manager has handed down if there is one; clients can connect
     * once it returns. Without cgroup v2 podslice logs the missing
     * prerequisite and passes every pod that asks nothing of podslice: a node must not lose its runtime for that.
     *
     * @param launch the runtime's connection, if it has started this process as a plugin; the shim stays closed then
     * @param startAnew ends the process, so that its service manager starts it again; run at most once
     * @throws StartException if the configuration does not fit the machine, the machine cannot be read, or the state
     *     cannot be kept
     * @throws io.podslice.shim.socket.ListenException if it cannot listen
     */
    public static Agent onThisNode(Configuration configuration, @Nullable RuntimeLaunch launch, Runnable startAnew) {
        return new Agent(
                configuration,
                launch,
                launch == null ? InheritedSocket.find() : Optional.empty(),
                startAnew,
                (hold, systemd, meter, sources) -> nodeOfThisMachine(configuration, hold, systemd, meter, sources));
    }

    private static Brain nodeOfThisMachine(
            Configuration configuration, StateHold hold, SystemdLink systemd, NodeMeter meter, NodeSources sources) {
        Configuration.Cgroups paths = configuration.cgroups();
        Optional<String> problem = Cgroup2Mount.problem(paths.root(), "cgroups.root");
        if (problem.isPresent()) {
            LOG.error("{}; pods that ask something of podslice are refused, others pass", problem.get());
            return new WithoutCgroups(problem.get());
        }
        AgentParts parts = partsOfThisMachine(configuration);
        LOG.info(
                "{} CPUs on NUMA nodes {}",
                parts.machine().cpus().size(),
                parts.machine().memory().keySet());
        return brain(
                configuration, parts, driverOfThisMachine(configuration, parts.files()), sources, hold, systemd, meter);
    }

    /**
     * Returns the parts of this machine, which has cgroup v2.
     *
     * @throws StartException if the machine cannot be read
     */
    static AgentParts partsOfThisMachine(Configuration configuration) {
        Configuration.Cgroups paths = configuration.cgroups();
        Machine machine = machine(paths);
        Kernel kernel = kernel(paths);
        warning(kernel, configuration).ifPresent(LOG::warn);
        return new AgentParts(
                new KernelCgroupFiles(paths.root(), kernel.pageBytes()),
                machine,
                new SysfsSource(paths.sysfs(), paths.procfs()),
                new SysfsDevices(machine, paths.sysfs())::numaNodes,
                Clock.systemUTC(),
                PlanListener.NONE,
                kernel.pageBytes(),
                Agent::systemdHere,
                Optional.empty());
    }

    /**
     * Finds the cgroup driver of this machine.
     *
     * @param files its cgroup v2 tree
     * @throws StartException if the driver cannot spell {@code cgroups.kubepods}
     */
    static DriverFit driverOfThisMachine(Configuration configuration, CgroupFiles files) {
        CgroupDriver otherwise = DriverSearch.systemdRuns() ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
        return driver(configuration, files, RUNTIME_PATIENCE, otherwise);
    }

    /** Returns the time for which a runtime is waited for whose socket exists: it may be slow to answer its first call. */
    private static Duration patience(Configuration configuration) {
        return Files.exists(configuration.shim().runtime()) ? RUNTIME_PATIENCE : Duration.ZERO;
    }

    private static DriverFit driver(
            Configuration configuration, CgroupFiles files, Duration patience, CgroupDriver otherwise) {
        return new DriverSearch(configuration.cgroups(), files, runtime(configuration.shim()))
                .find(patience, otherwise);
    }

    private static Optional<SystemdManager> systemdHere() {
        return DriverSearch.systemdRuns() ? Optional.of(BusManager.system()) : Optional.empty();
    }

    private static Kernel kernel(Configuration.Cgroups paths) {
        try {
            return Kernel.read(paths.procfs());
        } catch (IOException e) {
            throw StartException.failed(
                    "cgroups.procfs " + paths.procfs() + ": the kernel's version and page size cannot be read: "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * Returns a warning where memory.high is used on a kernel older than 5.9, in the kubelet's words; memory.high can
     * livelock a process there (torvalds/linux b3ff92916af3).
     */
    static Optional<String> warning(Kernel kernel, Configuration configuration) {
        return configuration.memory().throttlingFactor().isPresent() && kernel.isBefore(5, 9)
                ? Optional.of("kernel " + kernel.release() + " is older than 5.9: MemoryQoS memory.high throttling may"
                        + " cause process livelock on older kernels")
                : Optional.empty();
    }

    private static Machine machine(Configuration.Cgroups paths) {
        try {
            return SysfsMachine.read(paths.sysfs(), paths.procfs());
        } catch (IOException e) {
            throw StartException.failed(
                    "cgroups.sysfs " + paths.sysfs() + ": the machine cannot be read: " + e.getMessage(), e);
        }
    }

    private static StateFolder store(Configuration configuration, Clock clock, NodeMeter meter) {
        try {
            return new StateFolder(
                    StateFolder.disk(configuration.stateDir()),
                    clock,
                    bootId(configuration.cgroups().procfs()),
                    meter);
        } catch (StateException e) {
            throw StartException.failed("state.dir " + configuration.stateDir() + ": " + e.reason(), e);
        }
    }

    /** Reads the id of this boot; empty where the kernel does not tell it. */
    private static String bootId(Path procfs) {
        Path file = procfs.resolve("sys/kernel/random/boot_id");
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            LOG.warn(
                    "{}: {}; podslice cannot tell by it whether its saved state is from before a reboot",
                    file,
                    e.toString());
            return "";
        }
    }

    static NodeBrain brain(
            Configuration configuration,
            AgentParts parts,
            DriverFit driver,
            NodeSources sources,
            StateHold hold,
            SystemdLink systemd,
            NodeMeter meter) {
        Machine usable = MachineFit.usable(parts.machine(), parts.files(), driver.kubepods());
        List<String> problems = MachineFit.problems(configuration, usable);
        if (!problems.isEmpty()) {
            throw StartException.misconfigured(problems);
        }
        NodeConfig config =
                configuration.nodeConfig(configuration.policy(), driver.layout(), parts.machine(), parts.pageBytes());
        StateFolder store = store(configuration, parts.clock(), meter);
        hold.acquire(configuration.stateDir());
        return new NodeBrain(
                config,
                parts.machine(),
                parts.source(),
                systemd.files(driver, parts.files(), parts.systemd()),
                new PodPlacer(parts.machine(), config.policy()),
                parts.devices(),
                sources,
                store,
                parts.clock(),
                parts.listener(),
                new RuntimeContainers(runtime(configuration.shim())),
                NodeBrain.MEMORY_WAIT,
                meter);
    }

    private static ShimOptions options(Duration decisionBudget) {
        ShimOptions defaults = ShimOptions.defaults();
        TapOptions tap = defaults.tap();
        return new ShimOptions(
                new TapOptions(decisionBudget, tap.maxMessageBytes(), tap.maxHeldBytes(), tap.idleAfterHalfClose()),
                defaults.connectTimeout(),
                defaults.mostConnections());
    }

    /** Returns the parts that must give signs of life. */
    public List<Watchdog.Part> parts() {
        List<Watchdog.Part> parts = new ArrayList<>();
        if (shim != null) {
            parts.add(new Watchdog.Part("the accept loop of shim.listen", shim::accepts));
        }
        Sweep sweeping = sweep;
        if (sweeping != null) {
            parts.add(new Watchdog.Part("the sweep", sweeping::lives));
        }
        RuntimeWatch watching = watch;
        if (watching != null) {
            parts.add(new Watchdog.Part("the runtime watch", _ -> watching.lives()));
        }
        if (api.node() instanceof ApiNode.Managed(ManagedNode node, var _)) {
            // Waits for the brain's lock: a brain that hangs keeps the watchdog from giving any sign.
            parts.add(new Watchdog.Part(
                    "the brain", _ -> !node.revisedSnapshot().node().cpus().isEmpty()));
        }
        return parts;
    }

    /**
     * Accepts no more clients at the shim, and has those that are connected leave once their calls have ended.
     *
     * @param atMost the time for that; calls that have not ended by then fail with {@link #close}
     */
    public void drain(Duration atMost) {
        if (shim == null) {
            return;
        }
        try {
            int left = shim.drain(atMost);
            if (left > 0) {
                LOG.warn("{} connections with calls that have not ended in {} s are cut", left, atMost.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the connections end with the process
        }
    }

    /** Stops listening and ends every connection; nothing on the node changes. */
    @Override
    public void close() {
        if (shim != null) {
            shim.close();
        }
        if (nri != null) {
            nri.close();
        }
        if (watch != null) {
            watch.close();
        }
        if (metrics != null) {
            metrics.close();
        }
        api.close();
        if (sweep != null) {
            sweep.close();
        }
        systemd.close();
        cluster.close();
        hold.close();
    }
}
