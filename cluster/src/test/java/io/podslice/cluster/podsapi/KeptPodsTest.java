package io.podslice.cluster.podsapi;

import static io.podslice.cluster.podsapi.KeptPods.Consequence.ASK;
import static io.podslice.cluster.podsapi.KeptPods.Consequence.NONE;
import static io.podslice.cluster.podsapi.KeptPods.Consequence.TELL;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cluster.TestPods;
import io.podslice.cluster.pod.PodReader;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.podsapi.v1alpha1.EventType;
import io.podslice.proto.podsapi.v1alpha1.WatchPodsEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KeptPodsTest {
    private static final String WEB = TestPods.uid("web");
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final KeptPods kept = new KeptPods();

    private static KnownPod known(Pod pod) {
        try {
            return PodReader.read(SpecSource.PODS_API, ByteBuffer.wrap(pod.toByteArray()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static KnownPod web(long generation, String cpu) {
        return known(TestPods.pod("web", generation, cpu));
    }

    private void list(KnownPod... pods) {
        kept.beginList();
        for (KnownPod pod : pods) {
            var _ = kept.listed(pod);
        }
        kept.completeList(0);
    }

    @Test
    void the_list_is_kept_and_told_once() {
        kept.beginList();
        assertThat(kept.listed(web(3, "4"))).isEqualTo(TELL);
        kept.completeList(0);
        kept.beginList();
        assertThat(kept.listed(web(3, "4"))).isEqualTo(NONE);
        assertThat(kept.listed(web(4, "6"))).isEqualTo(TELL);
        assertThat(kept.find(WEB)).contains(web(4, "6"));
    }

    @Test
    void a_list_older_than_what_is_kept_takes_nothing_back() {
        list(web(4, "6"));
        kept.beginList();
        assertThat(kept.listed(web(3, "4"))).isEqualTo(NONE);
        assertThat(kept.find(WEB)).contains(web(4, "6"));
    }

    /** Pod workers send the allocated spec under the desired one's generation. */
    @Test
    void the_spec_of_an_event_is_never_kept() {
        list(web(3, "4"));
        assertThat(kept.changed(web(3, "2"), false))
                .as("allocated, not desired")
                .isEqualTo(NONE);
        assertThat(kept.changed(web(4, "4"), false)).isEqualTo(ASK);
        assertThat(kept.find(WEB)).contains(web(3, "4"));
        assertThat(kept.answered(web(4, "6"))).isEqualTo(TELL);
        assertThat(kept.changed(web(4, "4"), false)).isEqualTo(NONE);
        assertThat(kept.find(WEB)).contains(web(4, "6"));
    }

    @Test
    void the_status_of_an_event_counts_for_the_generation_that_is_kept() {
        list(web(3, "4"));
        KnownPod pending = known(TestPods.pending(TestPods.pod("web", 3, "2")));
        assertThat(kept.changed(pending, false)).isEqualTo(TELL);
        assertThat(kept.find(WEB).orElseThrow().resizePending()).isTrue();
        assertThat(kept.find(WEB).orElseThrow().spec()).isEqualTo(web(3, "4").spec());
        assertThat(kept.changed(pending, false)).isEqualTo(NONE);
        assertThat(kept.changed(web(3, "4"), false)).isEqualTo(TELL);
    }

    @Test
    void events_of_older_generations_are_ignored() {
        list(web(3, "4"));
        assertThat(kept.changed(known(TestPods.pending(TestPods.pod("web", 2, "4"))), false))
                .isEqualTo(NONE);
        assertThat(kept.find(WEB)).contains(web(3, "4"));
    }

    @Test
    void without_generations_the_spec_itself_is_compared() {
        list(web(0, "4"));
        assertThat(kept.changed(web(0, "4"), false)).isEqualTo(NONE);
        assertThat(kept.changed(web(0, "6"), false)).isEqualTo(ASK);
    }

    @Test
    void a_new_pod_is_asked_for_and_one_that_has_ended_is_not() {
        list();
        assertThat(kept.changed(web(1, "4"), true)).isEqualTo(ASK);
        Pod.Builder ended = TestPods.pod("batch", 1, "4").toBuilder();
        ended.getStatusBuilder().setPhase("Failed");
        assertThat(kept.changed(known(ended.build()), true)).isEqualTo(NONE);
    }

    @Test
    void a_deleted_pod_comes_back_by_an_addition_alone() {
        list(web(3, "4"));
        kept.delete(WEB);
        kept.delete(WEB);
        assertThat(kept.size()).isZero();
        assertThat(kept.changed(web(4, "4"), false)).isEqualTo(NONE);
        assertThat(kept.changed(web(3, "4"), true)).isEqualTo(ASK);
        assertThat(kept.changed(web(3, "4"), false)).isEqualTo(ASK);
    }

    @Test
    void a_pod_that_a_list_lacks_is_doubted_after_a_minute_and_once() {
        KnownPod mail = known(TestPods.pod("mail", 1, "1"));
        list(web(3, "4"), mail);
        list(mail);
        assertThat(kept.doubtful(MINUTE - 1)).isEmpty();
        assertThat(kept.find(WEB)).isPresent();
        assertThat(kept.doubtful(MINUTE)).containsExactly(WEB);
        assertThat(kept.doubtful(MINUTE)).isEmpty();
        kept.forget(WEB);
        assertThat(kept.find(WEB)).isEmpty();
    }

    @Test
    void a_pod_that_a_lookup_or_an_event_shows_is_not_doubted() {
        KnownPod mail = known(TestPods.pod("mail", 1, "1"));
        list(web(3, "4"), mail);
        list();
        assertThat(kept.answered(web(3, "4"))).isEqualTo(NONE);
        assertThat(kept.changed(mail, false)).isEqualTo(NONE);
        assertThat(kept.doubtful(MINUTE)).isEmpty();
    }

    @Test
    void no_list_no_doubt() {
        list(web(3, "4"));
        kept.beginList();
        assertThat(kept.doubtful(10 * MINUTE)).isEmpty();
        assertThat(kept.isWhole(10 * MINUTE)).isFalse();
    }

    @Test
    void equal_specs_are_kept_once() {
        kept.beginList();
        for (int i = 0; i < 500; i++) {
            var _ = kept.listed(known(TestPods.pod("web-" + i, 1, i % 2 == 0 ? "4" : "6")));
        }
        assertThat(kept.size()).isEqualTo(500);
        assertThat(kept.differentSpecs()).isEqualTo(2);
        for (int i = 0; i < 500; i++) {
            kept.delete(TestPods.uid("web-" + i));
        }
        assertThat(kept.differentSpecs()).isZero();
    }

    @Test
    void pods_without_end_are_not_all_kept() {
        kept.beginList();
        for (int i = 0; i < KeptPods.MOST_PODS + 100; i++) {
            var _ = kept.listed(known(TestPods.pod("web-" + i, 1, "4")));
        }
        assertThat(kept.size()).isEqualTo(KeptPods.MOST_PODS);
        kept.delete(TestPods.uid("web-0"));
        assertThat(kept.listed(web(1, "4"))).isEqualTo(TELL);
    }

    /** A tenant may write a mirror's annotations into a pod of its own, and so claim any uid. */
    @Test
    void a_pod_that_claims_another_one_s_uid_neither_replaces_nor_removes_it() throws IOException {
        Pod.Builder claim = TestPods.pod("claim", 9, "64").toBuilder();
        claim.getMetadataBuilder()
                .putAnnotations("kubernetes.io/config.mirror", WEB)
                .putAnnotations("kubernetes.io/config.hash", WEB);
        list(web(3, "4"), known(claim.build()));
        assertThat(kept.find(WEB)).contains(web(3, "4"));

        ByteBuffer deletion = ByteBuffer.wrap(WatchPodsEvent.newBuilder()
                .setType(EventType.DELETED)
                .setPod(claim.build().toByteString())
                .build()
                .toByteArray());
        assertThat(PodEvent.read(deletion)).isEqualTo(new PodEvent.Deleted(TestPods.uid("claim")));
    }
}
