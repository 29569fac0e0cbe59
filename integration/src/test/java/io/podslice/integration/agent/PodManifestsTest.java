package io.podslice.integration.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.Wants;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodManifestsTest {

    private static ContainerManifest container(String name, Kind kind, Wants wants) {
        return new ContainerManifest(name, kind, "busybox", wants);
    }

    @Test
    void readsWhatAManifestFileSays() throws DocumentException {
        PodManifest pod =
                PodManifests.of(Manifests.read("p.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: p, namespace: n, uid: u, annotations: {a: b}}
                spec:
                  resources: {limits: {cpu: 2, memory: 2Gi}, requests: {cpu: 2, memory: 2Gi}}
                  initContainers:
                  - {name: helper, image: busybox, restartPolicy: Always}
                  - {name: setup, image: busybox}
                  containers:
                  - {name: app, image: busybox, resources: {limits: {cpu: 1, memory: 1Gi}}}
                """, 0).pods().getFirst());
        assertThat(pod)
                .isEqualTo(new PodManifest(
                        "p",
                        "n",
                        "u",
                        Wants.guaranteed(Amounts.of(2, 2)),
                        List.of(
                                container("helper", Kind.SIDECAR, Wants.NONE),
                                container("setup", Kind.INIT, Wants.NONE),
                                container("app", Kind.APP, Wants.guaranteed(Amounts.of(1, 1)))),
                        Map.of("a", "b")));
    }
}
