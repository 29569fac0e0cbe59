package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.ContainerRequest;
import io.podslice.node.Door;
import io.podslice.node.Node;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromiseTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Verdict UNTOUCHED = new Verdict.Proceed(null, Completion.NONE);

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final CountDownLatch gate = new CountDownLatch(1);
    private volatile Supplier<Verdict> verdict = () -> proceed(null);
    private volatile @Nullable Refusal lateRefusal;
    private final Brain brain = new ScriptedBrain();
    private final Node node = Promise.about(brain).door(Door.CRI);

    private final class ScriptedBrain implements Brain {
        @Override
        public Verdict decide(NodeRequest request) {
            return verdict.get();
        }

        @Override
        public void happened(NodeEvent event) {
            told.add("happened " + event.id());
        }

        @Override
        public SynchronizeReport synchronize(RuntimeContents.Source runtime) {
            return SynchronizeReport.NOTHING;
        }

        @Override
        public boolean asks(NodeRequest request) {
            return request.asks();
        }
    }

    private Verdict proceed(@Nullable LinuxResources decided) {
        return new Verdict.Proceed(decided, new Completion() {
            @Override
            public void succeeded(String id) throws RefusedException {
                told.add("succeeded " + id);
                Refusal refusal = lateRefusal;
                if (refusal != null) {
                    throw new RefusedException(refusal);
                }
            }

            @Override
            public void failed() {
                told.add("failed");
            }
        });
    }

    private static PodSandboxRequest pod(boolean asks) {
        Map<String, String> annotations = asks ? Map.of("podslice.io/pod-spec", "{}") : Map.of();
        return new PodSandboxRequest(
                "u", "ns", "p", 0, "/kubepods/podu", Map.of(), annotations, LinuxResources.NONE, LinuxResources.NONE);
    }

    private static NodeRequest run(boolean asks) {
        return new NodeRequest.RunPodSandbox(pod(asks));
    }

    private static NodeRequest confirm(boolean asks) {
        return new NodeRequest.ConfirmContainer(
                "c1", new ContainerRequest("s1", pod(asks), "c", 0, Map.of(), Map.of(), LinuxResources.NONE));
    }

    /** The brain decides once the gate is open. */
    private void thinkLong(Verdict decision) {
        verdict = () -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return decision;
        };
    }

    private String nextTold() throws InterruptedException {
        String next = told.poll(20, TimeUnit.SECONDS);
        return next == null ? "nothing" : next;
    }

    private static Refusal refusal(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Refuse.class);
        return ((Verdict.Refuse) verdict).refusal();
    }

    @Test
    void a_verdict_in_time_is_the_doors_and_its_completion_is_told() throws Exception {
        Verdict.Proceed proceed = (Verdict.Proceed) node.decide(run(true), LONG);
        assertThat(told).isEmpty();
        proceed.completion().succeeded("s1");
        assertThat(nextTold()).isEqualTo("succeeded s1");
    }

    @Test
    void a_fault_refuses_a_pod_that_asks_and_lets_any_other_pass() {
        verdict = () -> {
            throw new IllegalStateException("disk full");
        };
        assertThat(refusal(node.decide(run(true), LONG)).text()).isEqualTo("PodsliceError: disk full");
        assertThat(node.decide(run(false), LONG)).isEqualTo(UNTOUCHED);
    }

    @Test
    void a_late_verdict_is_given_back() throws Exception {
        thinkLong(proceed(null));
        assertThat(refusal(node.decide(run(true), SHORT)).text())
                .isEqualTo(
                        "PodsliceError: podslice cannot decide on this pod, which asks for it by its annotations or its pod-level resources:"
                                + " no decision within 50 ms");
        assertThat(node.decide(run(false), SHORT)).isEqualTo(UNTOUCHED);
        gate.countDown();
        assertThat(nextTold()).isEqualTo("failed");
        assertThat(nextTold()).isEqualTo("failed");
    }

    @Test
    void a_late_verdict_that_the_runtime_has_acted_on_counts() throws Exception {
        thinkLong(proceed(null));
        assertThat(node.decide(confirm(false), SHORT)).isEqualTo(UNTOUCHED);
        gate.countDown();
        assertThat(nextTold()).isEqualTo("succeeded c1");
    }

    @Test
    void a_late_verdict_that_the_runtime_has_not_acted_on_is_given_back() throws Exception {
        thinkLong(proceed(LinuxResources.NONE.withCpuset("2-3", "")));
        assertThat(node.decide(confirm(false), SHORT)).isEqualTo(UNTOUCHED);
        gate.countDown();
        assertThat(nextTold()).isEqualTo("failed");
    }

    @Test
    void a_thing_that_the_runtime_has_made_already_is_completed_with_the_verdict() throws Exception {
        LinuxResources decided = LinuxResources.NONE.withCpuset("2-3", "");
        verdict = () -> proceed(decided);
        assertThat(node.decide(confirm(true), LONG)).isEqualTo(new Verdict.Proceed(decided, Completion.NONE));
        assertThat(nextTold()).isEqualTo("succeeded c1");
        Refusal late = new Refusal("TooLate", Refusal.Kind.PRECONDITION, "the CPUs are gone");
        lateRefusal = late;
        assertThat(refusal(node.decide(confirm(true), LONG))).isEqualTo(late);
    }

    @Test
    void a_completion_that_takes_too_long_does_not_hold_the_door() {
        CountDownLatch never = new CountDownLatch(1);
        verdict = () -> new Verdict.Proceed(null, new Completion() {
            @Override
            public void succeeded(String id) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public void failed() {}
        });
        Verdict.Proceed proceed = (Verdict.Proceed) node.decide(run(true), Duration.ofSeconds(2));
        assertThatThrownBy(() -> proceed.completion().succeeded("s1"))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.refusal().message()).endsWith("not written within 2000 ms"));
        never.countDown();
    }

    @Test
    void requests_wait_for_a_brain_that_opens_and_pass_when_it_takes_too_long() throws Exception {
        Promise promise = new Promise(NodeMeter.NONE);
        Node opening = promise.door(Door.CRI);
        assertThat(opening.decide(run(false), SHORT)).isEqualTo(UNTOUCHED);
        assertThat(refusal(opening.decide(run(true), SHORT)).message()).contains("still reading its state");
        Thread opener = Thread.ofVirtual().start(() -> promise.open(brain));
        assertThat(opening.decide(run(true), LONG)).isInstanceOf(Verdict.Proceed.class);
        opener.join();
    }

    /** Until podslice can decide, a call waits for it as long as its client does, and its budget is not touched. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_budget_begins_when_the_brain_is_open(boolean onItsOwnThread) throws Exception {
        Promise promise = new Promise(NodeMeter.NONE);
        Node opening = promise.door(Door.CRI);
        Duration budget = Duration.ofSeconds(2);
        TimeLimit limit = new TimeLimit(budget, LONG);
        BlockingQueue<Verdict> verdicts = new LinkedBlockingQueue<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            if (onItsOwnThread) {
                opening.decide(run(true), limit, verdicts::add);
            } else {
                verdicts.add(opening.decide(run(true), limit));
            }
        });
        assertThat(verdicts.poll(budget.plusMillis(200).toMillis(), TimeUnit.MILLISECONDS))
                .isNull();
        promise.open(brain);
        assertThat(verdicts.poll(20, TimeUnit.SECONDS)).isInstanceOf(Verdict.Proceed.class);
        caller.join();
    }

    @Test
    void a_call_whose_client_gives_up_is_answered_before_the_brain_is_open() throws Exception {
        Node opening = new Promise(NodeMeter.NONE).door(Door.CRI);
        BlockingQueue<Verdict> verdicts = new LinkedBlockingQueue<>();
        TimeLimit limit = new TimeLimit(LONG, SHORT);
        opening.decide(run(true), limit, verdicts::add);
        opening.decide(run(false), limit, verdicts::add);
        assertThat(refusal(verdicts.take()).message()).endsWith("it is still reading its state, after 50 ms");
        assertThat(verdicts.take()).isEqualTo(UNTOUCHED);
    }

    @Test
    void an_event_is_waited_for_no_longer_than_its_budget() throws Exception {
        node.happened(new NodeEvent.SandboxStopped("s1"), LONG);
        assertThat(told).containsExactly("happened s1");
    }

    @Test
    void no_more_decisions_are_begun_while_the_brain_hangs() throws Exception {
        thinkLong(proceed(null));
        for (int i = 0; i < DecisionThreads.MOST_BEGUN; i++) {
            node.decide(run(false), Duration.ofMillis(1));
        }
        assertThat(refusal(node.decide(run(true), LONG)).message()).endsWith("256 decisions are still under way");
        assertThat(node.decide(run(false), LONG)).isEqualTo(UNTOUCHED);
        gate.countDown();
        assertThat(nextTold()).isEqualTo("failed");
    }
}
