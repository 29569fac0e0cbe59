package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.node.Bounds;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeView;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Verdict;
import io.podslice.node.state.NodeState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A copy of a node decides as the node would, and leaves it as it is. */
final class RehearsalTest {
    private final BrainFixture node = new BrainFixture();

    private static Map<String, String> guaranteed(int cpus) {
        return spec("""
                {'resources':{'requests':{'cpu':'%1$d','memory':'8Gi'},'limits':{'cpu':'%1$d','memory':'8Gi'}},
                 'containers':[
                   {'name':'db','resources':{'requests':{'cpu':'2','memory':'4Gi'},'limits':{'cpu':'2','memory':'4Gi'}}},
                   {'name':'log'}]}""".formatted(cpus));
    }

    @BeforeEach
    void aPodRuns() {
        PodSandboxRequest pod = node.pod("p", "/kubepods/podp", guaranteed(6));
        node.run(pod, "sb1");
        node.create(pod, "sb1", "db");
    }

    private static Verdict decide(Rehearsal copy, PodSandboxRequest pod) {
        copy.files().create(new CgroupPath(pod.cgroupParent()));
        return Promise.answer(copy.brain(), new NodeRequest.RunPodSandbox(pod));
    }

    @Test
    void itHasThePodsAndDecidesAsTheNodeWould() {
        PodSandboxRequest another = node.pod("q", "/kubepods/podq", guaranteed(4));
        Rehearsal copy = node.brain.rehearse();
        assertThat(copy.brain().snapshot()).isEqualTo(node.brain.snapshot());

        assertThat(decide(copy, another)).isInstanceOf(Verdict.Proceed.class);
        CpuSet planned = cpus(copy.brain(), "q");
        assertThat(planned.size()).isEqualTo(4);
        node.run(another, "sb2");
        assertThat(cpus(node.brain, "q")).isEqualTo(planned);

        PodSandboxRequest huge = node.pod("r", "/kubepods/podr", guaranteed(28));
        assertThat(decide(node.brain.rehearse(), huge)).isInstanceOf(Verdict.Refuse.class);
    }

    private static CpuSet cpus(NodeBrain brain, String pod) {
        return brain.snapshot().pods().stream()
                .filter(view -> view.name().equals(pod))
                .map(NodeView.PodView::cpus)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theNodeStaysAsItIs() throws InterruptedException {
        NodeView view = node.brain.snapshot();
        NodeState saved = node.store.saved;
        long revision = node.brain.revisedSnapshot().revision();
        node.files.writes.clear();
        node.steps.clear();

        Rehearsal copy = node.brain.rehearse();
        assertThat(decide(copy, node.pod("q", "/kubepods/podq", guaranteed(4)))).isInstanceOf(Verdict.Proceed.class);
        copy.brain().sweep();

        assertThat(copy.brain().snapshot()).isNotEqualTo(view);
        assertThat(node.files.writes).isEmpty();
        assertThat(node.files.exists(new CgroupPath("/kubepods/podq"))).isFalse();
        assertThat(node.steps).isEmpty();
        assertThat(node.store.saved).isEqualTo(saved);
        assertThat(node.brain.revisedSnapshot().revision()).isEqualTo(revision);
        assertThat(node.brain.snapshot()).isEqualTo(view);
    }

    @Test
    void itHasTheBoundsThatAreInForce() {
        assertThat(node.brain.rehearse().config().bounds()).isEqualTo(NodeConfig.DEFAULT.bounds());
        Bounds none = Bounds.NONE;
        node.brain.bound(none);
        assertThat(node.brain.rehearse().config().bounds()).isSameAs(none);
        assertThat(List.of(node.brain.rehearse().machine())).containsExactly(node.machine);
    }
}
