package io.podslice.simulator.kernel;

import io.podslice.cgroups.Errno;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** pids.max and the count of processes. The limit is kept, not enforced: nothing forks here. */
final class PidsController implements Controller {
    /** The kernel's number for {@code max}: one more than the process ids of a 64-bit Linux. */
    private static final long NO_LIMIT = 4 * 1024 * 1024 + 1;

    private static final class State {
        long limit = NO_LIMIT;
        int peak;
    }

    private final Map<Cgroup, State> states = new HashMap<>();

    @Override
    public String name() {
        return "pids";
    }

    @Override
    public boolean isThreaded() {
        return true;
    }

    @Override
    public void enabled(Cgroup cgroup) {
        State state = new State();
        state.peak = cgroup.populationBelow();
        states.put(cgroup, state);
    }

    @Override
    public void disabled(Cgroup cgroup) {
        states.remove(cgroup);
    }

    @Override
    public List<String> files(Cgroup cgroup) {
        return cgroup.isRoot() ? List.of() : List.of("pids.current", "pids.events", "pids.max", "pids.peak");
    }

    @Override
    public void checkAttach(Cgroup cgroup) {}

    /** Counts a process that has come to the cgroup. */
    void attached(Cgroup cgroup) {
        for (Cgroup at = cgroup; at != null; at = at.parent) {
            State state = states.get(at);
            if (state != null) {
                state.peak = Math.max(state.peak, at.populationBelow());
            }
        }
    }

    @Override
    public String read(Cgroup cgroup, String file) {
        State state = state(cgroup);
        return switch (file) {
            case "pids.current" -> Integer.toString(cgroup.populationBelow());
            case "pids.events" -> "max 0";
            case "pids.max" -> state.limit == NO_LIMIT ? "max" : Long.toString(state.limit);
            case "pids.peak" -> Integer.toString(state.peak);
            default -> throw new KernelError(Errno.ENOENT);
        };
    }

    @Override
    public void write(Cgroup cgroup, String file, String text) {
        State state = state(cgroup);
        if (!file.equals("pids.max")) {
            throw new KernelError(Errno.EINVAL);
        }
        String value = text.strip();
        long limit = value.equals("max") ? NO_LIMIT : KernelNumber.signed(value);
        if (!value.equals("max") && (limit < 0 || limit >= NO_LIMIT)) {
            throw new KernelError(Errno.EINVAL);
        }
        state.limit = limit;
        cgroup.changed = true;
    }

    private State state(Cgroup cgroup) {
        State state = states.get(cgroup);
        if (state == null) {
            throw new KernelError(Errno.ENOENT);
        }
        return state;
    }
}
