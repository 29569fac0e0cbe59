package io.podslice.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodSpecJsonTest {

    @Test
    void theNodeReadsWhatTheManifestSays() throws DocumentException {
        PodSpec spec = Manifests.read("p.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: p}
                spec:
                  resources: {requests: {cpu: 4}, limits: {cpu: 4, memory: 4Gi, hugepages-2Mi: 4Mi}}
                  initContainers:
                  - {name: setup, resources: {requests: {cpu: 0.5, memory: 1e6}}}
                  - name: proxy
                    restartPolicy: Always
                    resources: {limits: {cpu: 500m, memory: 64Mi}}
                    resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]
                  containers:
                  - {name: main, resources: {limits: {cpu: 2, memory: 2Gi, hugepages-2Mi: 4Mi, a.com/b: 1}}}
                  ephemeralContainers:
                  - {name: debug}
                """, 0).pods().getFirst().spec();

        assertThat(PodAnnotations.of(Map.of(PodAnnotations.POD_SPEC, PodSpecJson.text(spec)))
                        .spec())
                .contains(spec);
    }
}
