package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Invariants of memory protection while pods come, go and are resized and options change, in random order. The
 * repetition is the seed.
 */
final class MemoryProtectionPropertiesTest {
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    private static final long MI = 1L << 20;

    private record Running(PodSandboxRequest request, String sandbox, long limit) {}

    private final BrainFixture node = new BrainFixture(BrainFixture.MACHINE, config(MemoryQos.OFF));
    private final List<Running> pods = new ArrayList<>();
    private final Set<String> meddledWith = new HashSet<>();
    private MemoryQos qos = MemoryQos.OFF;
    private int made;

    private static NodeConfig config(MemoryQos qos) {
        return new NodeConfig(PlacementPolicy.DEFAULT, KUBEPODS, Cfs.DEFAULT, NodeConfig.DEFAULT.lostAfter(), qos);
    }

    @RepeatedTest(60)
    void filesAreInOrderAtEveryInstantAndSumsHold(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Map<String, String> atFirst = node.files.everything();
        node.files.afterWrite = file -> checkOrder(new CgroupPath(file.substring(0, file.lastIndexOf('/'))));
        for (int i = 0; i < 40; i++) {
            switch (random.nextInt(7)) {
                case 0, 1, 2 -> admit(random);
                case 3 -> remove(random);
                case 4 -> resize(random);
                case 5 -> restart(random);
                default -> meddle(random);
            }
            checkSums();
        }
        while (!pods.isEmpty()) {
            remove(random);
        }
        assertThat(node.files.everything()).isEqualTo(atFirst);
    }

    private void admit(Random random) {
        String name = "p" + made++;
        long request = MI * (1 + random.nextInt(500)) + random.nextInt(5000);
        long limit = 2 * request;
        int kind = random.nextInt(4);
        String amounts = "'requests':{'cpu':'100m','memory':'" + request + "'},'limits':{'cpu':'100m','memory':'";
        String spec = switch (kind) {
            case 0 -> "{'containers':[{'name':'a','resources':{" + amounts + request + "'}}}]}";
            case 1 -> "{'containers':[{'name':'a','resources':{" + amounts + limit + "'}}}]}";
            case 2 -> "{'resources':{" + amounts + limit + "'}},'containers':[{'name':'a'},{'name':'b'}]}";
            default -> "{'containers':[{'name':'a'}]}";
        };
        String parent = random.nextInt(5) == 0
                ? List.of("/kubepods/burstable/pod", "/kubepods/pod").get(random.nextInt(2))
                : List.of(
                                "/kubepods/pod",
                                "/kubepods/burstable/pod",
                                "/kubepods/burstable/pod",
                                "/kubepods/besteffort/pod")
                        .get(kind);
        PodSandboxRequest pod = node.pod(name, parent + name, BrainFixture.spec(spec));
        assertThat(node.run(pod, "sb" + name)).isNull();
        LinuxResources created = node.create(pod, "sb" + name, "a");
        CgroupPath container = new CgroupPath(parent + name + "/" + BrainFixture.idOf("sb" + name, "a"));
        created.unified().forEach((file, value) -> node.files.set(container, file, value));
        checkOrder(container);
        pods.add(new Running(pod, "sb" + name, kind == 2 ? limit : 0));
    }

    private void remove(Random random) {
        if (!pods.isEmpty()) {
            Running pod = pods.remove(random.nextInt(pods.size()));
            node.stopSandbox(pod.request(), pod.sandbox());
            node.brain.happened(new NodeEvent.SandboxRemoved(pod.sandbox()));
        }
    }

    /** Pods with a limit as a whole grow, or shrink to no less than they request. */
    private void resize(Random random) {
        for (Running pod : pods) {
            if (pod.limit() > 0) {
                long limit = pod.limit() / 2 + random.nextInt((int) pod.limit());
                LinuxResources resources = LinuxResources.NONE.withMemoryLimit(limit);
                if (node.decide(new NodeRequest.UpdatePodSandbox(
                                pod.sandbox(), Map.of(), LinuxResources.NONE, resources))
                        instanceof Verdict.Proceed proceed) {
                    var _ = BrainFixture.complete(proceed, pod.sandbox());
                }
                return;
            }
        }
    }

    private void restart(Random random) {
        qos = switch (random.nextInt(4)) {
            case 0 -> MemoryQos.OFF;
            case 1 -> new MemoryQos(false, OptionalDouble.of(0.8), 4096, 4096 * MI);
            case 2 -> new MemoryQos(true, OptionalDouble.of(0.9), MemoryQosVersion.V1_36, 0, 4096, 4096 * MI);
            default -> new MemoryQos(true, OptionalDouble.of(0.5), MemoryQosVersion.V1_37, 10, 4096, 4096 * MI);
        };
        node.config = config(qos);
        node.start();
    }

    /**
     * Overwrites one file with a lower value, as another program may, once; the sweeps, each of which looks at some
     * pods, repair it.
     */
    private void meddle(Random random) {
        Running pod = pods.isEmpty() ? null : pods.get(random.nextInt(pods.size()));
        if (qos.tiered() && pod != null && meddledWith.add(pod.sandbox())) {
            CgroupPath path = new CgroupPath(pod.request().cgroupParent());
            node.files.set(path, "memory.low", Long.toString(bytes(path, "memory.low") / 2));
            for (int i = 0; i < 5; i++) {
                node.brain.sweep();
            }
        }
    }

    private long bytes(CgroupPath path, String file) {
        return ByteLimit.parse(node.files.read(path, file)).bytes();
    }

    private void checkOrder(CgroupPath path) {
        if (node.files.hasFile(path, "memory.max")) {
            long high = bytes(path, "memory.high");
            long max = bytes(path, "memory.max");
            assertThat(high == Long.MAX_VALUE || high <= max)
                    .as("high of %s", path)
                    .isTrue();
            assertThat(bytes(path, "memory.min")).as("min of %s", path).isLessThanOrEqualTo(Math.min(high, max));
            assertThat(bytes(path, "memory.low")).as("low of %s", path).isLessThanOrEqualTo(Math.min(high, max));
        }
    }

    private void checkSums() {
        long min = 0;
        long low = 0;
        long lowOfBurstable = 0;
        for (Running pod : pods) {
            CgroupPath path = new CgroupPath(pod.request().cgroupParent());
            min += bytes(path, "memory.min");
            low += bytes(path, "memory.low");
            lowOfBurstable += path.isWithin(KUBEPODS.child("burstable")) ? bytes(path, "memory.low") : 0;
        }
        // Each pod's request is rounded down to whole pages, and their sum once.
        long rounding = 4096L * pods.size();
        assertThat(bytes(KUBEPODS, "memory.min")).isBetween(min + low, min + low + rounding);
        assertThat(bytes(KUBEPODS, "memory.low")).isBetween(low, low + rounding);
        assertThat(bytes(KUBEPODS.child("burstable"), "memory.low"))
                .isBetween(lowOfBurstable, lowOfBurstable + rounding);
        if (!qos.tiered()) {
            assertThat(min + low).isZero();
        }
    }
}
