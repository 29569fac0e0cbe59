package io.podslice.grpc;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Finds out that a connection's server hangs: it does not begin to speak, or does not answer a PING. */
final class SilenceWatch {
    private final ClientConnection connection;
    private final Keepalive bounds;
    private final Runnable end;
    private volatile @Nullable String finding;

    /** @param end ends the connection, whatever its thread is waiting for */
    SilenceWatch(ClientConnection connection, Keepalive bounds, Runnable end) {
        this.connection = connection;
        this.bounds = bounds;
        this.end = end;
    }

    /** Watches until the server is found to hang, or the thread is interrupted. */
    void watch() {
        try {
            while (finding == null) {
                long since = connection.waitingSince();
                boolean heard = connection.hasHeard();
                long bound = (heard ? bounds.after() : bounds.timeout()).toNanos();
                long left = since == ClientConnection.AT_WORK ? bound : bound - (System.nanoTime() - since);
                if (left > 0) {
                    TimeUnit.NANOSECONDS.sleep(left);
                } else if (!heard) {
                    end(
                            since,
                            connection.server() + " has not begun to speak within "
                                    + bounds.timeout().toMillis() + " ms");
                } else {
                    Thread.ofVirtual().start(this::ping);
                    TimeUnit.NANOSECONDS.sleep(bounds.timeout().toNanos());
                    end(
                            since,
                            connection.server() + " does not answer a PING within "
                                    + bounds.timeout().toMillis() + " ms");
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends a PING on a thread of its own: a server that takes nothing blocks it. */
    private void ping() {
        try {
            connection.ping();
        } catch (IOException e) {
            // The thread that reads learns of it, too, and has the better text.
            return;
        }
    }

    /** Ends the connection if its thread has been waiting ever since, without a byte. */
    private void end(long since, String why) {
        if (connection.waitingSince() == since) {
            finding = why;
            end.run();
        }
    }

    /** Returns what the connection was ended for; null if it was not. */
    @Nullable
    String finding() {
        return finding;
    }
}
