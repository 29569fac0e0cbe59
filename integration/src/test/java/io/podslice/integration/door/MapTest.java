package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.api.Topologies;
import io.podslice.agent.map.NodeMap;
import io.podslice.agent.map.StatusMap;
import io.podslice.agent.map.SvgMap;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.v1.ListPodsRequest;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.proto.v1.StatusResponse;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A map of the running node says of each CPU what the cgroup files say, before and after a resize. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MapTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Pattern CPU =
            Pattern.compile("<g data-cpu=\"(\\d+)\" data-use=\"(\\w+)\"(?: data-pod=\"([^\"]*)\")?>");

    @Test
    void theMapIsWhatTheCgroupFilesSay() throws IOException {
        try (DoorFixture node = new DoorFixture();
                NodeApiClient api = new NodeApiClient(node.folder.resolve("podslice.sock"))) {
            PodManifest database = DoorFixture.pod("database", 4, 2);
            RunningPod running = node.kubelet.run(database);
            RunningPod web = node.kubelet.run(DoorFixture.pod("web", 3, 1));
            Map<Integer, String> before = drawn(api);
            assertThat(before).hasSize(16).isEqualTo(files(node, running, web));

            RunningPod grown = node.kubelet.resize(
                    running,
                    DoorFixture.resized(
                            database, Wants.guaranteed(Amounts.of(6, 2)), Wants.guaranteed(Amounts.of(4, 1))));
            Map<Integer, String> after = drawn(api);
            assertThat(after).isNotEqualTo(before).isEqualTo(files(node, grown, web));
        }
    }

    private static Map<Integer, String> drawn(NodeApiClient api) {
        StatusResponse status = api.node(LONG).status(StatusRequest.getDefaultInstance());
        NodeMap map = StatusMap.of(
                status,
                api.node(LONG).listPods(ListPodsRequest.getDefaultInstance()).getPodsList(),
                Topologies.machine(status.getTopology()));
        Map<Integer, String> uses = new TreeMap<>();
        Matcher cpus = CPU.matcher(SvgMap.text(List.of(map)));
        while (cpus.find()) {
            String pod = cpus.group(3) == null ? "" : " " + cpus.group(3);
            uses.put(Integer.valueOf(cpus.group(1)), cpus.group(2) + pod);
        }
        return uses;
    }

    static Map<Integer, String> files(DoorFixture node, RunningPod... pods) {
        Map<Integer, String> uses = new TreeMap<>();
        CpuSet.parse(node.others()).forEach(cpu -> uses.put(cpu, "nodeShared"));
        for (RunningPod pod : pods) {
            CgroupPath cgroup = node.kubelet.cgroup(pod.manifest());
            String name = " default/" + pod.manifest().name();
            CpuSet.parse(node.cpus(cgroup, pod.containerId("app")))
                    .forEach(
                            cpu -> assertThat(uses.put(cpu, "exclusive" + name)).isNull());
            CpuSet.parse(node.cpus(cgroup, pod.containerId("helper")))
                    .forEach(
                            cpu -> assertThat(uses.put(cpu, "podShared" + name)).isNull());
        }
        return uses;
    }
}
