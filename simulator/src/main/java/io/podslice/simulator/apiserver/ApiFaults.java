package io.podslice.simulator.apiserver;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The faults of requests to come. Safe for any thread. */
public final class ApiFaults {
    private final Map<ApiFault.Request, Deque<ApiFault>> planned = new EnumMap<>(ApiFault.Request.class);
    private final Map<ApiFault.Request, ApiFault> lasting = new EnumMap<>(ApiFault.Request.class);
    private final Map<ApiFault.Request, Integer> requests = new EnumMap<>(ApiFault.Request.class);

    ApiFaults() {}

    /** Plans a fault for the next such request; a second fault waits for the request after that. */
    public synchronized void next(ApiFault.Request request, ApiFault fault) {
        planned.computeIfAbsent(request, r -> new ArrayDeque<>()).add(fault);
    }

    /** Lets every such request go wrong until {@link #clear}. */
    public synchronized void always(ApiFault.Request request, ApiFault fault) {
        lasting.put(request, fault);
    }

    /** Forgets all faults; requests that hang already keep hanging. */
    public synchronized void clear() {
        planned.clear();
        lasting.clear();
    }

    /** Returns the number of such requests that came so far, those that went wrong included. */
    public synchronized int requests(ApiFault.Request request) {
        return requests.getOrDefault(request, 0);
    }

    synchronized @Nullable ApiFault take(ApiFault.Request request) {
        requests.merge(request, 1, Integer::sum);
        Deque<ApiFault> faults = planned.get(request);
        ApiFault next = faults == null ? null : faults.poll();
        return next == null ? lasting.get(request) : next;
    }
}
