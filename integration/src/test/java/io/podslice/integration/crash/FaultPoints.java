package io.podslice.integration.crash;

import org.jspecify.annotations.Nullable;

/** Counts podslice's writes and looks, and makes one of them fail. */
final class FaultPoints {
    private int passed;
    private int looked;
    private int at;
    private @Nullable Fault fault;
    private @Nullable String struck;

    /** Makes one of the next writes fail, after {@code skipped} others; starts to count points from zero. */
    void arm(int skipped, Fault fault) {
        this.passed = 0;
        this.looked = 0;
        this.at = skipped;
        this.fault = fault;
        this.struck = null;
    }

    /** Lets all writes succeed from now on, and starts to count points from zero. */
    void disarm() {
        this.passed = 0;
        this.looked = 0;
        this.fault = null;
    }

    /** Returns the number of points since the last call of {@link #arm} or {@link #disarm}. */
    int passed() {
        return passed;
    }

    /** Returns the number of looks and writes since the last call of {@link #arm} or {@link #disarm}. */
    int looked() {
        return looked;
    }

    /** Returns the fault and its place; null if none has struck since {@link #arm}. */
    @Nullable
    String struck() {
        return struck;
    }

    /** Counts a look at something; an Error strikes there. */
    void look(String what) {
        boolean strikes = fault == Fault.ERROR && looked == at;
        looked++;
        if (strikes) {
            struck = fault + " at " + what;
            throw new OutOfMemoryError(what);
        }
    }

    /** Returns the fault of this write; null if there is none. */
    @Nullable
    Fault next(String what) {
        look(what);
        boolean strikes = fault != null && fault != Fault.ERROR && passed == at;
        passed++;
        if (!strikes) {
            return null;
        }
        struck = fault + " at " + what;
        return fault;
    }
}
