package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeView;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Verdict;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two doors ask about one pod: the brain decides for the door that asks first, and confirms for the other. */
class ConfirmationsTest {
    private static final Map<String, String> PINNED = spec("""
            {'resources':{'requests':{'cpu':'4','memory':'4Gi'},'limits':{'cpu':'4','memory':'4Gi'}},
             'containers':[
               {'name':'db','resources':{'requests':{'cpu':'2','memory':'2Gi'},'limits':{'cpu':'2','memory':'2Gi'}}},
               {'name':'log'}]}""");

    private final BrainFixture node = new BrainFixture();
    private final PodSandboxRequest pod = node.pod("p", "/kubepods/podp", PINNED);

    private static @Nullable LinuxResources proceeds(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        return ((Verdict.Proceed) verdict).resources();
    }

    private static LinuxResources decided(Verdict verdict) {
        return Objects.requireNonNull(proceeds(verdict));
    }

    private ContainerRequest container(String name, LinuxResources resources) {
        return node.container(pod, "sb", name, resources);
    }

    @Test
    void a_sandbox_that_the_other_door_has_let_in_is_confirmed_and_its_answer_still_counts() {
        Verdict.Proceed admitted = (Verdict.Proceed) node.decide(new NodeRequest.RunPodSandbox(pod));
        NodeView.PodView before = node.view("p");
        int steps = node.steps.size();

        assertThat(proceeds(node.decide(new NodeRequest.ConfirmPodSandbox("sb", pod))))
                .isNull();

        assertThat(node.view("p")).isEqualTo(before);
        assertThat(node.steps).hasSize(steps);
        assertThat(BrainFixture.complete(admitted, "sb")).isNull();
        node.brain.happened(new NodeEvent.SandboxStopped("sb"));
        assertThat(node.brain.snapshot().nodeSharedPool()).isEqualTo(BrainFixture.MACHINE.cpuSet());
    }

    @Test
    void a_sandbox_whose_other_door_gives_it_back_after_the_confirmation_is_gone() {
        Verdict.Proceed admitted = (Verdict.Proceed) node.decide(new NodeRequest.RunPodSandbox(pod));
        node.decide(new NodeRequest.ConfirmPodSandbox("sb", pod));

        admitted.completion().failed();

        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    @Test
    void a_sandbox_that_came_past_the_other_door_is_admitted() {
        Verdict.Proceed verdict = (Verdict.Proceed) node.decide(new NodeRequest.ConfirmPodSandbox("sb", pod));
        BrainFixture.complete(verdict, "sb");

        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("0-1,16-17"));
        int steps = node.steps.size();
        node.decide(new NodeRequest.ConfirmPodSandbox("sb", pod));
        assertThat(node.steps).hasSize(steps);
    }

    @Test
    void a_sandbox_that_does_not_fit_is_refused() {
        PodSandboxRequest large = node.pod("large", "/kubepods/podl", spec("""
                {'resources':{'requests':{'cpu':'40','memory':'4Gi'},'limits':{'cpu':'40','memory':'4Gi'}},
                 'containers':[{'name':'a','resources':{'requests':{'cpu':'40','memory':'4Gi'},
                                                        'limits':{'cpu':'40','memory':'4Gi'}}}]}"""));
        assertThat(node.decide(new NodeRequest.ConfirmPodSandbox("sb", large))).isInstanceOf(Verdict.Refuse.class);
        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    @Test
    void another_pod_of_the_same_uid_is_not_confirmed() {
        node.run(pod, "sb");
        PodSandboxRequest copied = new PodSandboxRequest(
                pod.uid(),
                "default",
                "other",
                0,
                "/kubepods/podq",
                Map.of(),
                PINNED,
                LinuxResources.NONE,
                LinuxResources.NONE);

        assertThat(node.decide(new NodeRequest.ConfirmPodSandbox("sb2", copied)))
                .isInstanceOf(Verdict.Refuse.class);
    }

    @Test
    void a_container_that_the_other_door_has_let_in_gets_what_was_decided() {
        node.run(pod, "sb");
        Verdict.Proceed created =
                (Verdict.Proceed) node.decide(new NodeRequest.CreateContainer(container("db", LinuxResources.NONE)));
        LinuxResources decided = decided(created);

        assertThat(proceeds(node.decide(new NodeRequest.ConfirmContainer("c1", container("db", decided)))))
                .as("the other door has rewritten it already")
                .isNull();
        LinuxResources again =
                decided(node.decide(new NodeRequest.ConfirmContainer("c1", container("db", LinuxResources.NONE))));

        assertThat(again.cpusetCpus()).isEqualTo(decided.cpusetCpus());
        assertThat(node.view("p").containers()).hasSize(2);
    }

    @Test
    void a_container_is_known_by_its_id_from_the_confirmation_on_and_still_given_back_by_the_other_door() {
        node.run(pod, "sb");
        Verdict.Proceed created =
                (Verdict.Proceed) node.decide(new NodeRequest.CreateContainer(container("db", LinuxResources.NONE)));
        Verdict.Proceed confirmed = (Verdict.Proceed)
                node.decide(new NodeRequest.ConfirmContainer("c1", container("db", LinuxResources.NONE)));
        BrainFixture.complete(confirmed, "c1");

        LinuxResources kept =
                decided(node.decide(new NodeRequest.UpdateContainer("c1", Map.of(), LinuxResources.NONE)));
        assertThat(kept.cpusetCpus()).isEqualTo("0,16");

        created.completion().failed();
        assertThat(proceeds(node.decide(new NodeRequest.UpdateContainer("c1", Map.of(), LinuxResources.NONE))))
                .isNull();
    }

    @Test
    void a_container_that_runs_already_and_has_what_it_shall_have_is_left_alone() {
        node.run(pod, "sb");
        LinuxResources running = node.create(pod, "sb", "db");

        assertThat(proceeds(node.decide(new NodeRequest.ConfirmContainer(idOf("sb", "db"), container("db", running)))))
                .isNull();
    }

    @Test
    void a_container_that_came_while_podslice_was_away_is_decided_on() {
        node.run(pod, "sb");
        node.create(pod, "sb", "log");
        node.start();

        assertThat(proceeds(node.decide(new NodeRequest.ConfirmPodSandbox("sb", pod))))
                .isNull();
        Verdict.Proceed verdict = (Verdict.Proceed)
                node.decide(new NodeRequest.ConfirmContainer("new", container("db", LinuxResources.NONE)));
        BrainFixture.complete(verdict, "new");

        assertThat(decided(verdict).cpusetCpus()).isEqualTo("0,16");
    }

    @Test
    void a_sandbox_whose_id_was_lost_with_a_crash_is_known_again_by_its_confirmation() {
        node.decide(new NodeRequest.RunPodSandbox(pod));
        node.start();

        assertThat(proceeds(node.decide(new NodeRequest.ConfirmPodSandbox("sb", pod))))
                .isNull();
        node.brain.happened(new NodeEvent.SandboxRemoved("sb"));

        assertThat(node.brain.snapshot().pods()).isEmpty();
    }
}
