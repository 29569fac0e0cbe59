package io.podslice.cluster.source;

import io.podslice.cluster.wire.UnreadableException;
import io.podslice.managers.pod.Printable;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.PodSpecs.Lookup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One lookup in the sources, in their order. For one pod, by one thread. */
final class PodSearch {
    private static final Logger LOG = LoggerFactory.getLogger(PodSearch.class);
    private static final int LONGEST_REMARK = 300;

    private final List<RankedSource> sources;
    private final PodSandboxRequest pod;
    private final LongSupplier nanoTime;
    private final long deadlineNanos;
    private final List<String> remarks = new ArrayList<>();

    PodSearch(List<RankedSource> sources, PodSandboxRequest pod, LongSupplier nanoTime, Duration atMost) {
        this.sources = sources;
        this.pod = pod;
        this.nanoTime = nanoTime;
        this.deadlineNanos = nanoTime.getAsLong() + atMost.toNanos();
    }

    Lookup run() {
        List<RankedSource> leftAlone = new ArrayList<>();
        List<RankedSource> asked = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            boolean rests = sources.get(i).rests(nanoTime.getAsLong());
            (rests && canAnswer(sources.subList(i + 1, sources.size())) ? leftAlone : asked).add(sources.get(i));
        }
        Optional<KnownPod> found = askEach(asked);
        if (found.isEmpty()) {
            found = askEach(leftAlone);
        } else {
            leftAlone.forEach(source -> remarks.add(source.restRemark(nanoTime.getAsLong())));
        }
        found.ifPresent(this::compare);
        return new Lookup(found, remarks);
    }

    private boolean canAnswer(List<RankedSource> others) {
        for (RankedSource other : others) {
            if (!other.rests(nanoTime.getAsLong()) && other.source().health().ready()) {
                return true;
            }
        }
        return false;
    }

    private Optional<KnownPod> askEach(List<RankedSource> inOrder) {
        for (int i = 0; i < inOrder.size(); i++) {
            RankedSource source = inOrder.get(i);
            long left = deadlineNanos - nanoTime.getAsLong();
            if (left <= 0 || Thread.currentThread().isInterrupted()) {
                remarks.add(source.name() + ": not asked, the lookup's time is over");
                continue;
            }
            boolean isLast = i == inOrder.size() - 1;
            Optional<KnownPod> found = ask(source, Duration.ofNanos(isLast ? left : left / 2));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<KnownPod> ask(RankedSource source, Duration atMost) {
        try {
            Optional<KnownPod> found = source.source().find(pod, atMost);
            source.answered();
            if (found.isEmpty()) {
                remarks.add(source.name() + ": does not have the pod");
            } else if (!isThisPod(found.get())) {
                remarks.add(Printable.of(
                        source.name() + ": describes " + found.get().namespace() + "/"
                                + found.get().name() + " with uid "
                                + found.get().uid() + " instead",
                        LONGEST_REMARK));
                return Optional.empty();
            }
            return found;
        } catch (SourceAbsentException e) {
            return Optional.empty(); // Nothing that a reader of remarks could act on.
        } catch (UnreadableException e) {
            source.answered(); // One pod that cannot be read tells nothing of the others.
            remark(source, String.valueOf(e.getMessage()));
            return Optional.empty();
        } catch (IOException e) {
            failed(source, String.valueOf(e.getMessage()));
            return Optional.empty();
        } catch (RuntimeException e) {
            LOG.error("{}: a lookup failed", source.name(), e);
            failed(source, e.toString());
            return Optional.empty();
        }
    }

    /** The uid of a mirror pod comes from its annotations: only name and namespace are the API server's word. */
    private boolean isThisPod(KnownPod found) {
        return found.uid().equals(pod.uid())
                && found.namespace().equals(pod.namespace())
                && found.name().equals(pod.name());
    }

    private void failed(RankedSource source, String text) {
        source.failed(nanoTime.getAsLong(), Printable.of(text, LONGEST_REMARK));
        remark(source, text);
    }

    private void remark(RankedSource source, String text) {
        remarks.add(source.name() + ": " + Printable.of(text, LONGEST_REMARK));
    }

    /** Compares the pod with the copies that the other sources hold already. */
    private void compare(KnownPod winner) {
        boolean isBetter = true;
        for (RankedSource other : sources) {
            if (other.source().kind() == winner.source()) {
                isBetter = false;
                continue;
            }
            Optional<KnownPod> copy = other.source().atHand(pod.uid(), pod.namespace(), pod.name());
            if (copy.isPresent() && !copy.get().spec().equals(winner.spec())) {
                remarks.add(other.name() + ": has another spec, of generation "
                        + copy.get().generation() + "; that of "
                        + winner.source().text() + ", of generation " + winner.generation() + ", counts, since it "
                        + (isBetter ? "answered" : "is asked first"));
            }
        }
    }
}
