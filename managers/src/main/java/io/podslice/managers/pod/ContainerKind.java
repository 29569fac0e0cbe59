package io.podslice.managers.pod;

import java.util.Locale;

/** How a container takes part in its pod's life. */
public enum ContainerKind {
    /** Runs as long as the pod does. */
    APP,
    /** Runs to its end before the next container starts. */
    INIT,
    /** An init container with restartPolicy Always: starts in its turn, then runs as long as the pod does. */
    SIDECAR,
    /** Added to a running pod for debugging; has no resources of its own. */
    EPHEMERAL;

    /** As the annotation has it, e.g. {@code sidecar}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it runs as long as the pod does and belongs to the pod's resources. */
    public boolean isLongRunning() {
        return this == APP || this == SIDECAR;
    }
}
