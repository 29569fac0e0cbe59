package io.podslice.simulator.kernel;

import io.podslice.cgroups.Errno;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Limits and protections of memory. Memory is in use only as {@link #use} says: page cache, which limits reclaim, and
 * anonymous memory, for which memory.max kills processes. No process is throttled, and protections have no effect.
 */
final class MemoryController implements Controller {
    private static final List<String> ROOT_FILES = List.of("memory.reclaim");
    private static final List<String> FILES = List.of(
            "memory.current",
            "memory.events",
            "memory.high",
            "memory.low",
            "memory.max",
            "memory.min",
            "memory.oom.group",
            "memory.peak",
            "memory.reclaim",
            "memory.swap.current",
            "memory.swap.high",
            "memory.swap.max",
            "memory.swap.peak");

    private static final class State {
        PageLimit min = PageLimit.ZERO;
        PageLimit low = PageLimit.ZERO;
        PageLimit high = PageLimit.MAX;
        PageLimit max = PageLimit.MAX;
        PageLimit swapHigh = PageLimit.MAX;
        PageLimit swapMax = PageLimit.MAX;
        boolean oomGroup;
    }

    private final Map<Cgroup, State> states = new HashMap<>();
    private final MemoryUsage usage = new MemoryUsage();

    /**
     * Sets the memory that the cgroup's own processes use, in place of what they used; limits of the cgroup and above
     * apply.
     */
    void use(Cgroup cgroup, long anonymousBytes, long cacheBytes) {
        usage.set(cgroup, anonymousBytes / PageLimit.PAGE_BYTES, cacheBytes / PageLimit.PAGE_BYTES);
        for (Cgroup above = cgroup; above != null; above = above.parent) {
            State state = states.get(above);
            if (state != null) {
                usage.keepTo(above, state.high.pages(), false);
                usage.keepTo(above, state.max.pages(), true);
            }
        }
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public boolean isThreaded() {
        return false;
    }

    @Override
    public void enabled(Cgroup cgroup) {
        states.put(cgroup, new State());
    }

    @Override
    public void disabled(Cgroup cgroup) {
        states.remove(cgroup);
        usage.forget(cgroup);
    }

    @Override
    public List<String> files(Cgroup cgroup) {
        return cgroup.isRoot() ? ROOT_FILES : FILES;
    }

    @Override
    public void checkAttach(Cgroup cgroup) {}

    @Override
    public String read(Cgroup cgroup, String file) {
        State state = state(cgroup);
        return switch (file) {
            case "memory.min" -> state.min.toString();
            case "memory.low" -> state.low.toString();
            case "memory.high" -> state.high.toString();
            case "memory.max" -> state.max.toString();
            case "memory.swap.high" -> state.swapHigh.toString();
            case "memory.swap.max" -> state.swapMax.toString();
            case "memory.oom.group" -> state.oomGroup ? "1" : "0";
            case "memory.current" -> Long.toString(usage.current(cgroup) * PageLimit.PAGE_BYTES);
            case "memory.peak", "memory.swap.current", "memory.swap.peak" -> "0";
            case "memory.events" ->
                "low 0\nhigh 0\nmax 0\noom " + usage.kills(cgroup) + "\noom_kill " + usage.kills(cgroup)
                        + "\noom_group_kill 0";
            case "memory.reclaim" -> throw new KernelError(Errno.EINVAL);
            default -> throw new KernelError(Errno.ENOENT);
        };
    }

    @Override
    public void write(Cgroup cgroup, String file, String text) {
        State state = state(cgroup);
        switch (file) {
            case "memory.min" -> state.min = PageLimit.parse(text);
            case "memory.low" -> state.low = PageLimit.parse(text);
            case "memory.high" -> {
                state.high = PageLimit.parse(text);
                usage.keepTo(cgroup, state.high.pages(), false);
            }
            case "memory.max" -> {
                state.max = PageLimit.parse(text);
                usage.keepTo(cgroup, state.max.pages(), true);
            }
            case "memory.swap.high" -> state.swapHigh = PageLimit.parse(text);
            case "memory.swap.max" -> state.swapMax = PageLimit.parse(text);
            case "memory.oom.group" -> {
                int group = KernelNumber.signed32(text.strip());
                if (group != 0 && group != 1) {
                    throw new KernelError(Errno.EINVAL);
                }
                state.oomGroup = group == 1;
            }
            case "memory.peak", "memory.swap.peak" -> {}
            case "memory.reclaim" -> reclaim(cgroup, text.strip());
            default -> throw new KernelError(Errno.EINVAL);
        }
        cgroup.changed = true;
    }

    /** Handles a write to memory.reclaim; EAGAIN if not all of it could be reclaimed. */
    private void reclaim(Cgroup cgroup, String text) {
        if (text.isEmpty()) {
            throw new KernelError(Errno.EINVAL);
        }
        long pages = PageLimit.parse(text).pages();
        if (usage.reclaim(cgroup, pages) < pages) {
            throw new KernelError(Errno.EAGAIN);
        }
    }

    private State state(Cgroup cgroup) {
        State state = states.get(cgroup);
        if (state == null) {
            throw new KernelError(Errno.ENOENT);
        }
        return state;
    }
}
