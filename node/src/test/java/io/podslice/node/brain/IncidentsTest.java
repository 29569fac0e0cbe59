package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodName;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.TimeLimit;
import io.podslice.node.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A meter hears of granted pods, refusals, outcomes of resizes and repairs, and of nothing else. */
final class IncidentsTest {
    private static final Map<String, String> FOUR = spec("""
            {'resources':{'requests':{'cpu':'4','memory':'8Gi'},'limits':{'cpu':'4','memory':'8Gi'}},
             'containers':[{'name':'log'}]}""");

    private final List<NodeIncident> heard = new ArrayList<>();

    private final NodeMeter meter = new NodeMeter() {
        @Override
        public void decided(Door door, NodeRequest request, Duration took) {}

        @Override
        public void held(Door door, NodeRequest request, Duration took) {}

        @Override
        public void count(NodeCounter counter, String... labels) {}

        @Override
        public void note(NodeIncident incident) {
            heard.add(incident);
        }
    };

    private final BrainFixture node = new BrainFixture();

    private PodSandboxRequest started() {
        node.meter = meter;
        node.start();
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", FOUR);
        node.run(pod, "sb1");
        node.create(pod, "sb1", "log");
        assertThat(heard).singleElement().isInstanceOfSatisfying(NodeIncident.Granted.class, granted -> {
            assertThat(granted.pod()).isEqualTo(name(pod));
            assertThat(granted.message()).matches("requests \\{cpu=4, .*}, limits \\{cpu=4, .*}, CPUs [-0-9,]+");
        });
        heard.clear();
        return pod;
    }

    private static PodName name(PodSandboxRequest pod) {
        return new PodName(pod.uid(), pod.namespace(), pod.name());
    }

    private Verdict resize(int cpus) {
        Verdict verdict = node.decide(new NodeRequest.UpdatePodSandbox(
                "sb1", Map.of(), LinuxResources.NONE, BrainFixture.cpuAndMemory(cpus * 1000L, 8 * BrainFixture.GI)));
        if (verdict instanceof Verdict.Proceed proceed) {
            assertThat(BrainFixture.complete(proceed, "sb1")).isNull();
        }
        return verdict;
    }

    @Test
    void ofTheOutcomeOfResizes() {
        PodSandboxRequest pod = started();
        resize(6);
        resize(6);
        resize(40);
        resize(40);
        assertThat(heard)
                .hasSize(2)
                .satisfiesExactly(
                        done -> assertThat(done).isInstanceOfSatisfying(NodeIncident.Resized.class, resized -> {
                            assertThat(resized.pod()).isEqualTo(name(pod));
                            assertThat(resized.outcome()).isEqualTo("done");
                            assertThat(resized.message())
                                    .matches("requests \\{cpu=6, .*}, limits \\{cpu=6, .*}, CPUs [-0-9,]+");
                        }),
                        refused -> assertThat(refused).isInstanceOfSatisfying(NodeIncident.Resized.class, resized -> {
                            assertThat(resized.outcome()).isEqualTo("infeasible");
                            assertThat(resized.message()).contains("40");
                        }));
    }

    @Test
    void ofWhatASweepWroteAgain() {
        PodSandboxRequest pod = started();
        node.files.set(new CgroupPath("/kubepods/podp"), "cpu.max", "max 100000");
        node.brain.sweep();
        assertThat(heard)
                .containsExactly(new NodeIncident.Repaired(
                        name(pod), "/kubepods/podp", "cpu.max", "max 100000", "400000 100000"));
    }

    @Test
    void notOfASandboxMadeAnewNorOfAPodThatAsksNothing() {
        PodSandboxRequest pod = started();
        node.run(pod, "sb2");
        node.run(node.pod("plain", "/kubepods/podplain", Map.of()), "sb3");
        assertThat(heard).isEmpty();
    }

    @Test
    void ofARefusalAtADoor() {
        node.meter = meter;
        node.start();
        Promise promise = new Promise(meter);
        promise.open(node.brain);
        NodeRequest request = new NodeRequest.RunPodSandbox(node.pod("huge", "/kubepods/podhuge", spec("""
                {'resources':{'requests':{'cpu':'40','memory':'8Gi'},'limits':{'cpu':'40','memory':'8Gi'}},
                 'containers':[{'name':'log'}]}""")));
        Verdict verdict = promise.door(Door.NRI).decide(request, TimeLimit.of(Duration.ofSeconds(20)));
        assertThat(verdict).isInstanceOf(Verdict.Refuse.class);
        Refusal refusal = ((Verdict.Refuse) verdict).refusal();
        assertThat(heard).containsExactly(new NodeIncident.Refused(Door.NRI, request, refusal));
    }

    @Test
    void bothOfTwoMetersHearAll() {
        List<String> told = new ArrayList<>();
        NodeMeter both = NodeMeter.both(meter, new NodeMeter() {
            @Override
            public void decided(Door door, NodeRequest request, Duration took) {
                told.add("decided");
            }

            @Override
            public void held(Door door, NodeRequest request, Duration took) {
                told.add("held");
            }

            @Override
            public void count(NodeCounter counter, String... labels) {
                told.add("counted");
            }

            @Override
            public void note(NodeIncident incident) {
                told.add("noted");
            }
        });
        NodeRequest request = new NodeRequest.UpdateContainer("c", Map.of(), LinuxResources.NONE);
        both.decided(Door.CRI, request, Duration.ZERO);
        both.held(Door.CRI, request, Duration.ZERO);
        both.count(NodeCounter.RESIZES, "done");
        both.note(new NodeIncident.Resized(PodName.NONE, "done", ""));
        assertThat(told).containsExactly("decided", "held", "counted", "noted");
        assertThat(heard).hasSize(1);
    }
}
