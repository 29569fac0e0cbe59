package io.podslice.nri;

import io.podslice.node.Node;
import io.podslice.nri.mux.InheritedTrunk;
import io.podslice.nri.mux.SocketTrunk;
import io.podslice.nri.mux.Trunk;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The NRI door: podslice as a plugin of the runtime while the door is open. On a socket it connects again whenever the
 * connection has ended, without limit, and the runtime then sends it all running pods anew.
 */
public final class NriDoor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NriDoor.class);

    /** The shortest pause between two attempts to connect. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final NriOptions options;
    private final Node node;
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable PluginSession session;

    private NriDoor(NriOptions options, Node node, Work work) {
        this.options = options;
        this.node = node;
        this.thread = Thread.ofVirtual().name("nri").unstarted(() -> work.run(this));
    }

    private interface Work {
        void run(NriDoor door);
    }

    /** Connects to the runtime's socket; returns at once. */
    public static NriDoor external(NriOptions options, Node node) {
        return started(new NriDoor(options, node, NriDoor::connectForEver));
    }

    /**
     * Takes over the connection with which the runtime has started podslice; returns at once.
     *
     * @param descriptor the number in {@code NRI_PLUGIN_SOCKET}
     * @param ended called once when the connection has ended: the runtime starts another plugin when it needs one
     * @throws IOException if it is no connected socket
     */
    public static NriDoor launched(int descriptor, NriOptions options, Node node, Runnable ended) throws IOException {
        Trunk trunk = InheritedTrunk.adopt(descriptor);
        return started(new NriDoor(options, node, door -> {
            try {
                door.serve(trunk);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                ended.run();
            }
        }));
    }

    private static NriDoor started(NriDoor door) {
        door.thread.start();
        return door;
    }

    private void connectForEver() {
        Duration pause = FIRST_PAUSE;
        boolean told = false;
        try {
            while (!closed) {
                boolean served = false;
                try {
                    served = serve(SocketTrunk.connect(options.socket()));
                    told = false;
                } catch (IOException e) {
                    if (!told) {
                        log.warn("{}: {}; podslice tries again until it connects", options.socket(), e.getMessage());
                        told = true;
                    }
                } catch (RuntimeException e) {
                    log.error("{}: the connection has failed: {}", options.socket(), e.toString(), e);
                }
                pause = served ? FIRST_PAUSE : pause.multipliedBy(2);
                pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
                if (!closed) {
                    Thread.sleep(pause);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean serve(Trunk trunk) throws InterruptedException {
        PluginSession current = new PluginSession(trunk, options, node);
        session = current;
        if (closed) {
            current.close();
        }
        try {
            return current.run();
        } finally {
            session = null;
        }
    }

    /** Ends the connection and connects no more. */
    @Override
    public void close() {
        closed = true;
        PluginSession current = session;
        if (current != null) {
            current.close();
        }
        thread.interrupt();
    }
}
