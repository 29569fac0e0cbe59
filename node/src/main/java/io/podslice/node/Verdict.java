package io.podslice.node;

import io.podslice.managers.pod.LinuxResources;
import org.jspecify.annotations.Nullable;

/** The brain's answer to a request that the runtime has not seen yet. */
public sealed interface Verdict {

    /**
     * The request goes on.
     *
     * @param resources the request's new {@code linux.resources}; null leaves the request's bytes as they are
     * @param completion takes the runtime's answer
     */
    record Proceed(@Nullable LinuxResources resources, Completion completion) implements Verdict {}

    /** The request is answered with this error; nothing has changed on the node. */
    record Refuse(Refusal refusal) implements Verdict {}
}
