package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.Errno;
import io.podslice.node.PodSandboxRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a pod's start reads of the pods that are there. */
final class AdmissionReadsTest {
    private static final Map<String, String> ONE = spec("""
            {'resources':{'requests':{'cpu':'1','memory':'1Gi'},'limits':{'cpu':'1','memory':'1Gi'}},
             'containers':[{'name':'a'},{'name':'b'}]}""");

    private final BrainFixture node = new BrainFixture();

    private PodSandboxRequest start(String name) {
        PodSandboxRequest pod = node.pod(name, "/kubepods/pod" + name, ONE);
        assertThat(node.run(pod, "sb" + name)).isNull();
        return pod;
    }

    private PodSandboxRequest startWithContainer(String name) {
        PodSandboxRequest pod = start(name);
        node.create(pod, "sb" + name, "a");
        return pod;
    }

    @Test
    void aPodsStartReadsAsMuchBesideManyPodsAsBesideFew() {
        startWithContainer("first");
        startWithContainer("second");
        node.files.reads.clear();
        startWithContainer("third");
        int besideFew = node.files.reads.size();
        for (int i = 0; i < 20; i++) {
            startWithContainer("one-of-many-" + i);
        }
        node.files.reads.clear();

        startWithContainer("last");

        // The cgroup of the newest container, which came after podslice had last looked, is read in any case.
        assertThat(node.files.reads).hasSize(besideFew).noneMatch(cgroup -> cgroup.contains("one-of-many-0"));
    }

    @Test
    void aPodThatHasChangedIsReadAgain() {
        PodSandboxRequest pod = startWithContainer("first");
        startWithContainer("second");
        startWithContainer("third");
        node.files.set(BrainFixture.cgroupOf(pod, "sbfirst-a"), "cpuset.cpus", "0-31");
        node.create(pod, "sbfirst", "b");
        node.files.reads.clear();

        startWithContainer("fourth");

        assertThat(node.files.get("/kubepods/podfirst/sbfirst-a", "cpuset.cpus"))
                .isEqualTo(node.cpusOf("first", "a").toString());
        assertThat(node.files.reads).noneMatch(cgroup -> cgroup.contains("podsecond"));
    }

    /** Of a change that failed in its middle it is not known what it has left. */
    @Test
    void afterAFailureAllIsReadAgain() {
        PodSandboxRequest pod = startWithContainer("first");
        startWithContainer("second");
        startWithContainer("third");
        node.files.set(BrainFixture.cgroupOf(pod, "sbfirst-a"), "cpuset.cpus", "0-31");
        node.files.beforeWrite = (file, value) -> {
            if (file.startsWith("/kubepods/burstable/cpuset.cpus")) {
                throw new CgroupException(Errno.EIO, file, value, "planted");
            }
        };
        assertThat(node.run(node.pod("fails", "/kubepods/podfails", ONE), "sbfails"))
                .isNotNull();
        node.files.beforeWrite = (file, value) -> {};

        startWithContainer("fourth");

        assertThat(node.files.get("/kubepods/podfirst/sbfirst-a", "cpuset.cpus"))
                .isEqualTo(node.cpusOf("first", "a").toString());
    }
}
