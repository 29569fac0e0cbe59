package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pods that end without a call or an event that says so. */
final class LostPodsTest {
    private static final CgroupPath PATH = new CgroupPath("/kubepods/podp");

    private final BrainFixture node = new BrainFixture();
    private final PodSandboxRequest pod = node.pod("p", PATH.value(), guaranteed(20));

    private static Map<String, String> guaranteed(int cpus) {
        return spec("{'resources':{'requests':{'cpu':'" + cpus + "','memory':'1Gi'},'limits':{'cpu':'" + cpus
                + "','memory':'1Gi'}},'containers':[{'name':'a'}]}");
    }

    private void later() {
        node.clock.advance(node.config.lostAfter().plusSeconds(1));
    }

    private boolean hasCpus() {
        return node.brain.snapshot().nodeSharedPool().size() < 32;
    }

    @Test
    void aPodWhoseCgroupIsGoneGivesItsCpusBack() {
        node.run(pod, "sb1");
        node.files.removeAll(PATH);

        node.brain.sweep();
        assertThat(hasCpus()).as("its sandbox may be slow to start").isTrue();
        later();
        node.brain.sweep();

        assertThat(hasCpus()).isFalse();
        assertThat(node.files.get("/kubepods/burstable", "cpuset.cpus")).isEmpty();
        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    @Test
    void aPodWithoutProcessesGivesThemBackAndItsCgroupGoes() {
        node.run(pod, "sb1");
        node.files.set(PATH, "cgroup.events", "populated 0\nfrozen 0");
        node.files.removeAll(PATH.child("sb1"));
        later();

        node.brain.sweep();
        assertThat(hasCpus()).as("its sandbox may just be being stopped").isTrue();
        later();
        node.brain.sweep();

        assertThat(hasCpus()).isFalse();
        assertThat(node.files.exists(PATH)).isFalse();
    }

    @Test
    void aPodWhoseProcessesWereAllKilledKeepsItsCpusForItsNextSandbox() {
        node.files.makeAll(PATH.value());
        node.run(pod, "sb1");
        later();
        node.files.set(PATH, "cgroup.events", "populated 0\nfrozen 0");

        node.brain.sweep();
        assertThat(node.run(node.pod("q", "/kubepods/podq", guaranteed(20)), "sb2"))
                .isNotNull();
        node.files.set(PATH, "cgroup.events", "populated 1\nfrozen 0");
        node.brain.sweep();
        later();
        node.files.set(PATH, "cgroup.events", "populated 0\nfrozen 0");
        node.brain.sweep();

        assertThat(hasCpus()).isTrue();
    }

    @Test
    void aPodWithProcessesKeepsThem() {
        node.run(pod, "sb1");
        later();

        node.brain.sweep();

        assertThat(hasCpus()).isTrue();
    }

    @Test
    void aPodWhoseSandboxHasNotBeenAnsweredForIsNeverLost() {
        node.decide(new NodeRequest.RunPodSandbox(pod));
        node.files.removeAll(PATH);
        later();

        node.brain.sweep();

        assertThat(hasCpus()).isTrue();
    }

    @Test
    void beforeAPodIsRefusedForLackOfCpusTheLostOnesAreLookedFor() {
        node.run(pod, "sb1");
        node.files.removeAll(PATH);
        later();

        assertThat(node.run(node.pod("q", "/kubepods/podq", guaranteed(20)), "sb2"))
                .isNull();
    }

    @Test
    void aSandboxRemovedWithoutHavingBeenStoppedGivesThemBack() {
        node.run(pod, "sb1");

        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));

        assertThat(hasCpus()).isFalse();
    }

    @Test
    void aCgroupThatIsStillUsedStaysUntilItsSandboxIsRemoved() {
        node.run(pod, "sb1");

        node.brain.happened(new NodeEvent.SandboxStopped("sb1"));
        assertThat(node.files.exists(PATH)).isTrue();
        node.files.removeAll(PATH.child("sb1"));
        node.brain.happened(new NodeEvent.SandboxRemoved("sb1"));

        assertThat(node.files.exists(PATH)).isFalse();
    }
}
