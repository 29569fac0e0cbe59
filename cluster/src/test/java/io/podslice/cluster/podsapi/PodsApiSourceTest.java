package io.podslice.cluster.podsapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.podslice.cluster.FakeKubelet;
import io.podslice.cluster.TestPods;
import io.podslice.node.KnownPod;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.podsapi.v1alpha1.EventType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The source against grpc-java's server: what a kubelet does in the course of its life. */
class PodsApiSourceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private FakeKubelet kubelet;
    private PodsApiSource source;
    private final ConcurrentLinkedQueue<KnownPod> told = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void begin() throws IOException {
        kubelet = new FakeKubelet(folder.resolve("s"));
        source = new PodsApiSource(folder.resolve("s"));
    }

    @AfterEach
    void end() {
        source.close();
        kubelet.close();
    }

    private void start() {
        source.start(told::add);
        await().atMost(PATIENCE).until(() -> source.health().ready());
    }

    private Pod put(String name, long generation, String cpu) {
        Pod pod = TestPods.pod(name, generation, cpu);
        kubelet.pods.put(TestPods.uid(name), pod);
        return pod;
    }

    private Optional<KnownPod> find(String name) throws IOException {
        return source.find(TestPods.request(name), PATIENCE);
    }

    private static long cpu(KnownPod pod) {
        return pod.spec().resources().limits().cpuMillis();
    }

    private List<Long> toldCpus(String name) {
        return told.stream()
                .filter(pod -> pod.name().equals(name))
                .map(PodsApiSourceTest::cpu)
                .toList();
    }

    @Test
    void a_lookup_needs_no_watch() throws Exception {
        put("web", 3, "4");
        KnownPod pod = find("web").orElseThrow();
        assertThat(pod.name()).isEqualTo("web");
        assertThat(pod.generation()).isEqualTo(3);
        assertThat(cpu(pod)).isEqualTo(4000);
        assertThat(find("mail")).isEmpty();
        assertThat(source.health().found()).isEqualTo(1);
        assertThat(source.health().missed()).isEqualTo(1);
        assertThat(kubelet.watches).hasValue(0);
    }

    @Test
    void the_list_is_told_and_then_changes() {
        put("web", 1, "4");
        start();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(toldCpus("web")).containsExactly(4000L));
        assertThat(source.health().pods()).isEqualTo(1);

        kubelet.change(TestPods.pod("web", 2, "6"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(toldCpus("web")).containsExactly(4000L, 6000L));

        kubelet.change(TestPods.pod("mail", 1, "1"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(toldCpus("mail")).containsExactly(1000L));

        kubelet.delete(TestPods.pod("web", 2, "6"));
        await().atMost(PATIENCE).until(() -> source.health().pods() == 1);
    }

    /** The event of a resize that waits carries the allocated spec; the desired one comes from GetPod. */
    @Test
    void an_event_with_the_allocated_spec_has_the_desired_one_told() {
        put("web", 1, "4");
        start();
        kubelet.pods.put(TestPods.uid("web"), TestPods.pending(TestPods.pod("web", 2, "64")));
        kubelet.tell(EventType.MODIFIED, TestPods.pending(TestPods.pod("web", 2, "4")));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(toldCpus("web")).containsExactly(4000L, 64_000L));
        assertThat(source.atHand(TestPods.uid("web"), "default", "web")
                        .orElseThrow()
                        .resizePending())
                .isTrue();
    }

    @Test
    void events_of_status_alone_cost_no_call() throws Exception {
        Pod web = put("web", 1, "4");
        start();
        for (int i = 0; i < 200; i++) {
            kubelet.tell(EventType.MODIFIED, web);
        }
        kubelet.change(TestPods.pod("web", 2, "6"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(toldCpus("web")).containsExactly(4000L, 6000L));
        assertThat(kubelet.gets).hasValue(1);
    }

    /** The event of a new pod waits for the lookup that its sandbox brings, whichever of them is first. */
    @Test
    void a_lookup_for_its_sandbox_saves_the_call_for_a_new_pod() throws Exception {
        start();
        Pod web = put("web", 1, "4");
        kubelet.tell(EventType.ADDED, web);
        assertThat(find("web")).isPresent();
        kubelet.change(TestPods.pod("mail", 1, "1"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(toldCpus("mail")).containsExactly(1000L));
        assertThat(kubelet.gets).as("one for each pod").hasValue(2);
    }

    @Test
    void a_used_up_rate_limit_is_waited_for() throws Exception {
        put("web", 1, "4");
        AtomicInteger refusals = new AtomicInteger(3);
        kubelet.onGet = request -> {
            if (refusals.getAndDecrement() > 0) {
                throw Status.RESOURCE_EXHAUSTED
                        .withDescription("rejected by rate limit")
                        .asRuntimeException();
            }
            return kubelet.get(request);
        };
        assertThat(find("web")).isPresent();
        assertThat(kubelet.gets).hasValue(4);
    }

    /** 250 pods at once against 100 calls a second, 10 at once. */
    @Test
    void many_pods_at_once_are_all_found_within_the_kubelets_limit() throws Exception {
        TokenBucket bucket = new TokenBucket(100, 10);
        kubelet.onGet = request -> {
            if (!bucket.take()) {
                throw Status.RESOURCE_EXHAUSTED
                        .withDescription("rejected by rate limit")
                        .asRuntimeException();
            }
            return kubelet.get(request);
        };
        List<Thread> pods = new ArrayList<>();
        Map<String, Optional<KnownPod>> found = new ConcurrentHashMap<>();
        for (int i = 0; i < 250; i++) {
            String name = "web-" + i;
            put(name, 1, "4");
            pods.add(Thread.ofVirtual().start(() -> {
                try {
                    found.put(name, find(name));
                } catch (IOException e) {
                    found.put(name, Optional.empty());
                }
            }));
        }
        for (Thread pod : pods) {
            pod.join();
        }
        assertThat(found).hasSize(250);
        assertThat(found.values()).allMatch(Optional::isPresent);
    }

    private static final class TokenBucket {
        private final double perNano;
        private final double most;
        private double tokens;
        private long last = System.nanoTime();

        TokenBucket(int perSecond, int burst) {
            this.perNano = perSecond / 1e9;
            this.most = burst;
            this.tokens = burst;
        }

        synchronized boolean take() {
            long now = System.nanoTime();
            tokens = Math.min(most, tokens + (now - last) * perNano);
            last = now;
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }
    }

    @Test
    void after_a_restart_the_new_socket_is_found_and_a_partial_list_takes_nothing_away() throws Exception {
        put("web", 1, "4");
        put("mail", 1, "1");
        start();
        assertThat(source.health().pods()).isEqualTo(2);

        kubelet.stop();
        await().atMost(PATIENCE).until(() -> !source.health().ready());
        // Kubernetes 1.36 serves at once what it has read by then.
        Pod web = kubelet.pods.remove(TestPods.uid("web"));
        kubelet.start();
        await().atMost(PATIENCE).until(() -> source.health().ready());

        assertThat(source.health().pods()).isEqualTo(2);
        assertThat(cpu(find("web").orElseThrow())).as("the copy from before").isEqualTo(4000);
        assertThat(web).isNotNull();
    }

    @Test
    void pods_that_neither_a_later_list_nor_a_lookup_has_are_forgotten() throws Exception {
        source.close();
        source = new PodsApiSource(folder.resolve("s"), Duration.ofMillis(300));
        for (String name : List.of("web", "mail", "batch")) {
            put(name, 1, "1");
        }
        start();
        kubelet.pods.remove(TestPods.uid("web"));
        kubelet.onWatch = watcher -> watcher.onNext(FakeKubelet.event(EventType.INITIAL_SYNC_COMPLETE, null));
        kubelet.cutWatches();
        await().atMost(PATIENCE).until(() -> source.health().pods() == 2);
        assertThat(source.atHand(TestPods.uid("web"), "default", "web")).isEmpty();
        assertThat(kubelet.gets).hasValue(3);
    }

    @Test
    void a_kubelet_of_1_37_that_starts_is_waited_for() throws Exception {
        put("web", 1, "4");
        kubelet.refusal = Status.FAILED_PRECONDITION.withDescription("pod sources are not ready");
        source.start(told::add);
        await().atMost(PATIENCE)
                .until(() -> source.health()
                        .detail()
                        .equals(
                                "WatchPods: the kubelet is starting, and has not read all its pods yet (gRPC status 9, pod sources"
                                        + " are not ready)"));
        kubelet.refusal = null;
        await().atMost(PATIENCE).until(() -> source.health().ready());
        assertThat(source.atHand(TestPods.uid("web"), "default", "web")).isPresent();
    }

    @Test
    void a_kubelet_that_comes_later_is_found() throws Exception {
        kubelet.close();
        source.close();
        Path later = folder.resolve("later");
        source = new PodsApiSource(later);
        source.start(told::add);
        await().atMost(PATIENCE).until(() -> source.health().detail().contains("no socket"));
        assertThat(source.health().failures()).isZero();
        kubelet = new FakeKubelet(later);
        put("web", 1, "4");
        await().atMost(PATIENCE).until(() -> source.health().ready());
    }

    @Test
    void a_listener_that_blocks_does_not_stop_the_watch() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        put("web", 1, "4");
        source.start(pod -> {
            try {
                free.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            told.add(pod);
        });
        await().atMost(PATIENCE).until(() -> source.health().ready());
        for (int i = 0; i < 200; i++) {
            kubelet.change(TestPods.pod("web-" + i, 1, "4"));
        }
        kubelet.delete(TestPods.pod("web", 1, "4"));
        await().atMost(PATIENCE)
                .until(() ->
                        source.atHand(TestPods.uid("web"), "default", "web").isEmpty());
        assertThat(told).isEmpty();
        free.countDown();
        await().atMost(PATIENCE).until(() -> told.size() == 201);
    }

    /** Cut every 100 ms among changes: every pod is told in its last state, and no more calls are made than changes. */
    @Test
    void a_watch_that_is_cut_again_and_again_tells_500_pods_rightly() throws Exception {
        for (int i = 0; i < 500; i++) {
            put("web-" + i, 1, "4");
        }
        start();
        long generation = 1;
        for (int round = 0; round < 20; round++) {
            generation++;
            for (int i = round; i < 500; i += 20) {
                kubelet.change(TestPods.pod("web-" + i, generation, "6"));
            }
            TimeUnit.MILLISECONDS.sleep(100);
            kubelet.cutWatches();
        }
        await().atMost(Duration.ofSeconds(50)).untilAsserted(() -> {
            Map<String, Long> last = new ConcurrentHashMap<>();
            told.forEach(pod -> last.put(pod.name(), cpu(pod)));
            assertThat(last).hasSize(500);
            assertThat(last.values()).containsOnly(6000L);
        });
        assertThat(source.health().pods()).isEqualTo(500);
        assertThat(kubelet.watches.get()).as("growing pauses").isLessThan(25);
    }

    @Test
    void an_event_that_cannot_be_read_costs_no_other() throws Exception {
        Pod.Builder odd = TestPods.pod("odd", 1, "4").toBuilder();
        odd.getSpecBuilder().getResourcesBuilder().putLimits("cpu", TestPods.quantity("many"));
        kubelet.pods.put(TestPods.uid("odd"), odd.build());
        put("web", 1, "4");
        start();
        assertThat(source.health().pods()).isEqualTo(1);
    }

    @Test
    void close_ends_its_threads() throws Exception {
        start();
        source.close();
        kubelet.change(TestPods.pod("web", 1, "4"));
        TimeUnit.MILLISECONDS.sleep(100);
        assertThat(told).isEmpty();
    }
}
