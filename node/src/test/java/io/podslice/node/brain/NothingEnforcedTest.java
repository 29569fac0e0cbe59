package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.Verdict;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NothingEnforcedTest {
    private final Brain node = NothingEnforced.withoutCgroups("cgroups.root /sys/fs/cgroup: is tmpfs");

    private static PodSandboxRequest pod(Map<String, String> annotations) {
        return new PodSandboxRequest(
                "u", "ns", "p", 0, "/kubepods/podu", Map.of(), annotations, LinuxResources.NONE, LinuxResources.NONE);
    }

    private static ContainerRequest container(PodSandboxRequest pod) {
        return new ContainerRequest("s", pod, "c", 0, Map.of(), Map.of(), LinuxResources.NONE);
    }

    @Test
    void a_pod_that_asks_nothing_is_let_through_unchanged() {
        PodSandboxRequest pod = pod(Map.of("example.com/other", "x"));
        Verdict untouched = new Verdict.Proceed(null, Completion.NONE);
        assertThat(node.decide(new NodeRequest.RunPodSandbox(pod))).isEqualTo(untouched);
        assertThat(node.decide(new NodeRequest.CreateContainer(container(pod)))).isEqualTo(untouched);
        assertThat(node.decide(new NodeRequest.UpdateContainer("c", Map.of(), LinuxResources.NONE)))
                .isEqualTo(untouched);
        assertThat(node.decide(
                        new NodeRequest.UpdatePodSandbox("s", Map.of(), LinuxResources.NONE, LinuxResources.NONE)))
                .isEqualTo(untouched);
    }

    @Test
    void a_pod_that_asks_something_is_refused_and_told_what_is_missing() {
        for (String annotation : new String[] {"podslice.io/pod-spec", "podslice.io/exclusive.main"}) {
            PodSandboxRequest pod = pod(Map.of(annotation, "true"));
            Verdict refused = new Verdict.Refuse(new Refusal(
                    "CgroupV2Required", Refusal.Kind.PRECONDITION, "cgroups.root /sys/fs/cgroup: is tmpfs"));
            assertThat(node.decide(new NodeRequest.RunPodSandbox(pod))).isEqualTo(refused);
            assertThat(node.decide(new NodeRequest.CreateContainer(container(pod))))
                    .isEqualTo(refused);
        }
    }
}
