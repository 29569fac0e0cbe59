package io.podslice.simulator.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The faults of calls to come. Methods are named as CRI names them, e.g. {@code CreateContainer}. Safe for any thread.
 */
public final class Faults {
    private final Map<String, Deque<Fault>> planned = new HashMap<>();

    Faults() {}

    /** Plans a fault for the next call of the method; a second fault for it waits for the call after that. */
    public synchronized void next(String method, Fault fault) {
        planned.computeIfAbsent(method, m -> new ArrayDeque<>()).add(fault);
    }

    /** Forgets all planned faults; calls that hang already keep hanging. */
    public synchronized void clear() {
        planned.clear();
    }

    /** Returns true while a fault waits for a call of the method. */
    public synchronized boolean waits(String method) {
        return planned.containsKey(method) && !planned.get(method).isEmpty();
    }

    synchronized @Nullable Fault take(String method) {
        Deque<Fault> faults = planned.get(method);
        return faults == null ? null : faults.poll();
    }
}
