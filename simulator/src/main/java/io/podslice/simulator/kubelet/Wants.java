package io.podslice.simulator.kubelet;

/** Requests and limits of a pod or a container; a request that is not said is its limit (API server defaulting). */
public record Wants(Amounts requests, Amounts limits) {

    /** Asks for nothing. */
    public static final Wants NONE = new Wants(Amounts.NONE, Amounts.NONE);

    public Wants {
        requests = requests.or(limits);
    }

    /** Requests equal to limits. */
    public static Wants guaranteed(Amounts amounts) {
        return new Wants(amounts, amounts);
    }

    /** Requests without limits. */
    public static Wants requested(Amounts requests) {
        return new Wants(requests, Amounts.NONE);
    }

    boolean isGuaranteed() {
        return limits.saysBoth() && requests.equals(limits);
    }
}
