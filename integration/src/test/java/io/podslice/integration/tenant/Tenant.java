package io.podslice.integration.tenant;

import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import io.podslice.simulator.kubelet.Wants;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Pods of a tenant that writes whatever it likes into annotations. What the kubelet accounts for them is small, and none
 * of the tenant's choice.
 */
final class Tenant {
    private static final Wants SMALL = new Wants(new Amounts(100, 64L << 20), new Amounts(1000, 256L << 20));

    private final Random random;
    private int number;

    Tenant(Random random) {
        this.random = random;
    }

    /** Returns a pod without annotations for podslice. */
    PodManifest plain() {
        return pod(Map.of());
    }

    /** Returns a pod with annotations for podslice: random ones, greedy ones that are well-formed, or honest ones. */
    PodManifest annotated() {
        PodManifest pod = plain();
        return switch (random.nextInt(5)) {
            case 0 -> PodSpecAnnotation.on(pod);
            case 1 -> greedy(pod);
            default -> with(pod, RandomAnnotations.of(random));
        };
    }

    /** Returns the most CPUs of a pod that the kubelet accounts for. */
    static int mostCpus() {
        return 2;
    }

    private PodManifest pod(Map<String, String> annotations) {
        int n = number++;
        String name = n % 7 == 0 ? RandomText.of(random, 1 + random.nextInt(20)) : "tenant-" + n;
        return switch (random.nextInt(4)) {
            case 0 ->
                pod(
                        n,
                        name,
                        Wants.guaranteed(Amounts.of(2, 1)),
                        Wants.guaranteed(new Amounts(1000, 1L << 29)),
                        annotations);
            case 1 -> pod(n, name, Wants.NONE, SMALL, annotations);
            default -> pod(n, name, Wants.NONE, Wants.NONE, annotations);
        };
    }

    private static PodManifest pod(int n, String name, Wants budget, Wants own, Map<String, String> annotations) {
        return new PodManifest(
                name,
                "tenant",
                "tenant-uid-" + n,
                budget,
                List.of(
                        new ContainerManifest("c0", ContainerManifest.Kind.APP, "busybox", own),
                        new ContainerManifest("c1", ContainerManifest.Kind.APP, "busybox", Wants.NONE)),
                annotations);
    }

    private static PodManifest with(PodManifest pod, Map<String, String> annotations) {
        return new PodManifest(pod.name(), pod.namespace(), pod.uid(), pod.wants(), pod.containers(), annotations);
    }

    /** Returns the pod with the spec of one that has most of the node. */
    private PodManifest greedy(PodManifest pod) {
        Wants much = Wants.guaranteed(Amounts.of(8 + random.nextInt(23), 1 + random.nextInt(60)));
        PodManifest claimed = new PodManifest(
                pod.name(),
                pod.namespace(),
                pod.uid(),
                much,
                List.of(
                        new ContainerManifest(
                                "c0", ContainerManifest.Kind.APP, "busybox", Wants.guaranteed(Amounts.of(7, 1))),
                        new ContainerManifest("c1", ContainerManifest.Kind.APP, "busybox", Wants.NONE)),
                Map.of());
        Map<String, String> annotations =
                new HashMap<>(PodSpecAnnotation.on(claimed).annotations());
        if (random.nextBoolean()) {
            annotations.put("podslice.io/exclusive.c1", "true");
        }
        return with(pod, annotations);
    }
}
