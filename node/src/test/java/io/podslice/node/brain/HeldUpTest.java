package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.Door;
import io.podslice.node.Node;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.TimeLimit;
import io.podslice.node.Verdict;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A brain that waits for systemd, which does not answer: pods that ask nothing do not wait with it. */
final class HeldUpTest {
    /** Longer than the test may take: only the look at the held-up brain can end a wait. */
    private static final TimeLimit LIMIT = new TimeLimit(Duration.ofMinutes(10), Duration.ofMinutes(10));

    private final CountDownLatch gate = new CountDownLatch(1);
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private volatile boolean silent = true;

    private final Brain brain = new Brain() {
        @Override
        public Verdict decide(NodeRequest request) {
            pass();
            return new Verdict.Proceed(null, Completion.NONE);
        }

        @Override
        public void happened(NodeEvent event) {
            pass();
        }

        @Override
        public SynchronizeReport synchronize(RuntimeContents.Source runtime) {
            return SynchronizeReport.NOTHING;
        }

        @Override
        public boolean asks(NodeRequest request) {
            return request.asks();
        }
    };

    private final Node node = node();

    private Node node() {
        Promise promise = new Promise(NodeMeter.NONE);
        promise.open(brain, () -> silent);
        return promise.door(Door.CRI);
    }

    private void pass() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void open() {
        gate.countDown();
    }

    private static NodeRequest run(boolean asks) {
        Map<String, String> annotations = asks ? Map.of("podslice.io/pod-spec", "{}") : Map.of();
        return new NodeRequest.RunPodSandbox(new PodSandboxRequest(
                "u", "ns", "p", 0, "/kubepods/podu", Map.of(), annotations, LinuxResources.NONE, LinuxResources.NONE));
    }

    private void inBackground(boolean asks) {
        Thread.ofVirtual()
                .start(() -> node.decide(
                        run(asks), LIMIT, verdict -> told.add(verdict.getClass().getSimpleName())));
    }

    @Test
    void aPodThatAsksNothingPasses() throws InterruptedException {
        assertThat(node.decide(run(false), LIMIT)).isEqualTo(new Verdict.Proceed(null, Completion.NONE));
        inBackground(false);
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("Proceed");
    }

    @Test
    void aPodThatAsksIsDecidedOnceTheAnswerComes() throws InterruptedException {
        inBackground(true);
        assertThat(told.poll(2500, TimeUnit.MILLISECONDS)).isNull();
        gate.countDown();
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("Proceed");
    }

    @Test
    void aPodThatAsksNothingIsDecidedByABrainThatIsSlowAndNotHeldUp() throws InterruptedException {
        silent = false;
        inBackground(false);
        assertThat(told.poll(2500, TimeUnit.MILLISECONDS)).isNull();
        gate.countDown();
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("Proceed");
    }

    @Test
    void anEventIsNotedInTheBackground() throws InterruptedException {
        node.happened(new NodeEvent.SandboxStopped("s"), Duration.ofMinutes(10));
        Thread.ofVirtual()
                .start(() -> node.happened(
                        new NodeEvent.SandboxStopped("s"), Duration.ofMinutes(10), () -> told.add("noted")));
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("noted");
    }
}
