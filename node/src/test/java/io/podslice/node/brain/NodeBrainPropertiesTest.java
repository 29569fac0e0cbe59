package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeView;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Invariants of the brain under random events in random order. The repetition is the seed. */
final class NodeBrainPropertiesTest {

    @RepeatedTest(40)
    void exclusiveCpusAreNeverInTwoSetsAndEverythingComesBack(RepetitionInfo repetition) {
        RandomNode node = new RandomNode(new Random(repetition.getCurrentRepetition()), false);
        for (int i = 0; i < 40; i++) {
            node.step();
            node.check();
        }
        node.removeAll();
    }

    @RepeatedTest(40)
    void neitherAreTheyWhenWritesFail(RepetitionInfo repetition) {
        RandomNode node = new RandomNode(new Random(repetition.getCurrentRepetition()), true);
        for (int i = 0; i < 40; i++) {
            node.step();
            node.check();
        }
        // Pods that ask nothing passed whatever went wrong; the next sweep repairs the cgroups.
        node.repair();
        node.check();
        node.removeAll();
    }

    /** What a kernel does in the moment between a CPU's end and the next sweep is not looked at. */
    @RepeatedTest(60)
    void neitherAreTheyWhenCpusComeAndGo(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        RandomNode node = new RandomNode(random, false);
        for (int i = 0; i < 40; i++) {
            if (random.nextInt(3) == 0) {
                node.takeOffline();
            }
            node.step();
            node.check();
        }
        node.putOnline();
        node.check();
        node.removeAll();
    }

    /** A node on which random things happen. */
    private static final class RandomNode {
        private final Random random;
        private final BrainFixture fixture = new BrainFixture();
        private final Map<String, String> atFirst = fixture.files.everything();
        private final Map<String, RunningPod> pods = new TreeMap<>();
        private int made;
        private boolean failing;
        private boolean undoing;

        RandomNode(Random random, boolean failing) {
            this.random = random;
            fixture.files.afterWrite = file -> {
                if (!this.failing) {
                    checkLeaves(file);
                }
            };
            this.failing = failing;
            fixture.files.beforeWrite = (file, value) -> {
                // One failure at a time: the writes that undo the plan succeed.
                if (this.failing && !undoing && file.endsWith("cpuset.cpus") && random.nextInt(12) == 0) {
                    undoing = true;
                    throw new CgroupException(Errno.EIO, file, value, "writing");
                }
            };
        }

        /** Takes up to 6 CPUs offline, and all others online. */
        void takeOffline() {
            CpuSet offline = CpuSet.empty();
            for (int i = random.nextInt(7); i > 0; i--) {
                offline = offline.union(CpuSet.of(random.nextInt(32)));
            }
            change(offline);
        }

        void putOnline() {
            change(CpuSet.empty());
        }

        private void change(CpuSet offline) {
            fixture.offline(offline.toString());
            fixture.files.afterWrite = file -> {};
            fixture.brain.sweep();
            if (random.nextInt(6) == 0) {
                fixture.start();
            }
            fixture.files.afterWrite = this::checkLeaves;
        }

        void step() {
            undoing = false;
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> admit();
                case 3, 4 -> pick().ifPresent(this::create);
                case 5 -> pick().ifPresent(this::resize);
                case 6 -> pick().ifPresent(this::endContainer);
                default -> pick().ifPresent(this::stop);
            }
        }

        private Optional<RunningPod> pick() {
            List<RunningPod> all = new ArrayList<>(pods.values());
            return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
        }

