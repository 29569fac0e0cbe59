package io.podslice.cluster.apiserver;

import static io.podslice.cluster.apiserver.FakeApiServer.Kind.GET;
import static io.podslice.cluster.apiserver.FakeApiServer.Kind.LIST;
import static io.podslice.cluster.apiserver.FakeApiServer.Kind.WATCH;
import static io.podslice.cluster.apiserver.TestPods.mirror;
import static io.podslice.cluster.apiserver.TestPods.pod;
import static io.podslice.cluster.apiserver.TestPods.sandbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.Quantity;
import io.podslice.proto.core.v1.ResourceRequirements;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lookups in the API server. */
class ApiServerSourceTest {
    @TempDir
    Path folder;

    private WatchedNode node;

    @BeforeEach
    void open() throws IOException {
        node = new WatchedNode(folder);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void a_pod_of_the_watch_is_found_without_a_call() throws IOException {
        node.server.put(pod("web", "uid-1", 2));
        node.start();
        node.awaitAtHand("web", "uid-1", 2);
        awaitCalm("web", "uid-1");
        int calls = node.server.requests(GET);

        KnownPod found = node.find(sandbox("web", "uid-1")).orElseThrow();

        assertThat(found.uid()).isEqualTo("uid-1");
        assertThat(found.namespace()).isEqualTo("default");
        assertThat(TestPods.cpus(found)).isEqualTo(2);
        assertThat(found.generation()).isEqualTo(1);
        assertThat(node.server.requests(GET)).isEqualTo(calls);
        assertThat(node.told).extracting(KnownPod::uid).containsExactly("uid-1");
    }

    @Test
    void a_pod_that_the_watch_does_not_have_yet_is_waited_for(@TempDir Path own) throws Exception {
        try (WatchedNode patient = new WatchedNode(own, WatchedNode.timesWithArrival(Duration.ofSeconds(30)))) {
            patient.start();
            await().until(() -> patient.source.health().ready());
            Thread late = Thread.ofVirtual().start(() -> {
                LockSupport.parkNanos(50_000_000);
                patient.server.put(pod("web", "uid-1", 2));
            });

            assertThat(patient.source.find(sandbox("web", "uid-1"), Duration.ofMinutes(2)))
                    .isPresent();
            assertThat(patient.server.requests(GET)).isZero();
            late.join();
        }
    }

    @Test
    void a_pod_that_the_watch_does_not_get_is_asked_for_once() throws IOException {
        node.server.put(pod("web", "uid-1", 2));
        node.server.fail(WATCH, 1000, exchange -> node.server.status(exchange, 403, "forbidden"));
        node.start();

        assertThat(node.find(sandbox("web", "uid-1"))).isPresent();
        assertThat(node.server.requests(GET)).isEqualTo(1);
        assertThat(node.source.health().found()).isEqualTo(1);
        assertThat(node.source.health().pods()).isZero();
    }

    @Test
    void without_a_watch_each_lookup_asks() throws IOException {
        node.server.put(pod("web", "uid-1", 2));

        assertThat(node.find(sandbox("web", "uid-1")).map(TestPods::cpus)).contains(2L);
        node.server.put(pod("web", "uid-1", 4));
        assertThat(node.find(sandbox("web", "uid-1")).map(TestPods::cpus)).contains(4L);
    }

    @Test
    void a_name_that_another_pod_has_now_is_a_miss() throws IOException {
        Pod first = node.server.put(pod("web-0", "uid-1", 2));
        node.start();
        node.awaitAtHand("web-0", "uid-1", 2);
        node.server.delete(first);
        node.server.put(pod("web-0", "uid-2", 4));
        node.awaitAtHand("web-0", "uid-2", 4);

        assertThat(node.find(sandbox("web-0", "uid-1"))).isEmpty();
        assertThat(node.find(sandbox("web-0", "uid-2")).map(TestPods::cpus)).contains(4L);
        assertThat(node.source.health().missed()).isEqualTo(1);
    }

    @Test
    void a_pod_that_is_gone_is_a_miss_even_while_the_watch_is_broken() throws IOException {
        Pod web = node.server.put(pod("web", "uid-1", 2));
        node.start();
        node.awaitAtHand("web", "uid-1", 2);
        node.server.fail(WATCH, 1000, exchange -> node.server.status(exchange, 500, "broken"));
        node.server.goAway();
        node.server.comeBack();
        await().until(() -> !node.source.health().ready());
        node.server.delete(web);

        assertThat(node.find(sandbox("web", "uid-1"))).isEmpty();
    }

    @Test
    void while_the_watch_is_broken_the_present_spec_is_asked_for() throws IOException {
        node.server.put(pod("web", "uid-1", 2));
        node.start();
        node.awaitAtHand("web", "uid-1", 2);
        node.server.fail(WATCH, 1000, exchange -> node.server.status(exchange, 500, "broken"));
        node.server.goAway();
        node.server.comeBack();
        await().until(() -> !node.source.health().ready());
        node.server.put(pod("web", "uid-1", 7));

        assertThat(node.find(sandbox("web", "uid-1")).map(TestPods::cpus)).contains(7L);
    }

    @Test
    void the_copy_at_hand_counts_where_the_server_does_not_answer() throws IOException {
        node.server.put(pod("web", "uid-1", 2));
        node.start();
        node.awaitAtHand("web", "uid-1", 2);
        node.server.goAway();
        await().until(() -> !node.source.health().ready());

        assertThat(node.find(sandbox("web", "uid-1")).map(TestPods::cpus)).contains(2L);
        assertThat(node.source.health().ready()).isFalse();
        assertThat(node.source.health().detail()).contains("cannot be reached");
        assertThatThrownBy(() -> node.find(sandbox("other", "uid-9"))).isInstanceOf(IOException.class);
    }

    @Test
    void a_lookup_ends_in_its_time() throws IOException {
        node.server.fail(GET, 1, exchange -> Thread.sleep(10_000));
        long began = System.nanoTime();

        assertThatThrownBy(() -> node.source.find(sandbox("web", "uid-1"), Duration.ofMillis(200)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not answer in time");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void a_static_pod_is_found_by_its_mirror() throws IOException {
        node.server.put(mirror("etcd-n1", "mirror-uid", "0123456789abcdef", 3));
        node.start();
        node.awaitAtHand("etcd-n1", "0123456789abcdef", 3);

        KnownPod found =
                node.find(sandbox("etcd-n1", "0123456789abcdef", "file", 0)).orElseThrow();

        assertThat(found.uid()).isEqualTo("0123456789abcdef");
        assertThat(node.find(sandbox("etcd-n1", "mirror-uid"))).isEmpty();
        assertThat(node.told).isEmpty();
    }

    @Test
    void a_static_pod_s_mirror_is_found_by_a_call() throws IOException {
        node.server.put(mirror("etcd-n1", "mirror-uid", "0123456789abcdef", 3));

        assertThat(node.find(sandbox("etcd-n1", "0123456789abcdef", "file", 0)).map(TestPods::cpus))
                .contains(3L);
    }

    @Test
    void a_pod_that_claims_to_be_a_mirror_describes_no_other() throws IOException {
        node.server.put(mirror("liar", "liar-uid", "uid-1", 64));
        node.server.put(pod("web", "uid-1", 2));
        node.start();
        node.awaitAtHand("web", "uid-1", 2);

        assertThat(node.find(sandbox("web", "uid-1")).map(TestPods::cpus)).contains(2L);
        assertThat(node.find(sandbox("web", "uid-1", "file", 0)).map(TestPods::cpus))
                .contains(2L);
        assertThat(node.find(sandbox("liar", "uid-1"))).isEmpty();
    }

    @Test
    void a_pod_that_has_ended_is_not_kept() throws IOException {
        Pod web = node.server.put(pod("web", "uid-1", 2));
        node.start();
        node.awaitAtHand("web", "uid-1", 2);
        Pod.Builder ended = web.toBuilder();
        ended.getStatusBuilder().setPhase("Succeeded");
        node.server.put(ended.build());

        await().untilAsserted(() -> assertThat(node.source.health().pods()).isZero());
        await().untilAsserted(
                        () -> assertThat(node.told).extracting(KnownPod::ended).endsWith(true));
    }

    /** An interrupt would break off what the brain writes. */
    @Test
    void close_waits_for_the_change_that_is_being_taken() throws Exception {
        CountDownLatch taking = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch taken = new CountDownLatch(1);
        node.server.put(pod("web", "uid-1", 2));
        node.source.start(pod -> {
            taking.countDown();
            try {
                free.await();
                taken.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        taking.await();
        Thread closing = Thread.ofPlatform().start(node.source::close);
        await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);

        free.countDown();

        assertThat(taken.await(30, TimeUnit.SECONDS)).as("not interrupted").isTrue();
        closing.join();
    }

    @Test
    void a_pod_that_cannot_be_read_leaves_the_others_alone() throws IOException {
        Pod.Builder bad = pod("bad", "uid-2", 1).toBuilder();
        bad.getSpecBuilder()
                .addContainers(Container.newBuilder()
                        .setName("app2")
                        .setResources(ResourceRequirements.newBuilder()
                                .putLimits(
                                        "cpu",
                                        Quantity.newBuilder().setString("many").build())));
        node.server.put(bad.build());
        node.server.put(pod("web", "uid-1", 2));
        node.start();
        node.awaitAtHand("web", "uid-1", 2);

        assertThatThrownBy(() -> node.find(sandbox("bad", "uid-2")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cpu");
        assertThat(node.find(sandbox("web", "uid-1"))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "a/b", "A", "", "web%2f", "web?x=1"})
    void a_name_that_no_pod_can_have_is_not_asked_for(String name) throws IOException {
        assertThat(node.find(sandbox(name, "uid-1"))).isEmpty();
        assertThat(node.server.requests(GET)).isZero();
    }

    @Test
    void an_answer_without_an_end_is_cut() {
        node.server.fail(GET, 1, exchange -> {
            FakeApiServer.head(exchange, 200, "application/vnd.kubernetes.protobuf");
            while (true) {
                exchange.getResponseBody().write(new byte[1 << 16]);
            }
        });

        assertThatThrownBy(() -> node.find(sandbox("web", "uid-1")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than 2097152 bytes");
    }

    @Test
    void a_server_without_watch_list_is_listed_page_by_page() throws IOException {
        node.server.knowsWatchList = false;
        node.server.pageSize = 2;
        for (int i = 0; i < 7; i++) {
            node.server.put(pod("web-" + i, "uid-" + i, i + 1));
        }
        node.start();

        for (int i = 0; i < 7; i++) {
            node.awaitAtHand("web-" + i, "uid-" + i, i + 1);
        }
        assertThat(node.server.requests(LIST)).isEqualTo(4);
    }

    @Test
    void many_lookups_at_once_are_all_answered() throws Exception {
        List<Callable<Optional<KnownPod>>> lookups = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            PodSandboxRequest sandbox = sandbox("web-" + i, "uid-" + i);
            node.server.put(pod("web-" + i, "uid-" + i, 1));
            lookups.add(() -> node.source.find(sandbox, Duration.ofSeconds(30)));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Optional<KnownPod>> lookup : threads.invokeAll(lookups)) {
                assertThat(lookup.get()).isPresent();
            }
        }
    }

    @Test
    void a_resize_is_told() throws IOException {
        node.server.put(pod("web", "uid-1", 2));
        node.start();
        node.awaitAtHand("web", "uid-1", 2);
        node.server.put(pod("web", "uid-1", 3));

        await().untilAsserted(
                        () -> assertThat(node.told).extracting(TestPods::cpus).containsExactly(2L, 3L));
    }

    @Test
    void a_closed_source_ends_its_watch() throws Exception {
        node.start();
        await().until(() -> node.source.health().ready());
        node.source.close();
        node.server.put(pod("web", "uid-1", 2));

        await().during(Duration.ofMillis(500)).until(() -> node.told.isEmpty());
        assertThat(node.server.requests(WATCH)).isEqualTo(1);
    }

    /** Waits until lookups need no call: the watch counts as caught up. */
    private void awaitCalm(String name, String uid) {
        await().until(() -> {
            int calls = node.server.requests(GET);
            return node.find(sandbox(name, uid)).isPresent() && node.server.requests(GET) == calls;
        });
    }
}
