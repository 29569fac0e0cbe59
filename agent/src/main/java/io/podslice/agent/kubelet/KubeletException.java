package io.podslice.agent.kubelet;

import io.podslice.managers.pod.Printable;
import java.io.Serial;

/** The kubelet could not be given another endpoint; the message says why, and what to do. */
public final class KubeletException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** @param message one line, which is made printable */
    public KubeletException(String message) {
        super(Printable.of(message));
    }
}