        private void admit() {
            String name = "p" + made++;
            boolean inferred = random.nextInt(4) == 0;
            String parent = switch (random.nextInt(6)) {
                case 0 -> "/kubepods/burstable/pod" + name;
                case 1 -> inferred ? "/kubepods/besteffort/pod" + name : "/else/" + name;
                default -> "/kubepods/pod" + name;
            };
            List<String> containers = new ArrayList<>();
            PodSandboxRequest request = inferred
                    ? fixture.pod(
                            name,
                            parent,
                            Map.of(),
                            BrainFixture.cpuAndMemory(500L * (1 + random.nextInt(16)), BrainFixture.GI))
                    : fixture.pod(name, parent, BrainFixture.spec(randomSpec(containers)));
            if (containers.isEmpty()) {
                containers.addAll(List.of("x", "y", "z"));
            }
            Map<String, String> before = fixture.files.everything();
            NodeView view = fixture.brain.snapshot();
            switch (fixture.decide(new NodeRequest.RunPodSandbox(request))) {
                case Verdict.Refuse refuse -> {
                    assertThat(fixture.files.everything()).isEqualTo(before);
                    assertThat(fixture.brain.snapshot()).isEqualTo(view);
                }
                case Verdict.Proceed proceed
                when random.nextInt(5) == 0 -> {
                    proceed.completion().failed();
                    if (!failing) {
                        before.keySet()
                                .forEach(file ->
                                        assertThat(fixture.files.everything()).containsEntry(file, before.get(file)));
                        assertThat(fixture.brain.snapshot()).isEqualTo(view);
                    }
                }
                case Verdict.Proceed proceed -> {
                    String sandbox = "sb" + name;
                    fixture.files.makeAll(parent + "/" + sandbox);
                    if (BrainFixture.complete(proceed, sandbox) == null) {
                        pods.put(name, new RunningPod(request, sandbox, containers));
                    } else {
                        fixture.files.removeAll(new CgroupPath(parent));
                    }
                }
            }
        }

