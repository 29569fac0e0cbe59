package io.podslice.node;

import io.podslice.managers.pod.LinuxResources;
import org.jspecify.annotations.Nullable;

/** The brain's answer to a request that the runtime has not seen yet. */
public sealed interface Verdict {

    /**
     * The request goes on.
     *
     * @param resources what {@code linux.resources} of the request becomes; null: the request's bytes stay as they are
     * @param completion to be told the runtime's answer
     */
    record Proceed(@Nullable LinuxResources resources, Completion completion) implements Verdict {}

    /** The request is answered with this error; nothing has changed on the node. */
    record Refuse(Refusal refusal) implements Verdict {}
}
