package io.podslice.simulator.pods;

/** A pod's phase, as its status spells it. */
public enum PodPhase {
    PENDING("Pending"),
    RUNNING("Running"),
    SUCCEEDED("Succeeded"),
    FAILED("Failed");

    private final String text;

    PodPhase(String text) {
        this.text = text;
    }

    /** Returns the phase as {@code status.phase} has it. */
    public String text() {
        return text;
    }
}
