package io.podslice.agent.replay;

import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import java.util.Comparator;

/** Names a pod; in order of namespace and name. */
public record PodKey(String namespace, String name, String uid) implements Comparable<PodKey> {
    private static final Comparator<PodKey> ORDER =
            Comparator.comparing(PodKey::namespace).thenComparing(PodKey::name).thenComparing(PodKey::uid);

    static PodKey of(Pod pod) {
        return new PodKey(pod.getNamespace(), pod.getName(), pod.getUid());
    }

    static PodKey of(PodReference pod) {
        return new PodKey(pod.getNamespace(), pod.getName(), pod.getUid());
    }

    @Override
    public int compareTo(PodKey other) {
        return ORDER.compare(this, other);
    }

    /** Returns namespace and name, for messages. */
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
