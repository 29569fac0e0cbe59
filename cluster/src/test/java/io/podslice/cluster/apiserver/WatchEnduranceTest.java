package io.podslice.cluster.apiserver;

import static io.podslice.cluster.apiserver.FakeApiServer.Kind.WATCH;
import static io.podslice.cluster.apiserver.TestPods.cpus;
import static io.podslice.cluster.apiserver.TestPods.pod;
import static io.podslice.cluster.apiserver.TestPods.sandbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.node.KnownPod;
import io.podslice.proto.core.v1.Pod;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many pods that come, change and go while the watch is cut again and again, and the server goes away. */
class WatchEnduranceTest {
    private static final int PODS = 500;
    private static final int ROUNDS = 40;

    @Test
    void five_hundred_pods_are_as_the_server_has_them(@TempDir Path folder) throws Exception {
        try (WatchedNode node = new WatchedNode(folder)) {
            int[] now = new int[PODS];
            for (int i = 0; i < PODS; i++) {
                now[i] = 1;
                node.server.put(version(i, 1));
            }
            node.server.watchMillis = 40;
            node.start();
            node.awaitAtHand("web-0", "uid-0", 1);

            Random random = new Random(1);
            for (int round = 0; round < ROUNDS; round++) {
                int watches = node.server.requests(WATCH);
                for (int change = 0; change < 20; change++) {
                    int i = random.nextInt(PODS);
                    if (random.nextInt(4) == 0) {
                        node.server.delete(version(i, now[i]));
                    }
                    node.server.put(version(i, ++now[i]));
                }
                if (round % 10 == 5) {
                    node.server.compact();
                }
                if (round % 20 == 15) {
                    node.server.goAway();
                    await().until(() -> !node.source.health().ready());
                    node.server.comeBack();
                }
                int asked = random.nextInt(PODS);
                KnownPod found =
                        node.find(sandbox("web-" + asked, "uid-" + asked)).orElseThrow();
                assertThat(cpus(found)).isLessThanOrEqualTo(now[asked]);
                await().atMost(WatchedNode.PATIENCE).until(() -> node.server.requests(WATCH) > watches);
            }
            node.server.watchMillis = Long.MAX_VALUE;

            await().atMost(WatchedNode.PATIENCE).untilAsserted(() -> {
                for (int i = 0; i < PODS; i++) {
                    assertThat(node.source
                                    .atHand("uid-" + i, "default", "web-" + i)
                                    .map(TestPods::cpus))
                            .contains((long) now[i]);
                }
            });
            assertThat(node.source.health().pods()).isEqualTo(PODS);
            assertThat(node.server.requests(WATCH)).isGreaterThan(ROUNDS);
            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().startsWith("HttpClient-"))
                    .as("one selector thread for each client of this JVM")
                    .hasSizeLessThan(20);
        }
    }

    private static Pod version(int i, int cpus) {
        Pod.Builder pod = pod("web-" + i, "uid-" + i, cpus).toBuilder();
        pod.getMetadataBuilder().setGeneration(cpus);
        return pod.build();
    }
}
