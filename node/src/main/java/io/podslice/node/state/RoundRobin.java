package io.podslice.node.state;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/**
 * Goes through a changing collection in rounds, a few elements on each call, so that a call costs the same however
 * large the collection is.
 */
public final class RoundRobin<T> {
    private final int most;
    private final List<T> ahead = new ArrayList<>();

    /** @param most the number of elements that a call returns at most */
    public RoundRobin(int most) {
        this.most = most;
    }

    /**
     * Returns the next few elements; the collection may have lost some of them since the round began.
     *
     * @param all supplies the collection when a new round begins
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
