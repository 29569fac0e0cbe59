package io.podslice.simulator.kernel;

import java.util.HashMap;
import java.util.Map;

/**
 * The memory that cgroups use, in pages: by their own processes, and with the cgroups below them. Page cache can be
 * reclaimed; anonymous memory is freed only by killing processes.
 */
final class MemoryUsage {
    private static final class Pages {
        long anonymous;
        long cache;
    }

    private final Map<Cgroup, Pages> own = new HashMap<>();
    private final Map<Cgroup, Long> kills = new HashMap<>();

    void set(Cgroup cgroup, long anonymous, long cache) {
        Pages pages = own.computeIfAbsent(cgroup, c -> new Pages());
        pages.anonymous = anonymous;
        pages.cache = cache;
        cgroup.markChangedUpwards();
    }

    void forget(Cgroup cgroup) {
        own.remove(cgroup);
        kills.remove(cgroup);
    }

    long current(Cgroup cgroup) {
        Pages pages = own.get(cgroup);
        long sum = pages == null ? 0 : pages.anonymous + pages.cache;
        for (Cgroup child : cgroup.children.values()) {
            sum += current(child);
        }
        return sum;
    }

    /** Reclaims page cache, at most the wanted number of pages; returns the number of pages reclaimed. */
    long reclaim(Cgroup cgroup, long wanted) {
        long taken = 0;
        Pages pages = own.get(cgroup);
        if (pages != null && wanted > 0) {
            taken = Math.min(wanted, pages.cache);
            pages.cache -= taken;
            cgroup.markChangedUpwards();
        }
        for (Cgroup child : cgroup.children.values()) {
            taken += reclaim(child, wanted - taken);
        }
        return taken;
    }

    /** Reclaims the pages above a limit; kills processes for the rest if the limit is memory.max. */
    void keepTo(Cgroup cgroup, long pages, boolean kills) {
        reclaim(cgroup, current(cgroup) - pages);
        while (kills && current(cgroup) > pages) {
            kill(cgroup);
        }
    }

    /** Kills for memory.max: the victim is the cgroup, this one or below, whose own anonymous memory is largest. */
    private void kill(Cgroup cgroup) {
        Cgroup victim = largest(cgroup);
        Pages pages = own.get(victim);
        if (pages == null) {
            throw new IllegalStateException("no process to kill in " + cgroup.path);
        }
        pages.anonymous = 0;
        for (Cgroup above = victim; above != null; above = above.parent) {
            kills.merge(above, 1L, Long::sum);
        }
        victim.markChangedUpwards();
    }

    private Cgroup largest(Cgroup cgroup) {
        Cgroup largest = cgroup;
        for (Cgroup child : cgroup.children.values()) {
            Cgroup below = largest(child);
            largest = anonymous(below) > anonymous(largest) ? below : largest;
        }
        return largest;
    }

    private long anonymous(Cgroup cgroup) {
        Pages pages = own.get(cgroup);
        return pages == null ? 0 : pages.anonymous;
    }

    long kills(Cgroup cgroup) {
        return kills.getOrDefault(cgroup, 0L);
    }
}
