package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.DeviceLocality;
import io.podslice.node.NodeConfig;
import io.podslice.node.PlanListener;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.StateFolder;
import io.podslice.simulator.kubelet.RunningPod;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node on which nothing happens is written to by no sweep, and so no file looks overwritten. */
final class SteadyNodeTest {
    private static final int SWEEPS = 12;

    /** A tree that notes every attempt to change it, also one that changes nothing. */
    private static final class NotingFiles implements CgroupFiles {
        private final CgroupFiles tree;
        final List<String> attempts = new ArrayList<>();

        NotingFiles(CgroupFiles tree) {
            this.tree = tree;
        }

        @Override
        public String read(CgroupPath dir, String file) {
            return tree.read(dir, file);
        }

        @Override
        public void write(CgroupPath dir, String file, String value) {
            attempts.add(dir + "/" + file + ": " + value);
            tree.write(dir, file, value);
        }

        @Override
        public boolean exists(CgroupPath dir) {
            return tree.exists(dir);
        }

        @Override
        public boolean hasFile(CgroupPath dir, String file) {
            return tree.hasFile(dir, file);
        }

        @Override
        public void create(CgroupPath dir) {
            attempts.add("create " + dir);
            tree.create(dir);
        }

        @Override
        public void remove(CgroupPath dir) {
            attempts.add("remove " + dir);
            tree.remove(dir);
        }

        @Override
        public List<String> children(CgroupPath dir) {
            return tree.children(dir);
        }
    }

    /**
     * Pods come and go, so that lists which cannot be emptied stay behind.
     *
     * @param kubepods cpuset.cpus of the root of all pods
     * @param offline CPUs that go offline at the end
     */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"'',-", "8-15,-", "'',0", "'','1,9'", "8-15,8"})
    void noSweepWrites(String kubepods, String offline) throws IOException {
        try (DoorFixture node = new DoorFixture()) {
            node.kernel.write(DoorFixture.KUBEPODS, "cpuset.cpus", kubepods);
            var _ = node.kubelet.run(DoorFixture.pod("one", 2, 1));
            var _ = node.kubelet.run(DoorFixture.pod("two", 2, 1));
            RunningPod three = node.kubelet.run(DoorFixture.pod("three", 3, 2));
            node.kubelet.stop(three);
            node.kubelet.remove(three);
            node.stopAgent();
            CpuSet gone = offline == null ? CpuSet.empty() : CpuSet.parse(offline);
            node.takeOffline(gone);
            Machine machine = DoorFixture.MACHINE.withOffline(gone);
            NotingFiles files = new NotingFiles(node.kernel);
            NodeBrain brain = new NodeBrain(
                    NodeConfig.DEFAULT,
                    machine,
                    files,
                    new PodPlacer(machine, NodeConfig.DEFAULT.policy()),
                    DeviceLocality.NONE,
                    new StateFolder(StateFolder.disk(node.folder.resolve("state")), Clock.systemUTC(), ""),
                    Clock.systemUTC(),
                    PlanListener.NONE);
            brain.sweep();
            files.attempts.clear();

            for (int i = 0; i < SWEEPS; i++) {
                brain.sweep();
            }

            assertThat(files.attempts).isEmpty();
            assertThat(brain.snapshot().pods()).hasSize(2);
            node.startAgent();
        }
    }
}
