package io.podslice.simulator.kubeletapi;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The faults of calls to come, by method: {@code ListPods}, {@code GetPod}, {@code WatchPods}; {@code List}, {@code Get},
 * {@code GetAllocatableResources}. Safe for any thread.
 */
public final class KubeletFaults {
    private final Map<String, Deque<KubeletFault>> planned = new HashMap<>();
    private final Map<String, KubeletFault> lasting = new HashMap<>();
    private final Map<String, Integer> calls = new HashMap<>();

    KubeletFaults() {}

    /** Plans a fault for the next call of the method; a second fault for it waits for the call after that. */
    public synchronized void next(String method, KubeletFault fault) {
        planned.computeIfAbsent(method, m -> new ArrayDeque<>()).add(fault);
    }

    /** Lets every call of the method go wrong until {@link #clear}. */
    public synchronized void always(String method, KubeletFault fault) {
        lasting.put(method, fault);
    }

    /** Forgets all faults; calls that hang already keep hanging. */
    public synchronized void clear() {
        planned.clear();
        lasting.clear();
    }

    /** Returns the number of calls of the method that came so far, those that went wrong included. */
    public synchronized int calls(String method) {
        return calls.getOrDefault(method, 0);
    }

    synchronized @Nullable KubeletFault take(String method) {
        calls.merge(method, 1, Integer::sum);
        Deque<KubeletFault> faults = planned.get(method);
        KubeletFault next = faults == null ? null : faults.poll();
        return next == null ? lasting.get(method) : next;
    }
}
