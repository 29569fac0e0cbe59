package io.podslice.agent.kubelet;

import java.io.InterruptedIOException;

/** The time that passes while a node is waited for. */
public interface NodeClock {
    /** Returns seconds since a fixed instant. */
    long seconds();

    /**
     * Waits.
     *
     * @throws InterruptedIOException if the thread is interrupted
     */
    void pause(long seconds) throws InterruptedIOException;

    /** The time of the machine. */
    NodeClock SYSTEM = new NodeClock() {
        @Override
        public long seconds() {
            return System.nanoTime() / 1_000_000_000L;
        }

        @Override
        public void pause(long seconds) throws InterruptedIOException {
            try {
                Thread.sleep(seconds * 1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while the node was waited for");
            }
        }
    };
}
