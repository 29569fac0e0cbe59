package io.podslice.cluster.source;

import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.PodSpecs;
import io.podslice.node.SourceHealth;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configured sources in their one order. A lookup asks one after the other until one has the pod; a source gets half
 * of the time that is left if another follows it, else all of it. A source that has just failed is not asked while another
 * one can answer; it is asked when none has the pod.
 */
public final class PodSources implements PodSpecs, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PodSources.class);

    private final List<RankedSource> sources;
    private final LongSupplier nanoTime;

    /** @param sources best first */
    public PodSources(List<? extends PodSource> sources) {
        this(sources, System::nanoTime);
    }

    /** @param nanoTime the clock, as {@link System#nanoTime} */
    PodSources(List<? extends PodSource> sources, LongSupplier nanoTime) {
        this.sources = sources.stream().map(RankedSource::new).toList();
        this.nanoTime = nanoTime;
    }

    /**
     * Begins to watch the sources that can be watched.
     *
     * @param changes gets each pod that is new or has changed, from the best source that has it; may be called from
     *     several threads at once, and may block
     */
    public void start(Consumer<KnownPod> changes) {
        for (int i = 0; i < sources.size(); i++) {
            int rank = i;
            sources.get(i).source().start(pod -> tell(rank, pod, changes));
        }
    }

    private void tell(int rank, KnownPod pod, Consumer<KnownPod> changes) {
        for (RankedSource better : sources.subList(0, rank)) {
            if (better.source().atHand(pod.uid(), pod.namespace(), pod.name()).isPresent()
                    && better.source().health().ready()) {
                return; // It tells the change itself, once the kubelet knows of it.
            }
        }
        try {
            changes.accept(pod);
        } catch (RuntimeException e) {
            LOG.error("pod {}/{}: a change of its spec was not taken", pod.namespace(), pod.name(), e);
        }
    }

    @Override
    public Lookup find(PodSandboxRequest pod, Duration atMost) {
        return new PodSearch(sources, pod, nanoTime, atMost).run();
    }

    @Override
    public List<SourceHealth> health() {
        return sources.stream().map(ranked -> ranked.source().health()).toList();
    }

    @Override
    public void close() {
        for (RankedSource ranked : sources) {
            ranked.source().close();
        }
    }
}
