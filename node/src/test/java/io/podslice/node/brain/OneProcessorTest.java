package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.Door;
import io.podslice.node.Node;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.TimeLimit;
import io.podslice.node.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A decision that burns the only processor that the JVM knows of: the door, on a virtual thread, is answered anyway. */
class OneProcessorTest {

    /** Burns a processor for good in each decision. */
    private static final class BurningBrain implements Brain {
        private volatile long count;

        @Override
        public Verdict decide(NodeRequest request) {
            while (count >= 0) {
                count = (count + 1) & Integer.MAX_VALUE;
            }
            return new Verdict.Proceed(null, Completion.NONE);
        }

        @Override
        public void happened(NodeEvent event) {}

        @Override
        public SynchronizeReport synchronize(RuntimeContents.Source runtime) {
            return SynchronizeReport.NOTHING;
        }

        @Override
        public boolean asks(NodeRequest request) {
            return request.asks();
        }
    }

    /** Asks from a thread that waits, and from one that decides itself as the doors' do, and prints the verdicts. */
    static final class Asking {
        private Asking() {}

        public static void main(String[] args) throws InterruptedException {
            Node node = Promise.about(new BurningBrain()).door(Door.CRI);
            for (Map<String, String> annotations :
                    List.of(Map.<String, String>of(), Map.of("podslice.io/pod-spec", ""))) {
                NodeRequest request = new NodeRequest.RunPodSandbox(new PodSandboxRequest(
                        "u", "ns", "p", 0, "", Map.of(), annotations, LinuxResources.NONE, LinuxResources.NONE));
                Thread asking = Thread.ofVirtual().start(() -> {
                    Verdict verdict = node.decide(request, Duration.ofMillis(100));
                    System.out.println(verdict.getClass().getSimpleName());
                });
                asking.join();
                CountDownLatch answered = new CountDownLatch(1);
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> node.decide(request, TimeLimit.of(Duration.ofMillis(100)), verdict -> {
                            System.out.println(verdict.getClass().getSimpleName());
                            answered.countDown();
                        }));
                answered.await();
            }
            Runtime.getRuntime().halt(0);
        }
    }

    @Test
    void a_decision_that_burns_the_only_processor_keeps_no_call_past_its_budget() throws Exception {
        Process asking = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:ActiveProcessorCount=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Asking.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(asking.waitFor(50, TimeUnit.SECONDS)).isTrue();
            String said = new String(asking.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(said.lines()).containsExactly("Proceed", "Proceed", "Refuse", "Refuse");
        } finally {
            asking.destroyForcibly();
        }
    }
}
