package io.podslice.cgroups.dbus;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Calls of a connection that are not answered yet, by serial; those given up are kept, to know a late answer. */
final class PendingCalls {
    /** The most calls that may wait at once, those given up included. */
    static final int MOST = 64;

    private final Map<Integer, Pending> calls = new HashMap<>();
    private int lastSerial;
    private @Nullable DBusException closed;

    /** One call that is under way. */
    static final class Pending {
        private final int serial;
        private final CompletableFuture<DBusMessage> reply = new CompletableFuture<>();
        private boolean givenUp;

        private Pending(int serial) {
            this.serial = serial;
        }

        int serial() {
            return serial;
        }
    }

    /** @throws DBusException if the connection is closed, or too many calls wait */
    synchronized Pending begin() throws DBusException {
        if (closed != null) {
            throw again(closed);
        }
        if (calls.size() >= MOST) {
            throw new DBusException(DBusException.LIMITS_EXCEEDED, MOST + " calls wait for their answers");
        }
        do {
            lastSerial++;
        } while (lastSerial == 0 || calls.containsKey(lastSerial));
        Pending call = new Pending(lastSerial);
        calls.put(lastSerial, call);
        return call;
    }

    /**
     * Takes an answer, and tells if its call had been given up.
     *
     * @param reply its body is copied if it is waited for
     */
    boolean answer(DBusMessage reply) {
        Pending call;
        boolean late;
        synchronized (this) {
            call = calls.remove(reply.replySerial());
            late = call != null && call.givenUp;
        }
        if (call != null && !late) {
            call.reply.complete(reply.kept());
        }
        return late;
    }

    /** Waits for the answer; an interrupt does not end the wait, as it would not end a write to a file. */
    DBusMessage await(Pending call, Duration timeout) throws DBusException {
        long end = System.nanoTime() + timeout.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return call.reply.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DBusException reason) {
                throw again(reason);
            }
            throw new IllegalStateException(e);
        } catch (TimeoutException e) {
            giveUp(call);
            throw new DBusException(DBusException.NO_REPLY, "no answer within " + timeout.toMillis() + " ms", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void giveUp(Pending call) {
        call.givenUp = true;
    }

    /** Lets all calls fail, those under way and those to come. */
    void close(DBusException reason) {
        Map<Integer, Pending> failed;
        synchronized (this) {
            if (closed != null) {
                return;
            }
            closed = reason;
            failed = Map.copyOf(calls);
            calls.clear();
        }
        failed.values().forEach(call -> call.reply.completeExceptionally(reason));
    }

    /** Returns an exception of the caller's own, with the stack of its own call. */
    private static DBusException again(DBusException reason) {
        return new DBusException(reason.name(), String.valueOf(reason.getMessage()), reason);
    }
}
