package io.podslice.managers.pod;

import java.util.Locale;

/** The part that a container plays in its pod's lifecycle. */
public enum ContainerKind {
    /** Runs as long as the pod does. */
    APP,
    /** Runs to its end before the next container starts. */
    INIT,
    /** An init container with restartPolicy Always: starts in its turn, then runs as long as the pod does. */
    SIDECAR,
    /** Added to a running pod for debugging; has no resources of its own. */
    EPHEMERAL;

    /** The spelling in the annotation, e.g. {@code sidecar}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Tells if the container runs as long as the pod does and belongs to the pod's resources. */
    public boolean isLongRunning() {
        return this == APP || this == SIDECAR;
    }
}
