package io.podslice.agent;

import io.podslice.agent.api.ApiDoors;
import io.podslice.agent.api.ApiNode;
import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.agent.config.Standing;
import io.podslice.agent.metrics.MetricsDoor;
import io.podslice.agent.page.PageDoor;
import io.podslice.agent.record.Recorder;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.node.Door;
import io.podslice.node.ManagedNode;
import io.podslice.node.Node;
import io.podslice.node.NodeMeter;
import io.podslice.node.brain.Brain;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.NothingEnforced;
import io.podslice.node.brain.Promise;
import io.podslice.node.brain.Rehearsal;
import io.podslice.nri.NriDoor;
import io.podslice.nri.NriOptions;
import io.podslice.shim.CriDoor;
import io.podslice.shim.CriShim;
import io.podslice.shim.ShimOptions;
import io.podslice.shim.runtime.RuntimeWatch;
import io.podslice.shim.socket.ListeningSocket;
import io.podslice.shim.tap.TapOptions;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running podslice: the brain, and the doors that its configuration enables (CRI, NRI, node API). */
public final class Agent implements AutoCloseable, Reload.Running {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    /** The pause between two sweeps; the kubelet's CPU manager reconciles at this interval too. */
    private static final Duration SWEEP_PAUSE = Duration.ofSeconds(10);

