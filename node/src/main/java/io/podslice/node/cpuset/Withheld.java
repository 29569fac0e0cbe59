package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupPath;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The pods and containers whose CPUs are kept by {@code cpuset.cpus} alone, since the kernel has refused a partition or has
 * ended it twice. Each is tried again by the next sweep, since a partition that has just ended may still have held the
 * CPUs, and after that every {@value #SWEEPS_BETWEEN_TRIES} sweeps.
 */
final class Withheld {
    private static final int SWEEPS_BETWEEN_TRIES = 30;

    private final Map<CgroupPath, Entry> entries = new HashMap<>();
    private long sweep;

    /** @param until the sweep that tries again */
    private record Entry(String reason, int refusals, long until) {}

    void beginSweep() {
        sweep++;
    }

    /** Tells if the kernel is not asked at the moment. */
    boolean has(CgroupPath path) {
        Entry entry = entries.get(path);
        return entry != null && sweep < entry.until();
    }

    /** Takes note of a refusal, and tells if its reason is another one than before. */
    boolean refused(CgroupPath path, String reason) {
        Entry before = entries.get(path);
        int refusals = before == null ? 1 : before.refusals() + 1;
        entries.put(path, new Entry(reason, refusals, sweep + (refusals == 1 ? 1 : SWEEPS_BETWEEN_TRIES)));
        return before == null || !before.reason().equals(reason);
    }

    /** Takes note that the kernel has made the partition, and tells if it had refused it before. */
    boolean granted(CgroupPath path) {
        return entries.remove(path) != null;
    }

    /** Forgets all but some cgroups. */
    void retain(Predicate<CgroupPath> kept) {
        entries.keySet().removeIf(kept.negate());
    }

    /** Returns the kernel's reasons by the cgroups of pods and containers. */
    Map<CgroupPath, String> reasons() {
        Map<CgroupPath, String> reasons = new HashMap<>();
        entries.forEach((path, entry) -> reasons.put(path, entry.reason()));
        return reasons;
    }
}
