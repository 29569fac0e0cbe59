package io.podslice.integration.vm;

/** A pod of more CPUs than a NUMA node has, under single-numa-node. */
final class RefusedRound {
    private static final String LARGE = "large";
    private static final String REASON = "TopologyAffinityError";
    private static final String ANNOTATION = "refused.podslice.io/reason";

    private final Findings findings;
    private final ClusterPods pods;

    RefusedRound(Findings findings, ClusterPods pods) {
        this.findings = findings;
        this.pods = pods;
    }

    /** With {@code admission.refused: retry} the kubelet asks again, and the pod stays Pending. */
    void retried() throws Exception {
        var _ = pods.create(LARGE);
        Patience.await(
                "the kubelet says why " + LARGE + " does not start",
                () -> Patience.unless(pods.events(LARGE).contains(REASON), pods.events(LARGE)));
        findings.check("retry: the pod's events give the reason", true, pods.events(LARGE));
        findings.equal(
                "retry: the pod stays Pending", "Pending", pods.get(LARGE).phase());
        pods.remove(LARGE);
        findings.check("retry: the pod can be deleted", pods.find(LARGE).isEmpty(), "");
    }

    /** With {@code admission.refused: fail} the pod has failed, with the kubelet's reason; a static pod has not. */
    void failed() throws Exception {
        var _ = pods.create(LARGE);
        Patience.await(LARGE + " has failed", () -> {
            KubePod pod = pods.get(LARGE);
            return Patience.unless(pod.phase().equals("Failed"), pod.summary() + " " + pods.events(LARGE));
        });
        // The kubelet compares statuses every 10 s.
        Thread.sleep(30_000);
        KubePod pod = pods.get(LARGE);
        findings.equal("fail: it stays so", "Failed", pod.phase());
        findings.check(
                "fail: with the kubelet's reason",
                pod.annotation(ANNOTATION).startsWith(REASON + " "),
                pod.annotation(ANNOTATION) + "; status: " + pod.reason());
        pods.remove(LARGE);
        pods.createStatic(LARGE);
        String mirror = ClusterPods.mirror(LARGE);
        Patience.await(
                "the kubelet says why " + mirror + " does not start",
                () -> Patience.unless(pods.events(mirror).contains(REASON), pods.events(mirror)));
        findings.equal(
                "fail: a static pod stays Pending", "Pending", pods.get(mirror).phase());
        pods.removeStatic();
    }
}
