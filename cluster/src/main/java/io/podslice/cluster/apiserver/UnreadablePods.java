package io.podslice.cluster.apiserver;

import io.podslice.cluster.pod.PodMetadata;
import io.podslice.managers.pod.Printable;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs each pod that cannot be read, once. For one thread. */
final class UnreadablePods {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadablePods.class);

    /** The most pods of which it is remembered that they were logged. */
    private static final int MOST = 256;

    private final Set<String> told = new LinkedHashSet<>();

    void tell(PodMetadata pod, Exception problem) {
        if (!told.add(pod.uid())) {
            return;
        }
        if (told.size() > MOST) {
            told.remove(told.iterator().next());
        }
        LOG.warn(
                "the API server's pod {} cannot be read: {}; its spec comes from the next source",
                Printable.of(pod.namespace() + "/" + pod.name()),
                problem.getMessage());
    }

    /** @param uid of a pod that is gone, or can be read */
    void forget(String uid) {
        told.remove(uid);
    }
}
