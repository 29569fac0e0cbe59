package io.podslice.cluster.apiserver;

import static io.podslice.cluster.apiserver.TestPods.mirror;
import static io.podslice.cluster.apiserver.TestPods.pod;
import static io.podslice.cluster.apiserver.TestPods.sandbox;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cluster.pod.PodMetadata;
import io.podslice.cluster.pod.PodReader;
import io.podslice.node.SpecSource;
import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.Pod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PodCacheTest {
    private final PodCache cache = new PodCache();

    private boolean put(Pod pod) throws IOException {
        ByteBuffer encoded = ByteBuffer.wrap(pod.toByteArray());
        return cache.put(PodMetadata.of(encoded), PodReader.read(SpecSource.API_SERVER, encoded));
    }

    @Test
    void a_pod_that_is_as_before_is_no_change() throws IOException {
        assertThat(put(pod("web", "uid-1", 2))).isTrue();
        assertThat(put(pod("web", "uid-1", 2))).isFalse();
        assertThat(put(pod("web", "uid-1", 3))).isTrue();
        assertThat(cache.size()).isEqualTo(1);
    }

    @Test
    void a_pod_that_has_ended_is_a_change_once() throws IOException {
        Pod.Builder ended = pod("web", "uid-1", 2).toBuilder();
        ended.getStatusBuilder().setPhase("Failed");
        put(pod("web", "uid-1", 2));

        assertThat(put(ended.build())).isTrue();
        assertThat(put(ended.build())).isFalse();
        assertThat(cache.size()).isZero();
    }

    @Test
    void no_more_pods_are_kept_than_a_node_can_run() throws IOException {
        for (int i = 0; i < PodCache.MOST_PODS + 100; i++) {
            put(pod("web-" + i, "uid-" + i, 1));
        }
        assertThat(cache.size()).isEqualTo(PodCache.MOST_PODS);

        cache.remove("uid-0");
        put(pod("web", "new", 1));
        assertThat(cache.find(sandbox("web", "new"))).isPresent();
    }

    @Test
    void pods_of_many_containers_are_bounded_together() throws IOException {
        Pod.Builder pod = pod("web", "uid", 1).toBuilder();
        for (int i = 0; i < 999; i++) {
            pod.getSpecBuilder().addContainers(Container.newBuilder().setName("c" + i));
        }
        for (int i = 0; i < 200; i++) {
            pod.getMetadataBuilder().setUid("uid-" + i);
            put(pod.build());
        }
        assertThat(cache.size()).isEqualTo(PodCache.MOST_PARTS / 1001);

        cache.retain(Set.of());
        assertThat(cache.size()).isZero();
        assertThat(put(pod("web", "uid", 1))).isTrue();
        assertThat(cache.size()).isEqualTo(1);
    }

    @Test
    void a_mirror_counts_for_its_static_pod_alone() throws IOException {
        put(mirror("etcd-n1", "mirror-uid", "static-uid", 2));

        assertThat(cache.find(sandbox("etcd-n1", "static-uid", "file", 0))).isPresent();
        assertThat(cache.find(sandbox("etcd-n1", "static-uid", "http", 0))).isPresent();
        assertThat(cache.find(sandbox("etcd-n1", "static-uid", "api", 0))).isEmpty();
        assertThat(cache.find(sandbox("other-n1", "static-uid", "file", 0))).isEmpty();
        assertThat(cache.find(sandbox("etcd-n1", "mirror-uid", "api", 0))).isEmpty();
        assertThat(cache.atHand("static-uid")).isPresent();
        assertThat(cache.atHand("mirror-uid")).isEmpty();
    }
}
