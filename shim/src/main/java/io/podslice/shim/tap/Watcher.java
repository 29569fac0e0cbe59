package io.podslice.shim.tap;

import java.io.IOError;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** A thread that tells sockets that do not block when they can be read or written again. */
final class Watcher {
    private final Selector selector;

    /**
     * Starts the thread, for good.
     *
     * @throws IOException if the system lacks descriptors
     */
    Watcher() throws IOException {
        selector = Selector.open();
        Thread.ofPlatform().daemon().name("tap-watch").start(this::watch);
    }

    /** Begins to watch a socket until it is closed; nothing is asked for at first. */
    SelectionKey register(SocketChannel channel, WatchedWire wire) throws IOException {
        return channel.register(selector, 0, wire);
    }

    /** Lets the thread look at what is asked for now. */
    void wake() {
        selector.wakeup();
    }

    private void watch() {
        while (true) {
            try {
                selector.select(Watcher::tell);
            } catch (IOException e) {
                // Connections would stand still for ever.
                throw new IOError(e);
            }
        }
    }

    private static void tell(SelectionKey key) {
        int ready;
        try {
            ready = key.readyOps();
            key.interestOpsAnd(~ready);
        } catch (CancelledKeyException closed) {
            return; // closing it has told those that wait
        }
        if (key.attachment() instanceof WatchedWire wire) {
            wire.ready(ready);
        }
    }
}
