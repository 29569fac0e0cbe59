package io.podslice.cluster.podsapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.management.ThreadMXBean;
import io.podslice.cluster.Damage;
import io.podslice.cluster.FakeKubelet;
import io.podslice.cluster.TestPods;
import io.podslice.cluster.pod.PodReader;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.ContainerResizePolicy;
import io.podslice.proto.core.v1.ContainerStatus;
import io.podslice.proto.core.v1.EphemeralContainer;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.podsapi.v1alpha1.EventType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged pods, and watches of damaged events. Each pod is read or refused with the one exception, and costs memory by its
 * own bytes alone; what protobuf reads of a pod, the reader reads too. {@code -Dpodslice.fuzz.seed=N} runs one seed alone.
 */
@Tag("fuzz")
@Timeout(value = 12, unit = TimeUnit.HOURS)
class LyingKubeletFuzzTest {
    private static final int PODS = Boolean.getBoolean("podslice.long") ? 1_000_000 : 50_000;
    private static final long ONE_SEED = Long.getLong("podslice.fuzz.seed", 0);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Far more than any amounts' objects take for each byte of them. */
    private static final long ALLOCATED_PER_BYTE = 400;

    private static final long ALLOCATED_AT_MOST = 1 << 20;

    private static final List<byte[]> SOUND = List.of(
            TestPods.pod("web", 3, "4").toByteArray(),
            TestPods.pending(TestPods.pod("mail", 4, "250m")).toByteArray(),
            large().toByteArray(),
            mirror().toByteArray());

    private static Pod large() {
        Pod.Builder pod = TestPods.pod("large", 9, "48").toBuilder();
        for (int i = 0; i < 30; i++) {
            Container container = Container.newBuilder()
                    .setName("c" + i)
                    .setImage("registry.example/app:" + i)
                    .setResources(TestPods.limits("1500m", "1Gi").toBuilder()
                            .putRequests("hugepages-2Mi", TestPods.quantity("4Mi"))
                            .putRequests("example.com/fpga", TestPods.quantity("1")))
                    .addResizePolicy(ContainerResizePolicy.newBuilder()
                            .setResourceName("memory")
                            .setRestartPolicy("RestartContainer"))
                    .build();
            pod.getSpecBuilder().addContainers(container);
            pod.getSpecBuilder()
                    .addEphemeralContainers(EphemeralContainer.newBuilder()
                            .setEphemeralContainerCommon(Container.newBuilder().setName("e" + i)));
            pod.getStatusBuilder()
                    .addContainerStatuses(ContainerStatus.newBuilder().setName("c" + i));
        }
        return pod.build();
    }

    private static Pod mirror() {
        Pod.Builder pod = TestPods.pod("etcd", 0, "1").toBuilder();
        pod.getMetadataBuilder()
                .putAnnotations("kubernetes.io/config.mirror", "0123")
                .putAnnotations("kubernetes.io/config.hash", "0123")
                .putAnnotations("other", "x".repeat(300));
        return pod.build();
    }

    private interface Case {
        void run(Random random) throws Exception;
    }

