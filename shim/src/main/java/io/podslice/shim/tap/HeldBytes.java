package io.podslice.shim.tap;

import io.podslice.grpc.GrpcStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/**
 * The memory for messages of held calls, of all connections of a tap together. A large message is collected once it has a
 * claim to its bytes; claims that do not fit wait, first come first served. Safe for use by many threads, which may hold a
 * connection's lock.
 */
final class HeldBytes {
    /** Messages up to this many bytes never wait: a client can send them within windows that it has from the start. */
    private static final long LARGEST_SMALL = 64 << 10;

    /** One in so many of all bytes is small too, where that is less. */
    private static final long SMALL_SHARE = 256;

    /** Most bytes of small messages, and of large ones that wait. */
    private static final long MOST_LOOSE = 12L << 20;

    private final long most;
    private final Executor executor;
    private final ArrayDeque<Claim> waiting = new ArrayDeque<>();
    private final Semaphore alone = new Semaphore(1, true);
    private long claimed;
    private long loose;

    private enum State {
        WAITING,
        GRANTED,
        RELEASED
    }

    /** A claim to so many bytes. Guarded by the lock of the bytes that it belongs to. */
    static final class Claim {
        private final long bytes;
        private final Runnable granted;
        private State state = State.WAITING;

        private Claim(long bytes, Runnable granted) {
            this.bytes = bytes;
            this.granted = granted;
        }
    }

    /**
     * @param most the sum of granted claims, in bytes; a larger message is held when there is no other
     * @param executor runs what waits for a claim
     */
    HeldBytes(long most, Executor executor) {
        this.most = most;
        this.executor = executor;
    }

    /** Tells whether a message of so many bytes needs no claim. */
    boolean isSmall(long bytes) {
        return bytes <= Math.min(LARGEST_SMALL, most / SMALL_SHARE);
    }

    /**
     * Makes a claim.
     *
     * @param granted run by the executor once the claim is granted; never if that is at once
     */
    synchronized Claim claim(long bytes, Runnable granted) {
        Claim claim = new Claim(bytes, granted);
        if (waiting.isEmpty() && fits(claim)) {
            grant(claim);
        } else {
            waiting.add(claim);
        }
        return claim;
    }

    private boolean fits(Claim claim) {
        return claimed == 0 || claimed + claim.bytes <= most;
    }

    private void grant(Claim claim) {
        claim.state = State.GRANTED;
        claimed += claim.bytes;
    }

    synchronized boolean isGranted(Claim claim) {
        return claim.state == State.GRANTED;
    }

    /** Gives a claim up, granted or not; a second time does nothing. */
    void release(Claim claim) {
        List<Claim> next = new ArrayList<>();
        synchronized (this) {
            if (claim.state == State.GRANTED) {
                claimed -= claim.bytes;
            } else if (claim.state == State.WAITING) {
                waiting.remove(claim);
            }
            claim.state = State.RELEASED;
            while (!waiting.isEmpty() && fits(waiting.peek())) {
                Claim first = waiting.remove();
                grant(first);
                next.add(first);
            }
        }
        next.forEach(first -> executor.execute(first.granted));
    }

    /** Counts bytes that no claim covers; false, and not counted, if there are too many already. */
    synchronized boolean takeLoose(long bytes) {
        if (loose + bytes > MOST_LOOSE) {
            return false;
        }
        loose += bytes;
        return true;
    }

    /** Counts bytes of {@link #takeLoose} no longer. */
    synchronized void releaseLoose(long bytes) {
        loose -= bytes;
    }

    /** Something done with a large message. */
    interface Work {
        void run() throws Exception;
    }

    /**
     * Does what needs memory that no claim covers, since a message is larger than it travelled, when nothing else of that kind
     * is done.
     */
    void runAlone(Work work) throws Exception {
        alone.acquireUninterruptibly();
        try {
            work.run();
        } finally {
            alone.release();
        }
    }

    /** The status of a call for which there is no room although it is small, or waits. */
    static GrpcStatus exhausted() {
        return new GrpcStatus(
                GrpcStatus.RESOURCE_EXHAUSTED,
                "podslice holds its limit of " + MOST_LOOSE + " bytes of requests that wait; try again");
    }
}
