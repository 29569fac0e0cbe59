package io.podslice.cluster.podsapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.cluster.TestPods;
import io.podslice.cluster.pod.PodReader;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeTellerTest {
    private final KeptPods kept = new KeptPods();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final CountDownLatch taking = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);

    @TempDir
    Path folder;

    @Test
    void pods_that_come_and_go_while_a_change_is_being_taken_are_bounded() throws Exception {
        PodsApiCalls noKubelet = new PodsApiCalls(folder.resolve("no-socket"));
        try (ChangeTeller teller = new ChangeTeller(noKubelet, kept, this::take, new UnreadableLog())) {
            teller.start();
            keep("first");
            teller.tell(TestPods.uid("first"));
            taking.await();
            for (int i = 0; i < 3 * KeptPods.MOST_PODS; i++) {
                keep("short-" + i);
                teller.tell(TestPods.uid("short-" + i));
                kept.delete(TestPods.uid("short-" + i));
                assertThat(teller.waiting()).isLessThanOrEqualTo(KeptPods.MOST_PODS);
            }
            keep("last");
            teller.tell(TestPods.uid("last"));
            free.countDown();

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(told).containsExactly("first", "last"));
        }
    }

    @Test
    void pods_are_told_while_calls_fail() throws Exception {
        PodsApiCalls noKubelet = new PodsApiCalls(folder.resolve("no-socket"));
        Pauses pauses = new Pauses(240_000, 240_000);
        free.countDown();
        try (ChangeTeller teller = new ChangeTeller(noKubelet, kept, this::take, new UnreadableLog(), pauses)) {
            keep("asked");
            teller.ask(TestPods.uid("asked"), 0);
            teller.start();
            // The first call has failed, and the next one is at least two minutes off.
            await().atMost(Duration.ofSeconds(30)).until(() -> teller.asksIn().toSeconds() > 60);

            keep("late");
            teller.tell(TestPods.uid("late"));

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(told).containsExactly("late"));
        }
    }

    private void keep(String name) throws IOException {
        byte[] pod = TestPods.pod(name, 1, "1").toByteArray();
        assertThat(kept.listed(PodReader.read(SpecSource.PODS_API, ByteBuffer.wrap(pod))))
                .isEqualTo(KeptPods.Consequence.TELL);
    }

    private void take(KnownPod pod) {
        taking.countDown();
        try {
            free.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        told.add(pod.name());
    }
}