        private String randomSpec(List<String> names) {
            StringBuilder json = new StringBuilder("{'containers':[");
            int sum = 0;
            boolean own = random.nextInt(3) > 0;
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                String name = "c" + i;
                int cpus = random.nextInt(4);
                String kind = i == 0 ? "app" : List.of("app", "sidecar", "init").get(random.nextInt(3));
                String amounts = "{'cpu':'" + cpus + "','memory':'1Gi'}";
                json.append(i == 0 ? "" : ",").append("{'name':'" + name + "','kind':'" + kind + "'");
                if (cpus > 0 || !own) {
                    json.append(",'resources':{'requests':").append(amounts);
                    json.append(",'limits':").append(amounts).append('}');
                }
                json.append('}');
                sum += cpus;
                names.add(name);
            }
            json.append(']');
            if (own) {
                String amounts = "{'cpu':'" + (sum + random.nextInt(3)) + "','memory':'8Gi'}";
                json.append(",'resources':{'requests':").append(amounts);
                json.append(",'limits':").append(amounts).append('}');
            }
            return json.append('}').toString();
        }

        private void create(RunningPod pod) {
            String name = random.nextInt(6) == 0
                    ? "debug" + random.nextInt(3)
                    : pod.containers.get(random.nextInt(pod.containers.size()));
            boolean inferred = pod.request.annotations().isEmpty();
            LinuxResources sent = inferred && random.nextBoolean()
                    ? BrainFixture.cpuAndMemory(1000L * (1 + random.nextInt(3)), BrainFixture.GI)
                    : LinuxResources.NONE;
            if (pod.live.contains(name)) {
                return;
            }
            // Init containers run alone among those that end.
            pod.live.removeIf(other -> {
                boolean init = kind(pod, other).equals("init");
                if (init) {
                    fixture.files.removeAll(pod.path(other));
                    fixture.brain.happened(new NodeEvent.ContainerStopped(BrainFixture.idOf(pod.sandbox, other)));
                }
                return init;
            });
            if (!inferred && kind(pod, name).equals("init") && !mayInit(pod, name)) {
                return;
            }
            Verdict verdict = fixture.decide(
                    new NodeRequest.CreateContainer(fixture.container(pod.request, pod.sandbox, name, sent)));
            if (verdict instanceof Verdict.Proceed proceed) {
                if (random.nextInt(6) == 0) {
                    proceed.completion().failed();
                    return;
                }
                String id = BrainFixture.idOf(pod.sandbox, name);
                LinuxResources resources = proceed.resources() == null ? sent : proceed.resources();
                BrainFixture.complete(proceed, id);
                CgroupPath path = fixture.files.makeAll(pod.path(name).value());
                fixture.files.set(path, "cpuset.cpus", resources.cpusetCpus());
                pod.live.add(name);
            }
        }

        /**
         * Tells if an init container may start now: beside the sidecars before it, and no other container of the pod.
         */
        private boolean mayInit(RunningPod pod, String name) {
            for (String other : pod.live) {
                int at = pod.containers.indexOf(other);
                boolean sidecarBefore = kind(pod, other).equals("sidecar") && at < pod.containers.indexOf(name);
                if (at >= 0 && !sidecarBefore) {
                    return false;
                }
            }
            return true;
        }

        private String kind(RunningPod pod, String container) {
            for (NodeView.PodView known : fixture.brain.snapshot().pods()) {
                for (NodeView.ContainerView view : known.containers()) {
                    if (known.name().equals(pod.request.name()) && view.name().equals(container)) {
                        return view.kind();
                    }
                }
            }
            return "";
        }

        private void resize(RunningPod pod) {
            LinuxResources to = BrainFixture.cpuAndMemory(500L * (1 + random.nextInt(24)), 8 * BrainFixture.GI);
            Map<String, String> before = fixture.files.everything();
            Refusal refusal = switch (fixture.decide(
                    new NodeRequest.UpdatePodSandbox(pod.sandbox, Map.of(), LinuxResources.NONE, to))) {
                case Verdict.Refuse(Refusal refused) -> refused;
                case Verdict.Proceed proceed -> BrainFixture.complete(proceed, pod.sandbox);
            };
            if (refusal != null) {
                assertThat(fixture.files.everything()).isEqualTo(before);
            }
        }

        private void endContainer(RunningPod pod) {
            if (!pod.live.isEmpty()) {
                String name = pod.live.iterator().next();
                pod.live.remove(name);
                fixture.files.removeAll(pod.path(name));
                fixture.brain.happened(new NodeEvent.ContainerRemoved(BrainFixture.idOf(pod.sandbox, name)));
            }
        }

        private void stop(RunningPod pod) {
            pods.remove(pod.request.name());
            CgroupPath path = new CgroupPath(pod.request.cgroupParent());
            for (String child : fixture.files.exists(path) ? fixture.files.children(path) : List.<String>of()) {
                fixture.files.removeAll(path.child(child));
            }
            if (random.nextBoolean()) {
                fixture.brain.happened(new NodeEvent.SandboxStopped(pod.sandbox));
            }
            fixture.brain.happened(new NodeEvent.SandboxRemoved(pod.sandbox));
            if (pod.request.annotations().isEmpty()) {
                fixture.files.removeAll(path); // as the kubelet does with its own
            }
        }

        void repair() {
            fixture.brain.sweep();
            failing = false;
            fixture.files.afterWrite = file -> {};
            fixture.brain.sweep();
        }

        void removeAll() {
            while (!pods.isEmpty()) {
                stop(pods.values().iterator().next());
                check();
            }
            fixture.clock.advance(fixture.config.lostAfter().plusSeconds(1));
            fixture.brain.sweep();
            Map<String, String> atLast = fixture.files.everything();
            atLast.keySet().removeIf(file -> file.startsWith("/else/"));
            assertThat(atLast).isEqualTo(atFirst);
            assertThat(fixture.brain.snapshot().nodeSharedPool()).isEqualTo(fixture.machine.cpuSet());
        }

        void check() {
            NodeView view = fixture.brain.snapshot();
            CpuSet all = view.nodeSharedPool();
            CpuSet online = fixture.source.online();
            assertThat(online.containsAll(all)).isTrue();
            if (online.equals(fixture.machine.cpuSet())) {
                assertThat(all.isEmpty()).isFalse();
            }
            for (NodeView.PodView pod : view.pods()) {
                assertThat(all.intersects(pod.cpus()))
                        .as("CPUs of %s", pod.name())
                        .isFalse();
                all = all.union(pod.cpus());
                CpuSet slices = CpuSet.empty();
                CpuSet running = CpuSet.empty();
                for (NodeView.ContainerView container : pod.containers()) {
                    if (container.isolation().equals("container")) {
                        assertThat(pod.cpus().containsAll(container.cpus())).isTrue();
                        if (!container.kind().equals("init")) {
                            assertThat(slices.intersects(container.cpus())).isFalse();
                            slices = slices.union(container.cpus());
                        }
                        if (!container.id().isEmpty()) {
                            running = running.union(container.cpus());
                        }
                    }
                }
                // While an init container runs, the pool may have the CPUs of app containers that do not run yet.
                assertThat(pod.sharedPool().intersects(running)).isFalse();
            }
            assertThat(fixture.machine.cpuSet().containsAll(all)).isTrue();
            assertThat(all.containsAll(online)).isTrue();
            if (!failing) {
                checkLeaves("a step");
            }
        }

        /** Checks that no running container or sandbox may use a CPU that is exclusive to another running container. */
        private void checkLeaves(String after) {
            Map<String, CpuSet> owners = new HashMap<>();
            Map<String, CpuSet> users = new HashMap<>();
            NodeView view = fixture.brain.snapshot();
            if (view.nodeSharedPool().isEmpty()) {
                return; // all that is left belongs to pods: the others have to run somewhere
            }
            for (RunningPod pod : pods.values()) {
                if (!fixture.files.exists(pod.path("").parent().orElseThrow())) {
                    continue;
                }
                for (String name : pod.live) {
                    CgroupPath path = pod.path(name);
                    if (!fixture.files.exists(path)) {
                        continue;
                    }
                    CpuSet cpus = fixture.files.effective(path);
                    boolean own = isExclusive(view, pod, name, fixture.source.online());
                    (own ? owners : users).put(path.value(), cpus);
                }
                CgroupPath sandbox = new CgroupPath(pod.request.cgroupParent() + "/" + pod.sandbox);
                if (fixture.files.exists(sandbox)) {
                    users.put(sandbox.value(), fixture.files.effective(sandbox));
                }
            }
            owners.forEach((owner, cpus) -> {
                users.forEach((user, other) -> assertThat(cpus.intersects(other))
                        .as("after %s: CPUs %s of %s, used by %s on %s", after, cpus, owner, user, other)
                        .isFalse());
                owners.forEach((other, others) -> assertThat(!other.equals(owner) && cpus.intersects(others))
                        .as("after %s: CPUs %s of %s, also of %s", after, cpus, owner, other)
                        .isFalse());
            });
        }

        /** Tells if a container has CPUs for itself that are online; one whose CPUs are all gone shares. */
        private static boolean isExclusive(NodeView node, RunningPod pod, String name, CpuSet online) {
            for (NodeView.PodView view : node.pods()) {
                if (view.name().equals(pod.request.name())) {
                    return view.containers().stream()
                            .anyMatch(container -> container.name().equals(name)
                                    && container.isolation().equals("container")
                                    && container.cpus().intersects(online));
                }
            }
            return false;
        }
    }

    /** A pod whose sandbox runs, with the names of its containers that run. */
    private record RunningPod(PodSandboxRequest request, String sandbox, List<String> containers, Set<String> live) {
        RunningPod(PodSandboxRequest request, String sandbox, List<String> containers) {
            this(request, sandbox, containers, new TreeSet<>());
        }

        CgroupPath path(String container) {
            return new CgroupPath(request.cgroupParent() + "/" + BrainFixture.idOf(sandbox, container));
        }
    }
}