    private final @Nullable CriShim shim;
    private final @Nullable NriDoor nri;
    private final StateHold hold = new StateHold();
    private final FittedMachine fitted;
    private @Nullable NodeBrain brain;
    private boolean misconfigured;
    private final SystemdLink systemd = new SystemdLink();
    private final ClusterLink cluster;
    private @Nullable RuntimeWatch watch;
    private final ApiDoors api;
    private final @Nullable MetricsDoor metrics;
    private final @Nullable PageDoor page;
    private final @Nullable Recorder recorder;
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
                StartMode.STRICT,
                brain -> brain.on(configuration, parts, driver(configuration, parts.files())));
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
            StartMode mode,
            Function<BrainStart, Brain> opening) {
        this.fitted = new FittedMachine(mode);
        // Without the listener no class of the metrics' library is loaded, and nothing is counted.
        this.metrics = configuration.api().metrics().isPresent()
                ? new MetricsDoor(configuration.api().metrics().get())
                : null;
        this.page = configuration.api().page().isPresent()
                ? new PageDoor(configuration.api().page().get())
                : null;
        this.recorder = recorder(configuration.api().recording());
        NodeMeter counting = metrics == null ? NodeMeter.NONE : metrics.meter();
        this.cluster = new ClusterLink(configuration.cluster(), counting);
        NodeMeter watching = NodeMeter.both(
                page == null ? NodeMeter.NONE : page.meter(), recorder == null ? NodeMeter.NONE : recorder.meter());
        NodeMeter meter = NodeMeter.both(counting, NodeMeter.both(watching, cluster.incidents()));
        Promise promise = new Promise(meter);
        // A shim in front of the runtime that has started this process would end with that runtime.
        this.shim = launch == null ? shim(configuration.shim(), inherited, promise.door(Door.CRI)) : null;
        this.api = new ApiDoors(configuration.api(), configuration.cluster().podResources());
        if (metrics != null) {
            if (recorder != null) {
                metrics.recording(recorder::figures);
            }
            metrics.listen(api::node);
        }
        if (page != null) {
            page.listen(api::node, this::rehearse);
        }
        Brain opened;
        try {
            this.nri = nri(configuration.nri(), launch, promise.door(Door.NRI));
            opened = opening.apply(new BrainStart(hold, fitted, systemd, meter, cluster.sources()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        promise.open(opened, systemd::isSilent);
        if (opened instanceof NothingEnforced(String reason, String problem)) {
            misconfigured = reason.equals(BrainStart.MISCONFIGURED);
            api.open(new ApiNode.Unmanaged(problem));
            cluster.close(); // No pod is placed, so none is looked up.
        }
        if (opened instanceof NodeBrain itself) {
            brain = itself;
            api.open(new ApiNode.Managed(itself, systemd::text));
            if (recorder != null) {
                recorder.follow(itself);
            }
            cluster.start(itself::described);
            AssumedDriver driver = systemd.driver(configuration.cgroups(), startAnew);
            Sweep started =
                    Sweep.start(() -> sweep(itself::sweep, driver), () -> sweep(itself::recheck, driver), SWEEP_PAUSE);
            sweep = started;
            systemd.start(started::recheckSoon);
            Configuration.Shim door = configuration.shim();
            watch = RuntimeWatch.start(promise.door(Door.CRI), ThisMachine.runtime(door));
        }
    }

    private static @Nullable Recorder recorder(Configuration.Recording configuration) {
        return configuration.dir().isPresent()
                ? new Recorder(configuration.dir().get(), configuration.maxBytes())
                : null;
    }

    private Rehearsal rehearse() {
        if (api.node() instanceof ApiNode.Managed(NodeBrain itself, var _)) {
            return itself.rehearse();
        }
        throw new IllegalStateException("the node is not managed");
    }

    private void sweep(Runnable ofBrain, AssumedDriver driver) {
        ofBrain.run();
        cluster.check();
        driver.check();
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
                CriDoor.interceptions(node, door.decisionBudget(), ThisMachine.runtime(door)),
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
     * once it returns. Without cgroup v2 podslice logs the missing prerequisite and passes every pod that asks nothing of
     * podslice: a node must not lose its runtime for that.
     *
     * @param launch the runtime's connection, if it has started this process as a plugin; the shim stays closed then
     * @param startAnew ends the process, so that its service manager starts it again; run at most once
     * @param mode what is done where the configuration does not fit the machine
     * @throws StartException if the configuration does not fit the machine, the machine cannot be read, or the state
     *     cannot be kept
     * @throws io.podslice.shim.socket.ListenException if it cannot listen
     */
    public static Agent onThisNode(
            Configuration configuration, @Nullable RuntimeLaunch launch, Runnable startAnew, StartMode mode) {
        return new Agent(
                configuration,
                launch,
                launch == null ? InheritedSocket.find() : Optional.empty(),
                startAnew,
                mode,
                brain -> brain.onThisMachine(configuration));
    }

    /**
     * Starts on this node without a configuration that could be enforced: pods that ask something of podslice are refused,
     * others pass.
     *
     * @param configuration its sockets are used
     * @param launch the runtime's connection, if it has started this process as a plugin; the shim stays closed then
     * @param problems what is wrong with the configuration, for the refusals
     * @throws io.podslice.shim.socket.ListenException if it cannot listen
     */
    public static Agent enforcingNothing(
            Configuration configuration, @Nullable RuntimeLaunch launch, List<String> problems) {
        return new Agent(
                configuration,
                launch,
                launch == null ? InheritedSocket.find() : Optional.empty(),
                () -> {},
                StartMode.STRICT,
                _ -> BrainStart.misconfigured(problems));
    }

    /** Returns the time for which a runtime is waited for whose socket exists: it may be slow to answer its first call. */
    private static Duration patience(Configuration configuration) {
        return Files.exists(configuration.shim().runtime()) ? ThisMachine.RUNTIME_PATIENCE : Duration.ZERO;
    }

    private static DriverFit driver(Configuration configuration, CgroupFiles files) {
        return new DriverSearch(configuration.cgroups(), files, ThisMachine.runtime(configuration.shim()))
                .find(patience(configuration), CgroupDriver.CGROUPFS);
    }

    private static ShimOptions options(Duration decisionBudget) {
        ShimOptions defaults = ShimOptions.defaults();
        TapOptions tap = defaults.tap();
        return new ShimOptions(
                new TapOptions(decisionBudget, tap.maxMessageBytes(), tap.maxHeldBytes(), tap.idleAfterHalfClose()),
                defaults.connectTimeout(),
                defaults.mostConnections());
    }

    /** Returns what the configuration asked for at the start and this machine does not have, a line each. */
    public List<String> misfits() {
        return fitted.problems();
    }

    @Override
    public List<String> misfits(Configuration configuration) {
        List<String> misfits = new ArrayList<>(fitted.misfits(configuration));
        if (shim != null) {
            shim.refuses(configuration.shim().listen()).ifPresent(misfits::add);
        }
        return misfits;
    }

    @Override
    public void apply(Configuration configuration) {
        if (shim != null) {
            shim.allow(configuration.shim().allowedUids());
        }
        api.allow(configuration.api().allowedUids());
        NodeBrain managing = brain;
        if (managing != null) {
            managing.bound(configuration.bounds());
        }
    }

    @Override
    public boolean isMisconfigured() {
        return misconfigured;
    }

    /** Tells clients of the node API, the metrics and the page from now on which configuration is in force. */
    public void configuration(Standing standing) {
        api.configuration(standing.text());
        if (metrics != null) {
            metrics.configuration(standing);
        }
        if (page != null) {
            page.configuration(standing);
        }
    }

    /** Returns the port of the page, for tests; -1 where it has none. */
    public int pagePort() {
        return page == null ? -1 : page.port();
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
        if (page != null) {
            page.close();
        }
        if (recorder != null) {
            recorder.close();
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
