package io.podslice.simulator.kubelet;

/** Requests and limits of a pod or a container; a request that is not set is its limit (API server defaulting). */
public record Wants(Amounts requests, Amounts limits) {

    /** No request and no limit. */
    public static final Wants NONE = new Wants(Amounts.NONE, Amounts.NONE);

    public Wants {
        requests = requests.or(limits);
    }

    /** Returns requests equal to limits. */
    public static Wants guaranteed(Amounts amounts) {
        return new Wants(amounts, amounts);
    }

    /** Returns requests without limits. */
    public static Wants requested(Amounts requests) {
        return new Wants(requests, Amounts.NONE);
    }

    boolean isGuaranteed() {
        return limits.saysBoth() && requests.equals(limits);
    }
}
