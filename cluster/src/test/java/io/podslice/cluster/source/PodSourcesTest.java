package io.podslice.cluster.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cluster.TestPods;
import io.podslice.cluster.pod.PodReader;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.PodSpecs.Lookup;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodSourcesTest {
    private static final PodSandboxRequest WEB = TestPods.request("web");
    private static final Duration SECOND = Duration.ofSeconds(1);

    private long nanos = 1;
    private final ScriptedSource podsApi = new ScriptedSource(SpecSource.PODS_API);
    private final ScriptedSource apiServer = new ScriptedSource(SpecSource.API_SERVER);
    private final ScriptedSource staticPods = new ScriptedSource(SpecSource.STATIC_PODS);
    private final PodSources sources = new PodSources(List.of(podsApi, apiServer, staticPods), () -> nanos);

    static KnownPod web(SpecSource source, long generation, String cpu) {
        try {
            return PodReader.read(
                    source, ByteBuffer.wrap(TestPods.pod("web", generation, cpu).toByteArray()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ScriptedSource.Answer has(KnownPod pod) {
        return (request, atMost) -> Optional.of(pod);
    }

    private static ScriptedSource.Answer fails(String text) {
        return (request, atMost) -> {
            throw new IOException(text);
        };
    }

    private Lookup find() {
        return sources.find(WEB, SECOND);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void the_first_source_that_has_the_pod_wins_and_no_other_is_asked() {
        podsApi.answer = has(web(SpecSource.PODS_API, 3, "4"));
        Lookup lookup = find();
        assertThat(lookup.pod()).contains(web(SpecSource.PODS_API, 3, "4"));
        assertThat(lookup.remarks()).isEmpty();
        assertThat(apiServer.asked).isEmpty();
    }

    @Test
    void a_source_gets_half_of_what_is_left_and_the_last_one_all() {
        podsApi.answer = (request, atMost) -> {
            pass(atMost);
            throw new IOException("no answer");
        };
        apiServer.answer = (request, atMost) -> {
            pass(Duration.ofMillis(100));
            return Optional.empty();
        };
        Lookup lookup = find();
        assertThat(lookup.pod()).isEmpty();
        assertThat(podsApi.asked).containsExactly(Duration.ofMillis(500));
        assertThat(apiServer.asked).containsExactly(Duration.ofMillis(250));
        assertThat(staticPods.asked).containsExactly(Duration.ofMillis(400));
        assertThat(lookup.remarks())
                .containsExactly(
                        "podsAPI: no answer", "apiServer: does not have the pod", "staticPods: does not have the pod");
    }

    @Test
    void once_the_time_is_over_no_source_is_asked() {
        podsApi.answer = (request, atMost) -> {
            pass(SECOND);
            return Optional.empty();
        };
        assertThat(find().remarks())
                .containsExactly(
                        "podsAPI: does not have the pod",
                        "apiServer: not asked, the lookup's time is over",
                        "staticPods: not asked, the lookup's time is over");
        assertThat(apiServer.asked).isEmpty();
    }

    @Test
    void a_source_that_failed_rests_while_another_one_answers() {
        podsApi.answer = fails("broken");
        apiServer.answer = has(web(SpecSource.API_SERVER, 3, "4"));
        assertThat(find().pod()).isPresent();
        pass(Duration.ofMillis(700));

        Lookup lookup = find();

        assertThat(lookup.pod()).isPresent();
        assertThat(podsApi.asked).hasSize(1);
        assertThat(lookup.remarks()).containsExactly("podsAPI: not asked, since it failed 700 ms before: broken");

        pass(Duration.ofMillis(1400));
        podsApi.answer = has(web(SpecSource.PODS_API, 3, "4"));
        assertThat(find().pod().orElseThrow().source()).isEqualTo(SpecSource.PODS_API);
    }

    @Test
    void a_resting_source_is_asked_when_no_other_has_the_pod_or_is_ready() {
        podsApi.answer = fails("broken");
        find();
        podsApi.answer = has(web(SpecSource.PODS_API, 3, "4"));
        assertThat(find().pod()).as("after the others").isPresent();
        assertThat(apiServer.asked).hasSize(2);

        podsApi.answer = fails("broken");
        find();
        apiServer.ready = false;
        staticPods.ready = false;
        find();
        assertThat(podsApi.asked).hasSize(4);
    }

    @Test
    void a_source_alone_never_rests() {
        PodSources alone = new PodSources(List.of(podsApi), () -> nanos);
        podsApi.answer = fails("broken");
        for (int i = 0; i < 3; i++) {
            assertThat(alone.find(WEB, SECOND).remarks()).containsExactly("podsAPI: broken");
        }
        assertThat(podsApi.asked).containsOnly(SECOND).hasSize(3);
    }

    @Test
    void a_source_that_is_not_there_gets_no_remark_and_no_rest() {
        podsApi.answer = (request, atMost) -> {
            throw new SourceAbsentException("no socket");
        };
        apiServer.answer = has(web(SpecSource.API_SERVER, 3, "4"));
        assertThat(find().remarks()).isEmpty();
        assertThat(find().remarks()).isEmpty();
        assertThat(podsApi.asked).hasSize(2);
    }

    @Test
    void one_pod_that_cannot_be_read_makes_no_source_rest() {
        podsApi.answer = (request, atMost) -> {
            throw new UnreadableException("spec.resources", "odd");
        };
        apiServer.answer = has(web(SpecSource.API_SERVER, 3, "4"));
        assertThat(find().remarks()).containsExactly("podsAPI: spec.resources: odd");
        podsApi.answer = has(web(SpecSource.PODS_API, 3, "4"));
        assertThat(find().pod().orElseThrow().source()).isEqualTo(SpecSource.PODS_API);
    }

    @Test
    void a_source_that_throws_anything_is_passed_over() {
        podsApi.answer = (request, atMost) -> {
            throw new IllegalStateException("a defect\nof two lines");
        };
        apiServer.answer = has(web(SpecSource.API_SERVER, 3, "4"));
        Lookup lookup = find();
        assertThat(lookup.pod()).isPresent();
        assertThat(lookup.remarks())
                .containsExactly("podsAPI: java.lang.IllegalStateException: a defect\\nof two lines");
    }

    @Test
    void another_pod_than_the_one_asked_for_is_not_taken() {
        podsApi.answer = has(web(SpecSource.PODS_API, 3, "4"));
        Lookup lookup = sources.find(TestPods.request(WEB.uid(), "default", "mail"), SECOND);
        assertThat(lookup.pod()).isEmpty();
        assertThat(lookup.remarks()).startsWith("podsAPI: describes default/web with uid uid-of-web instead");
    }

    @Test
    void a_copy_that_differs_is_remarked_with_the_reason_why_it_lost() {
        podsApi.answer = has(web(SpecSource.PODS_API, 3, "4"));
        apiServer.copy = web(SpecSource.API_SERVER, 4, "6");
        staticPods.copy = web(SpecSource.STATIC_PODS, 0, "4");
        assertThat(find().remarks())
                .containsExactly(
                        "apiServer: has another spec, of generation 4; that of podsAPI, of generation 3, counts,"
                                + " since it is asked first");

        podsApi.answer = fails("broken");
        podsApi.copy = web(SpecSource.PODS_API, 2, "2");
        apiServer.answer = has(web(SpecSource.API_SERVER, 4, "6"));
        staticPods.copy = null;
        assertThat(find().remarks())
                .containsExactly(
                        "podsAPI: broken",
                        "podsAPI: has another spec, of generation 2; that of apiServer, of generation 4, counts, since it"
                                + " answered");
    }

    @Test
    void a_change_is_told_by_the_best_source_that_has_the_pod() {
        List<KnownPod> told = new ArrayList<>();
        sources.start(told::add);
        KnownPod change = web(SpecSource.API_SERVER, 4, "6");

        Objects.requireNonNull(apiServer.changes).accept(change);
        assertThat(told).containsExactly(change);

        podsApi.copy = web(SpecSource.PODS_API, 3, "4");
        apiServer.changes.accept(change);
        assertThat(told).hasSize(1);

        podsApi.ready = false;
        apiServer.changes.accept(change);
        assertThat(told).hasSize(2);
    }

    @Test
    void a_listener_that_fails_harms_no_source() {
        sources.start(pod -> {
            throw new IllegalStateException("a defect");
        });
        Objects.requireNonNull(podsApi.changes).accept(web(SpecSource.PODS_API, 3, "4"));
    }

    @Test
    void an_interrupted_lookup_asks_no_more() {
        podsApi.answer = (request, atMost) -> {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted");
        };
        assertThat(find().pod()).isEmpty();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(apiServer.asked).isEmpty();
    }

    @Test
    void close_closes_all() {
        sources.close();
        assertThat(podsApi.closed && apiServer.closed && staticPods.closed).isTrue();
    }
}
