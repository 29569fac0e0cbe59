package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.simulator.apiserver.ApiFault;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubeletapi.KubeletFault;
import io.podslice.simulator.pods.PodPhase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A kubelet and an API server whose every answer and event may be damaged, with podslice between them and a node that goes on
 * living: no pod that asks nothing is refused, and none waits longer than lookups may take.
 * {@code -Dpodslice.fuzz.seed=N} repeats a run's damages.
 */
@Tag("fuzz")
class LyingSourcesFuzzTest {
    private static final int SHORT_RUN = 20_000;
    private static final int LONG_RUN = 1_000_000;
    private static final int KNOWN_PODS = 60;
    private static final int ROUND = 200;
    /** Less than the kubelet keeps for a client that reads slowly. */
    private static final int BURST = 50;

    private static final Duration LOOKUP = Duration.ofMillis(500);

    /** Far more than a lookup and a container's start take, for a machine that is busy. */
    private static final Duration MOST = Duration.ofSeconds(30);

    @Test
    void podsThatAskNothingStart() throws Exception {
        long seed = Long.getLong("podslice.fuzz.seed", 1);
        long count =
                Integer.getInteger("podslice.fuzz.count", Boolean.getBoolean("podslice.long") ? LONG_RUN : SHORT_RUN);
        Liar liar = new Liar(seed);
        Options options = Options.of(Way.AUTO)
                .with(ApiOptions.DEFAULT.bookmarkEvery(Duration.ofMillis(50)))
                .lookingUpFor(LOOKUP);
        try (ClusterNode node = new ClusterNode(options)) {
            List<PodManifest> known = new ArrayList<>();
            for (int i = 0; i < KNOWN_PODS; i++) {
                PodManifest pod = i % 2 == 0 ? ClusterNode.pod("known-" + i, 2, 1) : ClusterNode.plain("known-" + i);
                node.cluster.bind(pod);
                node.cluster.pods().add(pod);
                known.add(pod);
            }
            lie(node, liar);
            long before = liar.lies();
            for (int round = 0; liar.lies() - before < count; round++) {
                stir(node, liar, known, round);
                if (round % 10 == 0) {
                    live(node, round, seed);
                }
            }
        }
    }

    private static void lie(ClusterNode node, Liar liar) {
        node.cluster.podsApi().faults().always("GetPod", new KubeletFault.Alter(liar::pod));
        node.cluster.podsApi().faults().always("WatchPods", new KubeletFault.Alter(liar::pod));
        node.cluster.podResources().faults().always("Get", new KubeletFault.Alter(liar::pod));
        for (ApiFault.Request request : ApiFault.Request.values()) {
            node.cluster.apiServer().faults().always(request, new ApiFault.Alter(liar::body));
        }
        node.cluster.apiServer().cutWatches();
        // A new socket, so that the watch that is open is ended too.
        node.cluster.restartKubelet();
        node.cluster.pods().readAll();
    }

    /**
     * Changes pods that are known, so that both watches have events to send; not faster than the kubelet's is read, which
     * would be ended otherwise.
     */
    private static void stir(ClusterNode node, Liar liar, List<PodManifest> known, int round)
            throws InterruptedException {
        for (int i = 0; i < ROUND; i += BURST) {
            long before = liar.lies();
            for (int j = i; j < i + BURST; j++) {
                PodManifest pod = known.get(j % known.size());
                node.cluster.pods().enter(pod.uid(), round % 2 == 0 ? PodPhase.RUNNING : PodPhase.PENDING, "", "");
                node.cluster.apiServer().store().change(pod.namespace(), pod.name(), stored -> stored);
            }
            for (int wait = 0; wait < 50 && liar.lies() < before + BURST; wait++) {
                Thread.sleep(1);
            }
        }
        if (round % 100 == 99) {
            node.cluster.apiServer().store().compact();
            node.cluster.apiServer().cutWatches();
        }
    }

    private static void live(ClusterNode node, int round, long seed) {
        String name = "live-" + round;
        long began = System.nanoTime();
        RunningPod plain = node.kubelet.run(ClusterNode.plain(name));
        long took = System.nanoTime() - began;
        assertThat(Duration.ofNanos(took)).as("seed %s, round %s", seed, round).isLessThan(MOST);
        assertThat(node.file(plain, "cpu.weight")).isNotEmpty();
        node.end(plain);
    }
}
