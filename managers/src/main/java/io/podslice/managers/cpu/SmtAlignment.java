package io.podslice.managers.cpu;

import io.podslice.managers.topology.Rejection;

/** The rejection of a pod that full-pcpus-only does not admit. */
final class SmtAlignment {
    private static final String REASON = "SMTAlignmentError";

    private SmtAlignment() {}

    static Rejection notWholeCores(int requested, int threads) {
        int less = requested - requested % threads;
        return new Rejection(
                Rejection.Manager.CPU,
                REASON,
                "SMT Alignment Error: requested " + requested + " cpus not multiple cpus per core = " + threads,
                less == 0 ? threads + " CPUs would fit" : less + " or " + (less + threads) + " CPUs would fit");
    }

    static Rejection notEnough(int requested, int available, int threads, String outlook) {
        return new Rejection(
                Rejection.Manager.CPU,
                REASON,
                "SMT Alignment Error: not enough free physical CPUs: available physical CPUs = " + available
                        + ", requested CPUs = " + requested + ", CPUs per core = " + threads,
                outlook);
    }
}
