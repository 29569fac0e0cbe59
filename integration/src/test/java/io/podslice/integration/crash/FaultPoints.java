package io.podslice.integration.crash;

import org.jspecify.annotations.Nullable;

/** Counts the writes that podslice makes, and lets one of them go wrong. */
final class FaultPoints {
    private int passed;
    private int at;
    private @Nullable Fault fault;
    private @Nullable String struck;

    /** From now on the next write but {@code skipped} goes wrong; the points before are counted no more. */
    void arm(int skipped, Fault fault) {
        this.passed = 0;
        this.at = skipped;
        this.fault = fault;
        this.struck = null;
    }

    /** From now on nothing goes wrong, and points are counted from zero. */
    void disarm() {
        this.passed = 0;
        this.fault = null;
    }

    /** Points that were passed since the last call of {@link #arm} or {@link #disarm}. */
    int passed() {
        return passed;
    }

    /** What went wrong, and where; null if nothing has since it was armed. */
    @Nullable
    String struck() {
        return struck;
    }

    /** Tells what goes wrong with this write; null if nothing does. */
    @Nullable
    Fault next(String what) {
        boolean strikes = fault != null && passed == at;
        passed++;
        if (!strikes) {
            return null;
        }
        struck = fault + " at " + what;
        return fault;
    }
}
