package io.podslice.node.drift;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** Visits things that come and go in turn, a few each time, so that a visit costs the same however many there are. */
public final class RoundRobin<T> {
    private final int most;
    private final List<T> ahead = new ArrayList<>();

    /** @param most the number of things that one visit goes to at most */
    public RoundRobin(int most) {
        this.most = most;
    }

    /**
     * Returns the next few; they may have gone since the round began.
     *
     * @param all returns the things that there are when a new round begins
     */
    public List<T> next(Supplier<? extends Collection<T>> all) {
        if (ahead.isEmpty()) {
            ahead.addAll(all.get());
        }
        List<T> now = new ArrayList<>();
        while (now.size() < most && !ahead.isEmpty()) {
            now.add(ahead.removeLast());
        }
        return now;
    }
}
