package io.podslice.simulator.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodManifestTest {
    private static final Amounts ONE = Amounts.of(1, 1);
    private static final Amounts TWO = Amounts.of(2, 2);

    private static PodManifest pod(Wants wants, ContainerManifest... containers) {
        return new PodManifest("p", "default", "u", wants, List.of(containers), Map.of());
    }

    private static ContainerManifest container(String name, Kind kind, Wants wants) {
        return new ContainerManifest(name, kind, "busybox", wants);
    }

    @Test
    void podLevelResourcesAloneDecideTheClass() {
        ContainerManifest plain = container("a", Kind.APP, Wants.NONE);
        assertThat(pod(Wants.guaranteed(ONE), plain).qos()).isEqualTo(Qos.GUARANTEED);
        assertThat(pod(Wants.requested(ONE), plain).qos()).isEqualTo(Qos.BURSTABLE);
    }

    @Test
    void withoutThemEveryContainerMustBeGuaranteed() {
        ContainerManifest good = container("a", Kind.APP, Wants.guaranteed(ONE));
        ContainerManifest plain = container("b", Kind.APP, Wants.NONE);
        assertThat(pod(Wants.NONE, good).qos()).isEqualTo(Qos.GUARANTEED);
        assertThat(pod(Wants.NONE, good, plain).qos()).isEqualTo(Qos.BURSTABLE);
        assertThat(pod(Wants.NONE, plain).qos()).isEqualTo(Qos.BEST_EFFORT);
    }

    @Test
    void sidecarsCountBesideAppsAndBesideTheInitContainersAfterThem() {
        PodManifest pod = pod(
                Wants.NONE,
                container("sidecar", Kind.SIDECAR, Wants.guaranteed(ONE)),
                container("init", Kind.INIT, Wants.guaranteed(Amounts.of(4, 4))),
                container("app", Kind.APP, Wants.guaranteed(TWO)));
        assertThat(pod.effectiveRequests()).isEqualTo(Amounts.of(5, 5));
    }

    @Test
    void podLevelRequestReplacesTheSum() {
        PodManifest pod = pod(Wants.guaranteed(Amounts.of(8, 16)), container("app", Kind.APP, Wants.guaranteed(TWO)));
        assertThat(pod.effectiveRequests()).isEqualTo(Amounts.of(8, 16));
        assertThat(pod.cgroup(new CgroupPath("/kubepods"))).isEqualTo(new CgroupPath("/kubepods/podu"));
    }

    @Test
    void containerWithoutLimitHasThePods() {
        ContainerManifest plain = container("a", Kind.APP, Wants.NONE);
        assertThat(pod(Wants.guaranteed(TWO), plain).effectiveLimits(plain)).isEqualTo(TWO);
    }

    @Test
    void annotationSaysWhatTheSpecSays() {
        PodManifest pod = PodSpecAnnotation.on(pod(
                Wants.guaranteed(TWO),
                container("app", Kind.APP, Wants.guaranteed(new Amounts(500, 100 << 20))),
                container("helper", Kind.SIDECAR, Wants.NONE)));
        assertThat(pod.annotations().get(PodSpecAnnotation.KEY))
                .isEqualTo("{\"resources\":{\"requests\":{\"cpu\":\"2\",\"memory\":\"2Gi\"},"
                        + "\"limits\":{\"cpu\":\"2\",\"memory\":\"2Gi\"}},\"containers\":["
                        + "{\"name\":\"app\",\"kind\":\"app\",\"resources\":{"
                        + "\"requests\":{\"cpu\":\"500m\",\"memory\":\"100Mi\"},"
                        + "\"limits\":{\"cpu\":\"500m\",\"memory\":\"100Mi\"}}},"
                        + "{\"name\":\"helper\",\"kind\":\"sidecar\",\"resources\":{}}]}");
    }
}
