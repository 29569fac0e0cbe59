package io.podslice.node.state;

import io.podslice.cgroups.CgroupException;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.StateException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The brain's one lock, and the fate of failures under it: those of a request go up to its caller, which refuses it or
 * lets it pass; those of work without a caller are logged and left to the next sweep.
 */
public final class Guard {
    private static final Logger log = LoggerFactory.getLogger(Guard.class);

    private final ReentrantLock lock = new ReentrantLock();

    /**
     * Fails where the calling thread does not hold the lock, if assertions are enabled, as in all tests. Called at the
     * entrances of all that the lock guards.
     */
    public void assertHeld() {
        assert lock.isHeldByCurrentThread() : "the brain's lock is not held";
    }

    /** An action that may be refused. */
    public interface Refusable {
        void run() throws RefusedException;
    }

    /**
     * Runs an action that follows the runtime's answer.
     *
     * @throws RefusedException if the action refuses, or the kernel or the disk fails
     */
    public void orRefuse(Refusable action) throws RefusedException {
        lock.lock();
        try {
            action.run();
        } catch (CgroupException | StateException e) {
            log.error("{}", e.getMessage(), e);
            throw new RefusedException(internal(e));
        } finally {
            lock.unlock();
        }
    }

    /** Runs an action that no caller waits for; logs its failure. */
    public void quietly(String occasion, Runnable action) {
        lock.lock();
        try {
            action.run();
        } catch (RuntimeException e) {
            log.error("{}: {}", occasion, e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    /** Computes a value. */
    public <T> T look(Supplier<T> at) {
        lock.lock();
        try {
            return at.get();
        } finally {
            lock.unlock();
        }
    }

    private static Refusal internal(RuntimeException e) {
        return new Refusal("PodsliceError", Refusal.Kind.INTERNAL, String.valueOf(e.getMessage()));
    }
}
