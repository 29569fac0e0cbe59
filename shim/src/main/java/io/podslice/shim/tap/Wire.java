package io.podslice.shim.tap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** One of a connection's two sockets. Its threads wait in the kernel; those of a {@link WatchedWire} do not. */
sealed class Wire permits WatchedWire {
    final SocketChannel channel;

    /** @param channel in blocking mode */
    Wire(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Reads what has come.
     *
     * @return the number of bytes; negative at the end; 0 if nothing has come yet, which only a watched one returns
     */
    final int read(ByteBuffer into) throws IOException {
        return channel.read(into);
    }

    /** Writes all of it; holds the caller up while the peer takes nothing. */
    final void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                awaitRoom();
            }
        }
    }

    /** Waits until the peer takes something again, or the socket is closed. */
    void awaitRoom() throws IOException {
        throw new IOException("a socket that blocks took nothing");
    }

    /** Has the turn run again, once, when there is something to read or the socket is closed. */
    void onceReadable(Runnable turn) {
        throw new IllegalStateException("a socket that blocks has always read something");
    }

    /** Returns the most reads of a turn, after which other sockets have theirs. */
    long readsATurn() {
        return Long.MAX_VALUE;
    }

    final void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** Closes the socket: whatever waits for it goes on, and fails. May be called any number of times. */
    void close() throws IOException {
        channel.close();
    }
}