    private static void each(int count, Case one) {
        long first = ONE_SEED == 0 ? 1 : ONE_SEED;
        long last = ONE_SEED == 0 ? count : ONE_SEED;
        for (long seed = first; seed <= last; seed++) {
            try {
                one.run(new Random(seed));
            } catch (Exception | AssertionError | StackOverflowError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static byte[] damaged(Random random) {
        return new Damage(random).of(SOUND.get(random.nextInt(SOUND.size())));
    }

    @Test
    void damaged_pods() {
        int[] read = new int[1];
        each(PODS, random -> {
            byte[] bytes = damaged(random);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            KnownPod known;
            try {
                known = PodReader.read(SpecSource.PODS_API, ByteBuffer.wrap(bytes));
            } catch (UnreadableException e) {
                assertThat(e.getMessage()).hasSizeBetween(10, 700).doesNotContainPattern("\\p{Cntrl}");
                return;
            } finally {
                assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
                        .isLessThan(ALLOCATED_AT_MOST + ALLOCATED_PER_BYTE * bytes.length);
            }
            read[0]++;
            compare(known, bytes);
        });
        assertThat(read[0]).as("pods that were read all the same").isGreaterThan(ONE_SEED == 0 ? PODS / 20 : -1);
    }

    /** protobuf also reads the messages that the reader skips, and finds more errors. */
    private static void compare(KnownPod known, byte[] bytes) {
        Pod pod;
        try {
            pod = Pod.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            return;
        }
        assertThat(known.name()).isEqualTo(pod.getMetadata().getName());
        assertThat(known.namespace()).isEqualTo(pod.getMetadata().getNamespace());
        assertThat(known.generation()).isEqualTo(pod.getMetadata().getGeneration());
        assertThat(known.priority()).isEqualTo(pod.getSpec().getPriority());
        assertThat(known.spec().containers().size())
                .isEqualTo(pod.getSpec().getContainersCount()
                        + pod.getSpec().getInitContainersCount()
                        + (int) pod.getSpec().getEphemeralContainersList().stream()
                                .filter(EphemeralContainer::hasEphemeralContainerCommon)
                                .count());
        assertThat(known.uid()).isEqualTo(pod.getMetadata().getUid());
    }

    @Test
    void watches_of_damaged_events() {
        int events = 200;
        each(PODS / events, random -> {
            KeptPods kept = new KeptPods();
            long now = 0;
            kept.beginList();
            boolean complete = false;
            for (int i = 0; i < events; i++) {
                now += random.nextLong(Duration.ofSeconds(2).toNanos());
                switch (random.nextInt(40)) {
                    case 0 -> {
                        kept.beginList();
                        complete = false;
                    }
                    case 1 -> {
                        kept.completeList(now);
                        complete = true;
                    }
                    case 2 -> kept.doubtful(now).forEach(kept::forget);
                    default -> take(kept, random, complete);
                }
            }
            assertThat(kept.size()).isBetween(0, events);
            assertThat(kept.differentSpecs()).isLessThanOrEqualTo(kept.size());
        });
    }

    /** The whole way: through the socket, with cut watches between, and lookups beside them. */
    @Test
    void a_source_whose_kubelet_lies(@TempDir Path folder) throws Exception {
        Random random = new Random(ONE_SEED);
        Damage damage = new Damage(random);
        int watches = PODS / 1000;
        try (FakeKubelet kubelet = new FakeKubelet(folder.resolve("s"));
                PodsApiSource source = new PodsApiSource(folder.resolve("s"))) {
            kubelet.onGet = request -> damage.of(FakeKubelet.response(ByteString.copyFrom(SOUND.getFirst())));
            kubelet.onWatch = watcher -> {
                for (int i = 0; i < 1000; i++) {
                    Pod pod = TestPods.pod("web-" + random.nextInt(100), random.nextInt(3), "4");
                    byte[] event = FakeKubelet.event(EventType.forNumber(1 + random.nextInt(4)), pod);
                    watcher.onNext(random.nextBoolean() ? event : damage.of(event));
                }
                watcher.onCompleted();
            };
            AtomicLong told = new AtomicLong();
            source.start(pod -> told.incrementAndGet());
            for (int i = 0; i < watches; i++) {
                try {
                    var _ = source.find(TestPods.request("web"), Duration.ofSeconds(20));
                } catch (IOException e) {
                    assertThat(e.getMessage()).hasSizeBetween(10, 700);
                }
            }
            await().atMost(Duration.ofMinutes(1)).until(() -> kubelet.watches.get() >= 3);
            assertThat(source.health().pods()).isLessThanOrEqualTo(KeptPods.MOST_PODS);

            kubelet.onGet = kubelet::get;
            kubelet.onWatch = kubelet::list;
            kubelet.pods.put(TestPods.uid("sound"), TestPods.pod("sound", 1, "4"));
            await().atMost(Duration.ofMinutes(1)).until(() -> source.health().ready());
            assertThat(source.atHand(TestPods.uid("sound"), "default", "sound")).isPresent();
            assertThat(told).hasPositiveValue();
        }
    }

    private static void take(KeptPods kept, Random random, boolean complete) {
        String name = "web-" + random.nextInt(20);
        Pod pod = TestPods.pod(name, random.nextInt(5), random.nextInt(1, 9) + "");
        byte[] event = FakeKubelet.event(EventType.forNumber(random.nextInt(5)), pod);
        PodEvent read;
        try {
            read = PodEvent.read(ByteBuffer.wrap(random.nextBoolean() ? event : new Damage(random).of(event)));
        } catch (UnreadableException e) {
            return;
        }
        switch (read) {
            case PodEvent.Present present -> {
                String uid = present.pod().uid();
                long before = kept.find(uid).map(KnownPod::generation).orElse(Long.MIN_VALUE);
                var _ = complete ? kept.changed(present.pod(), present.added()) : kept.listed(present.pod());
                assertThat(kept.find(uid).map(KnownPod::generation).orElse(Long.MAX_VALUE))
                        .as("no pod goes back")
                        .isGreaterThanOrEqualTo(before);
            }
            case PodEvent.Deleted deleted -> {
                kept.delete(deleted.uid());
                assertThat(kept.find(deleted.uid())).isEmpty();
            }
            case PodEvent.ListComplete _, PodEvent.Unknown _ -> {
                // The test itself ends lists.
            }
        }
    }
}
