package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.node.PlanListener;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.CallLog;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.PodLife;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.libcontainer.SystemdLibcontainer;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import io.podslice.simulator.systemd.SimulatedSystemd;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole of podslice on a node with the systemd driver, which it finds out by itself. */
final class SystemdDriverTest {
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods.slice");
    private static final CgroupPath BEST_EFFORT = new CgroupPath("/kubepods.slice/kubepods-besteffort.slice");
    private static final CgroupPath BURSTABLE = new CgroupPath("/kubepods.slice/kubepods-burstable.slice");

    @TempDir
    private Path folder;

    private final SimulatedCgroups kernel = new SimulatedCgroups(DoorFixture.MACHINE);

    private Agent agent(SimulatedSystemd systemd) {
        return new Agent(
                AgentConfiguration.of(
                        folder.resolve("cri.sock"), folder.resolve("runtime.sock"), folder.resolve("state")),
                new AgentParts(kernel, DoorFixture.MACHINE, Clock.systemUTC(), PlanListener.NONE).with(systemd));
    }

    private SimulatedRuntime runtime(SimulatedSystemd systemd) {
        SimulatedRuntime runtime = new SimulatedRuntime(
                folder.resolve("runtime.sock"),
                new SystemdLibcontainer(kernel, systemd, SystemdLibcontainer.User.RUNC),
                new SimulatedProcesses(kernel),
                PodUpdateSupport.UNIMPLEMENTED,
                InstantSource.system(),
                new Random(1));
        runtime.addImage("busybox");
        runtime.start();
        return runtime;
    }

    private KubeletDriver kubelet(CriClient client, SimulatedSystemd systemd) {
        return new KubeletDriver(
                client,
                new SystemdLibcontainer(kernel, systemd, SystemdLibcontainer.User.KUBELET),
                KUBEPODS,
                PodCgroups.BY_KUBELET,
                new NodeSize(DoorFixture.MACHINE.cpus().size(), 16L << 30, List.of()),
                CallLog.NONE,
                PodLife.NONE);
    }

    private CpuSet cpus(CgroupPath path) {
        return CpuSet.parse(kernel.read(path, "cpuset.cpus.effective"));
    }

    /** Tells if "app" has two CPUs for itself, and no pod of another class may use any of the pod's three. */
    private void assertPinned(CgroupPath app) {
        CpuSet own = cpus(app);
        assertThat(own.size()).isEqualTo(2);
        for (CgroupPath others : List.of(BEST_EFFORT, BURSTABLE)) {
            assertThat(cpus(others).size()).as(others.value()).isEqualTo(13);
            assertThat(cpus(others).intersects(own)).as(others.value()).isFalse();
        }
    }

    /** With the drop-in that systemd/slices writes, and without. */
    @ParameterizedTest
    @CsvSource({"252,true", "257,true", "262,true", "262,false"})
    void aPodKeepsItsCpusWhateverSystemdDoes(int version, boolean dropIn) throws Exception {
        SimulatedSystemd systemd = new SimulatedSystemd(kernel, version);
        if (dropIn) {
            systemd.installDropIn(
                    "kubepods-.slice.d",
                    "10-podslice.conf",
                    List.of(UnitProperty.mask(UnitProperty.ALLOWED_CPUS, CpuSet.parse(DoorFixture.ALL))));
        }
        try (SimulatedRuntime runtime = runtime(systemd);
                Agent agent = agent(systemd);
                CriClient client = new CriClient(folder.resolve("cri.sock"), Duration.ofSeconds(60))) {
            assertThat(agent).isNotNull();
            assertThat(runtime).isNotNull();
            KubeletDriver kubelet = kubelet(client, systemd);
            kubelet.prepareNode();
            RunningPod pod = kubelet.run(DoorFixture.pod("db", 3, 2));
            CgroupPath slice = new CgroupPath("/kubepods.slice/kubepods-poddb_uid.slice");
            CgroupPath app = slice.child("cri-containerd-" + pod.containerId("app") + ".scope");
            assertPinned(app);
            assertThat(kernel.read(slice, "cpu.max")).isEqualTo("300000 100000");

            kubelet.everyMinute();
            assertPinned(app);
            systemd.daemonReload();
            assertPinned(app);
            systemd.daemonReexec();
            assertPinned(app);

            // Written past systemd: only the recheck that follows a reload can tell where systemd rewrites nothing.
            kernel.write(BURSTABLE, "cpuset.cpus", "0-15");
            kernel.write(slice, "cpu.max", "max 100000");
            systemd.daemonReload();
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat(kernel.read(slice, "cpu.max")).isEqualTo("300000 100000"));
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertPinned(app));

            kubelet.stop(pod);
            kubelet.remove(pod);
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat(cpus(BEST_EFFORT).toString()).isEqualTo(DoorFixture.ALL));
        }
    }
}
