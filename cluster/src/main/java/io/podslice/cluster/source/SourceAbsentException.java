package io.podslice.cluster.source;

import java.io.IOException;
import java.io.Serial;

/** The source is not there on this node, as a kubelet without a Pods API: nothing has failed. */
public final class SourceAbsentException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** @param message the thing that is not there, and its likely reason */
    public SourceAbsentException(String message) {
        super(message);
    }
}
