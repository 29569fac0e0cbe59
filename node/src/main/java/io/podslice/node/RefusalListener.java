package io.podslice.node;

/** Hears of pods that podslice has refused. Called from any thread; must not block or throw. */
public interface RefusalListener {
    /** Hears nothing. */
    RefusalListener NONE = (pod, refusal) -> {};

    /**
     * A pod was refused before its first sandbox.
     *
     * @param pod the pod, which has never run on this node
     */
    void refused(PodSandboxRequest pod, Refusal refusal);
}
