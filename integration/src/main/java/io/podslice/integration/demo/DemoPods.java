package io.podslice.integration.demo;

import io.podslice.integration.kubelet.Amounts;
import io.podslice.integration.kubelet.ContainerManifest;
import io.podslice.integration.kubelet.ContainerManifest.Kind;
import io.podslice.integration.kubelet.PodManifest;
import io.podslice.integration.kubelet.PodSpecAnnotation;
import io.podslice.integration.kubelet.Wants;
import java.util.List;
import java.util.Map;

/** The three pods of the Kubernetes blog's posts on pod-level resources, with whole gibibytes and CPUs. */
final class DemoPods {
    static final String IMAGE = "example.com/app:v1";

    private DemoPods() {}

    /** A database that needs CPUs of its own, and helpers that share what is left of the pod's budget. */
    static PodManifest database() {
        return pod(
                "tightly-coupled-database",
                "00000000-0000-4000-8000-00000000000a",
                Amounts.of(8, 16),
                sidecar("metrics-exporter"),
                sidecar("backup-agent"),
                new ContainerManifest("database", Kind.APP, IMAGE, Wants.guaranteed(Amounts.of(6, 12))));
    }

    /** The same for a training job with a service mesh's proxy. */
    static PodManifest training() {
        return pod(
                "ml-workload",
                "00000000-0000-4000-8000-00000000000b",
                Amounts.of(4, 8),
                sidecar("service-mesh-sidecar"),
                new ContainerManifest("ml-training", Kind.APP, IMAGE, Wants.guaranteed(Amounts.of(3, 6))));
    }

    /** A budget for the pod alone: its containers have no resources of their own. */
    static PodManifest shared() {
        return pod(
                "shared-pool-app",
                "00000000-0000-4000-8000-00000000000c",
                Amounts.of(2, 4),
                new ContainerManifest("main-app", Kind.APP, IMAGE, Wants.NONE),
                new ContainerManifest("sidecar", Kind.APP, IMAGE, Wants.NONE));
    }

    /** What the shared one is resized to while it runs. */
    static Wants grown() {
        return Wants.guaranteed(Amounts.of(4, 4));
    }

    private static PodManifest pod(String name, String uid, Amounts budget, ContainerManifest... containers) {
        return PodSpecAnnotation.on(
                new PodManifest(name, "default", uid, Wants.guaranteed(budget), List.of(containers), Map.of()));
    }

    private static ContainerManifest sidecar(String name) {
        return new ContainerManifest(name, Kind.SIDECAR, IMAGE, Wants.NONE);
    }
}
