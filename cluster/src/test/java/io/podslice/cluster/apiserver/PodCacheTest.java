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
        assertThat(cache.atHand("static-uid", "default", "etcd-n1")).isPresent();
        assertThat(cache.atHand("static-uid", "default", "other-n1")).isEmpty();
        assertThat(cache.atHand("mirror-uid", "default", "etcd-n1")).isEmpty();
    }

    /** A tenant may write a mirror's annotations into pods of its own, and so claim any uid. */
    @Test
    void a_pod_that_claims_another_one_s_uid_neither_replaces_nor_removes_it() throws IOException {
        put(pod("web", "uid-1", 2));
        put(mirror("etcd-n1", "mirror-uid", "static-uid", 3));
        for (int i = 0; i < 20; i++) {
            put(mirror("false-web-" + i, "false-1-" + i, "uid-1", 8));
            put(mirror("false-etcd-" + i, "false-2-" + i, "static-uid", 8));
            put(mirror("web", "false-3-" + i, "uid-of-no-pod", 8));
        }

        assertRealOnes();
        for (int i = 0; i < 20; i++) {
            cache.remove("false-1-" + i);
            cache.remove("false-2-" + i);
        }
        assertRealOnes();
    }

    private void assertRealOnes() {
        assertThat(cache.find(sandbox("web", "uid-1")).map(TestPods::cpus)).contains(2L);
        assertThat(cache.atHand("uid-1", "default", "web").map(TestPods::cpus)).contains(2L);
        assertThat(cache.find(sandbox("etcd-n1", "static-uid", "file", 0)).map(TestPods::cpus))
                .contains(3L);
        assertThat(cache.atHand("static-uid", "default", "etcd-n1").map(TestPods::cpus))
                .contains(3L);
    }

    @Test
    void a_pod_of_another_name_is_not_the_sandbox_s() throws IOException {
        put(pod("web", "uid-1", 2));

        assertThat(cache.find(sandbox("other", "uid-1"))).isEmpty();
        assertThat(cache.atHand("uid-1", "default", "other")).isEmpty();
        assertThat(cache.atHand("uid-1", "other", "web")).isEmpty();
    }
}
