package io.podslice.nri;

import io.podslice.node.Node;
import io.podslice.nri.mux.Multiplexer;
import io.podslice.nri.mux.MuxOptions;
import io.podslice.nri.mux.Trunk;
import io.podslice.nri.ttrpc.TtrpcClient;
import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.nri.ttrpc.TtrpcServer;
import io.podslice.proto.nri.v1alpha1.RegisterPluginRequest;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the runtime, from registration to its end. */
final class PluginSession {
    private static final Logger log = LoggerFactory.getLogger(PluginSession.class);

    /** Ids of the connections on the trunk: the plugin serves on the first, the runtime on the second. */
    private static final int PLUGIN_SERVICE = 1;

    private static final int RUNTIME_SERVICE = 2;

    private static final String RUNTIME = "nri.pkg.api.v1alpha1.Runtime";

    private final NriOptions options;
    private final PodEvents events;
    private final Multiplexer mux;
    private final TtrpcServer server;
    private final TtrpcClient client;

    PluginSession(Trunk trunk, NriOptions options, Node node) {
        this.options = options;
        this.events = new PodEvents(node);
        Duration patience = options.patience();
        MuxOptions limits = MuxOptions.DEFAULT;
        this.mux = new Multiplexer(trunk, new MuxOptions(limits.maxFrame(), limits.queued(), patience));
        this.server = new TtrpcServer(
                mux.open(PLUGIN_SERVICE), Map.of(PluginService.NAME, new PluginService(events)), patience);
        this.client = new TtrpcClient(mux.open(RUNTIME_SERVICE), patience);
    }

    /**
     * Registers, and serves until the connection ends.
     *
     * @return true if the runtime had accepted the plugin
     */
    boolean run() throws InterruptedException {
        // Served before the registration: the runtime may call before it has answered it.
        Thread.ofPlatform().daemon().name("nri-server").start(server::serve);
        Thread.ofVirtual().name("nri-client").start(client::receive);
        mux.start();
        try {
            return register();
        } finally {
            mux.close();
            events.ended();
        }
    }

    private boolean register() throws InterruptedException {
        RegisterPluginRequest request = RegisterPluginRequest.newBuilder()
                .setPluginName(options.name())
                .setPluginIdx(options.index())
                .setNRIVersion(NriVersion.OURS.toString())
                .build();
        try {
            client.call(RUNTIME, "RegisterPlugin", request.toByteString(), options.patience(), Map.of());
        } catch (TtrpcException e) {
            log.warn("the runtime does not accept plugin {}-{}: {}", options.index(), options.name(), e.getMessage());
            return false;
        }
        mux.awaitEnd();
        @Nullable IOException why = mux.problem();
        if (why instanceof EOFException) {
            log.info("the connection to the runtime has ended: {}", why.getMessage());
        } else {
            log.warn("the connection to the runtime has failed: {}", why == null ? "" : why.getMessage());
        }
        return true;
    }

    /** Ends the connection, and with it {@link #run}. */
    void close() {
        mux.close();
    }
}
