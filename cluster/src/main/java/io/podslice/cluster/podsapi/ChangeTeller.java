package io.podslice.cluster.podsapi;

import io.podslice.cluster.wire.UnreadableException;
import io.podslice.node.KnownPod;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells changes of pods, and asks the kubelet for those pods of which an event was not enough. Does so on a thread of its
 * own: the thread that reads the watch must never wait, or the kubelet ends it. It is a platform thread, since the brain decides on it.
 */
final class ChangeTeller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeTeller.class);

    /** 40 calls a second: the kubelet takes 100, and lookups that a pod waits for need theirs. */
    private static final long BETWEEN_CALLS_MILLIS = 25;

    /** The lookup for a new pod's sandbox comes first, as a rule, and then there is nothing left to ask. */
    private static final Duration NEW_POD_DELAY = Duration.ofMillis(500);

    private static final Duration TIME_FOR_CALL = Duration.ofSeconds(3);
    private static final Duration TIME_TO_END = Duration.ofSeconds(5);
    private static final long CHECK_MILLIS = 1000;

    /** A pod to ask for: from which generation on its copy is enough, and the time of the call. */
    private record Question(long generation, long dueNanos) {}

    /** A pod to tell; with a question, one to ask for first. */
    private record Work(String uid, @Nullable Question question) {}

    private final PodsApiCalls calls;
    private final KeptPods kept;
    private final Consumer<KnownPod> changes;
    private final UnreadableLog unreadable;
    private final Pauses pauses;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("pods-api-changes").unstarted(this::run);

    private final SequencedSet<String> toTell = new LinkedHashSet<>();
    private final Map<String, Question> toAsk = new LinkedHashMap<>();
    /** The kubelet is asked for nothing before this time; pods that need no question are told meanwhile. */
    private long asksFromNanos = System.nanoTime();

    private boolean closing;

    ChangeTeller(PodsApiCalls calls, KeptPods kept, Consumer<KnownPod> changes, UnreadableLog unreadable) {
        this(calls, kept, changes, unreadable, new Pauses(BETWEEN_CALLS_MILLIS, 30_000));
    }

    /** @param pauses after calls that failed */
    ChangeTeller(
            PodsApiCalls calls, KeptPods kept, Consumer<KnownPod> changes, UnreadableLog unreadable, Pauses pauses) {
        this.calls = calls;
        this.kept = kept;
        this.changes = changes;
        this.unreadable = unreadable;
        this.pauses = pauses;
    }

    void start() {
        thread.start();
    }

    /**
     * Has a pod told as it is kept. Pods that are no longer kept make room: while a change is being taken, a kubelet may tell
     * of any number that come and go.
     */
    synchronized void tell(String uid) {
        if (toTell.size() >= KeptPods.MOST_PODS) {
            toTell.removeIf(waiting -> kept.find(waiting).isEmpty());
        }
        if (toTell.add(uid)) {
            notifyAll();
        }
    }

    /** Returns the number of pods that wait to be told. */
    synchronized int waiting() {
        return toTell.size();
    }

    /** Returns the time for which the kubelet will not be asked, zero or less if it may be asked now. */
    synchronized Duration asksIn() {
        return Duration.ofNanos(asksFromNanos - System.nanoTime());
    }

    /**
     * Has the kubelet asked for a pod, and the pod told.
     *
     * @param generation the generation that is enough, if the pod is kept with it by then; 0: ask in any case
     */
    synchronized void ask(String uid, long generation) {
        Question before = toAsk.remove(uid);
        if (before == null && toAsk.size() == KeptPods.MOST_PODS) {
            return;
        }
        long due = System.nanoTime() + (kept.find(uid).isPresent() ? 0 : NEW_POD_DELAY.toNanos());
        toAsk.put(
                uid,
                before == null
                        ? new Question(generation, due)
                        : new Question(Math.max(before.generation, generation), Math.min(before.dueNanos, due)));
        notifyAll();
    }

    private void run() {
        try {
            for (Work work = await(); work != null; work = await()) {
                if (work.question == null || isEnough(work.uid, work.question)) {
                    tellKept(work.uid);
                } else if (answered(work.uid)) {
                    pauses.reset();
                    askAfter(BETWEEN_CALLS_MILLIS);
                } else {
                    ask(work.uid, work.question.generation);
                    askAfter(pauses.next());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // as good as closed
        }
    }

    /** Waits for a pod that must be told or asked for; null once this is closed. */
    private synchronized @Nullable Work await() throws InterruptedException {
        while (!closing) {
            kept.doubtful(System.nanoTime()).forEach(uid -> ask(uid, 0));
            if (!toTell.isEmpty()) {
                return new Work(toTell.removeFirst(), null);
            }
            long now = System.nanoTime();
            long soonest = TimeUnit.MILLISECONDS.toNanos(CHECK_MILLIS);
            for (Map.Entry<String, Question> entry : toAsk.entrySet()) {
                long wait = Math.max(entry.getValue().dueNanos - now, asksFromNanos - now);
                if (wait <= 0) {
                    toAsk.remove(entry.getKey());
                    return new Work(entry.getKey(), entry.getValue());
                }
                soonest = Math.min(soonest, wait);
            }
            wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(soonest)));
        }
        return null;
    }

    private synchronized void askAfter(long millis) {
        asksFromNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** A lookup may have brought the pod meanwhile. */
    private boolean isEnough(String uid, Question question) {
        return question.generation > 0
                && kept.find(uid)
                        .filter(pod -> pod.generation() >= question.generation)
                        .isPresent();
    }

    /** Asks the kubelet for a pod and tells it; returns false if the kubelet must be asked again. */
    private boolean answered(String uid) {
        try {
            Optional<KnownPod> pod = calls.get(uid, TIME_FOR_CALL);
            if (pod.isEmpty()) {
                kept.forget(uid);
            } else if (kept.answered(pod.get()) == KeptPods.Consequence.TELL) {
                tellKept(uid);
            }
            return true;
        } catch (UnreadableException e) {
            unreadable.add(e);
            return true;
        } catch (IOException e) {
            return false; // The watch says so in the log, or the next lookup.
        }
    }

    private void tellKept(String uid) {
        Optional<KnownPod> pod = kept.find(uid);
        if (pod.isEmpty()) {
            return;
        }
        try {
            changes.accept(pod.get());
        } catch (RuntimeException e) {
            LOG.error("pod {}: a change of its spec was not taken", uid, e);
        }
    }

    /**
     * Ends once the change that is being told has been taken: the brain is not interrupted, since that would break off what
     * it writes.
     */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        try {
            if (!thread.join(TIME_TO_END)) {
                LOG.warn("Pods API: a change of a pod is still being taken");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
