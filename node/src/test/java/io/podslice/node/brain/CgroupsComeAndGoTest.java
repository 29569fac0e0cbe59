package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.NodeEvent;
import io.podslice.node.PodSandboxRequest;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The runtime makes and removes cgroups of one pod while podslice decides on another. */
final class CgroupsComeAndGoTest {
    private static final Map<String, String> FOUR =
            spec("{'resources':{'requests':{'cpu':'4','memory':'1Gi'},'limits':{'cpu':'4','memory':'1Gi'}},"
                    + "'containers':[{'name':'a'}]}");

    /** Cgroups that the next read does not find, though they are there when it is asked if they are. */
    private final Set<CgroupPath> coming = new HashSet<>();

    private final BrainFixture node = new BrainFixture() {
        @Override
        FakeCgroupFiles newFiles() {
            return new FakeCgroupFiles(MACHINE.cpuSet()) {
                @Override
                public String read(CgroupPath dir, String file) {
                    if (coming.remove(dir)) {
                        throw new CgroupException(Errno.ENOENT, dir + "/" + file, null, "reading");
                    }
                    return super.read(dir, file);
                }
            };
        }
    };

    @Test
    void aCgroupThatComesWhileItIsReadRefusesNoOtherPod() {
        PodSandboxRequest one = node.pod("one", "/kubepods/podone", FOUR);
        node.run(one, "sb1");
        node.create(one, "sb1", "a", LinuxResources.NONE);
        CgroupPath container = new CgroupPath(one.cgroupParent()).child(BrainFixture.idOf("sb1", "a"));

        coming.add(container);
        assertThat(node.run(node.pod("two", "/kubepods/podtwo", FOUR), "sb2")).isNull();
        assertThat(coming).as("the container's cgroup was read").isEmpty();

        coming.add(container);
        node.brain.happened(new NodeEvent.SandboxRemoved("sb2"));
        assertThat(node.brain.snapshot().pods()).hasSize(1);
        assertThat(node.brain.snapshot().nodeSharedPool().size())
                .isEqualTo(node.machine.cpuSet().size() - 4);
    }
}
