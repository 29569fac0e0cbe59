package io.podslice.shim.tap;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A client's connection joined to one of the runtime's: the turns of its two pumps, until both have ended. */
final class Joint {
    private final Connection connection;
    private final Duration patience;
    private final Tap.Ended ended;
    private final AtomicInteger pumping = new AtomicInteger(2);
    private final AtomicReference<RuntimeException> fault = new AtomicReference<>();

    /**
     * @param patience once one side has ended its half of the connection, how long the other may stay silent
     * @param ended is called when both pumps have ended
     */
    Joint(Connection connection, Duration patience, Tap.Ended ended) {
        this.connection = connection;
        this.patience = patience;
        this.ended = ended;
    }

    /**
     * Takes turns of a pump until it has ended, on the calling thread while there is something to read. A peer that
     * goes away, and a fault, end the connection; an Error is thrown once it has.
     */
    void pump(Pump pump, Pump other) {
        boolean more = false;
        try {
            more = pump.turn();
            if (!more) {
                // The other peer may take its time to answer a half-closed connection, but not for ever.
                Thread.ofVirtual().start(() -> closeOnceSilent(other));
            }
        } catch (IOException e) {
            connection.close(); // one of the two has gone
        } catch (RuntimeException e) {
            fault.compareAndSet(null, e);
            connection.close();
        } catch (Error e) {
            connection.close();
            throw e;
        } finally {
            if (!more) {
                ended(pump);
            }
        }
        if (more) {
            pump.onceReadable(() -> pump(pump, other));
        }
    }

    private void ended(Pump pump) {
        pump.end();
        if (pumping.decrementAndGet() == 0) {
            connection.close();
            ended.ended(Optional.ofNullable(fault.get()));
        }
    }

    private void closeOnceSilent(Pump pump) {
        try {
            int reads = pump.reads();
            while (!pump.awaitEnd(patience)) {
                if (pump.reads() == reads) {
                    connection.close();
                    return;
                }
                reads = pump.reads();
            }
        } catch (InterruptedException e) {
            connection.close();
        }
    }
}
