package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.node.DeviceLocality;
import io.podslice.node.NodeEvent;
import io.podslice.node.PlanListener;
import io.podslice.node.PodPhase;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.FileStateStore;
import io.podslice.node.state.FolderDisk;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodIdentity;
import io.podslice.node.state.PodState;
import io.podslice.node.state.Resizing;
import io.podslice.node.state.StateChange;
import io.podslice.node.state.StateStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal holds what has changed of a pod, in lines of bounded length, and is emptied before it grows long. */
final class JournalDifferencesTest {
    private static final List<PodPhase> PHASES = List.of(PodPhase.values());

    @TempDir
    private Path folder;

    private final BrainFixture node = new BrainFixture();

    private FileStateStore store() {
        return new FileStateStore(new FolderDisk(folder), node.clock, "boot");
    }

    private FileStateStore opened(NodeState state) {
        FileStateStore store = store();
        store.load();
        store.checkpoint(state);
        return store;
    }

    private Path journal() {
        return folder.resolve("journal");
    }

    private long journalBytes() throws IOException {
        return Files.size(journal());
    }

    /** A pod whose annotation is long. */
    private PodState large(String name) {
        return pod(name, 128);
    }

    private PodState pod(String name, int containers) {
        StringBuilder json = new StringBuilder("{'containers':[");
        for (int i = 0; i < containers; i++) {
            json.append(i == 0 ? "" : ",")
                    .append("{'name':'container-")
                    .append(i)
                    .append("'}");
        }
        String padded = json + " ".repeat(containers * 160) + "]}";
        assertThat(node.run(node.pod(name, "/kubepods/burstable/pod" + name, spec(padded)), "sb-" + name))
                .isNull();
        return node.store.saved.pod("uid-" + name).orElseThrow();
    }

    private static ContainerState container(long serial, boolean guarded) {
        return new ContainerState(
                serial, "id-" + serial, "container-" + serial % 128, ContainerKind.APP, false, false, guarded);
    }

    @Test
    void aChangeOfALargePodIsAShortLine() throws IOException {
        PodState pod = large("p");
        List<ContainerState> many = new ArrayList<>();
        for (int i = 1000; i < 1127; i++) {
            many.add(container(i, false));
        }
        pod = new PodState(pod.identity(), pod.allocation(), pod.life(), many, pod.resizing());
        NodeState before = NodeState.of(List.of(pod));
        List<PodState> changed = List.of(
                pod.withPhase(
                        PodPhase.STOPPED, pod.sandboxId(), node.clock.instant().plusSeconds(1)),
                pod.with(container(2000, false)),
                pod.with(container(1000, true)),
                pod.withoutContainers(one -> one.serial() == 1100));
        for (PodState after : changed) {
            FileStateStore store = opened(before);
            store.record("it", StateChange.between(before, NodeState.of(List.of(after))));
            assertThat(journalBytes()).as("%s", Files.readString(journal())).isLessThan(1000);
            assertThat(store().load().state()).isEqualTo(NodeState.of(List.of(after)));
        }
    }

    /** Any pod follows any other one of its uid. */
    @RepeatedTest(8)
    void theJournalLeadsFromEachStateToTheNext(RepetitionInfo run) {
        Random random = new Random(run.getCurrentRepetition());
        List<PodState> pods = new ArrayList<>(List.of(pod("p", 8), pod("q", 8)));
        NodeState state = NodeState.of(pods);
        FileStateStore store = opened(state);
        for (int step = 0; step < 20; step++) {
            NodeState next = next(state, pods, random);
            if (random.nextBoolean()) {
                store.record("step " + step, StateChange.between(state, next));
                state = next;
            } else {
                store.begin("step " + step, Plan.EMPTY, StateChange.between(state, next));
                if (random.nextInt(3) == 0) {
                    store.undone();
                } else {
                    store.commit();
                    state = next;
                }
            }
            assertThat(store().load())
                    .as("step %d of seed %d", step, run.getCurrentRepetition())
                    .isEqualTo(new StateStore.Saved(state, Plan.EMPTY, List.of()));
        }
    }

    private NodeState next(NodeState state, List<PodState> pods, Random random) {
        PodState known = pods.get(random.nextInt(pods.size()));
        PodState pod = state.pod(known.uid()).orElse(known);
        return switch (random.nextInt(8)) {
            case 0 -> state.without(pod.uid());
            case 1 -> state.with(known);
            case 2 ->
                state.with(pod.withPhase(
                        PHASES.get(random.nextInt(PHASES.size())),
                        "sb" + random.nextInt(3),
                        node.clock.instant().plusSeconds(random.nextInt(3))));
            case 3 -> state.with(pod.withPlacement(pods.get(random.nextInt(2)).placement()));
            case 4 -> {
                PodIdentity its = pod.identity();
                yield state.with(new PodState(
                        new PodIdentity(
                                its.uid(),
                                its.namespace(),
                                "name" + random.nextInt(3),
                                its.cgroup(),
                                random.nextBoolean(),
                                its.annotations()),
                        pod.allocation(),
                        pod.life(),
                        pod.containers(),
                        pod.resizing()));
            }
            case 5 -> state.with(pod.resized(pod.allocation().withSpec(java.util.Optional.empty()), Resizing.NONE));
            default -> state.with(withOtherContainers(pod, random));
        };
    }

    private static PodState withOtherContainers(PodState pod, Random random) {
        List<ContainerState> containers = new ArrayList<>(pod.containers());
        for (int i = random.nextInt(3); i >= 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> containers.removeIf(one -> random.nextInt(3) == 0);
                case 1 -> Collections.shuffle(containers, random);
                case 2 -> containers.replaceAll(one -> random.nextBoolean() ? one : one.withGuarded());
                default -> {
                    long serial = 100L + random.nextInt(50);
                    containers.removeIf(one -> one.serial() == serial);
                    containers.add(random.nextInt(containers.size() + 1), container(serial, random.nextBoolean()));
                }
            }
        }
        return new PodState(pod.identity(), pod.allocation(), pod.life(), containers, pod.resizing());
    }

    /** A change of very many pods is several lines, of which the last one makes it count. */
    @Test
    void aLargeChangeIsWrittenInPartsAndCountsWithItsLast() throws IOException {
        PodState pod = large("p");
        List<PodState> pods = new ArrayList<>();
        List<Step> undo = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            PodIdentity its = pod.identity();
            CgroupPath cgroup = new CgroupPath("/kubepods/burstable/pod" + i);
            pods.add(new PodState(
                    new PodIdentity("uid-" + i, "default", "p" + i, cgroup, false, its.annotations()),
                    pod.allocation(),
                    pod.life(),
                    pod.containers(),
                    pod.resizing()));
            undo.add(new Step.WriteFile(cgroup, "cpu.max", "max 100000", true));
        }
        NodeState all = NodeState.of(pods);
        FileStateStore store = opened(NodeState.EMPTY);
        store.begin("all", new Plan(undo), StateChange.between(NodeState.EMPTY, all));
        byte[] begun = Files.readAllBytes(journal());

        List<String> lines = new String(begun, StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.size()).isGreaterThan(5);
        assertThat(lines).allMatch(line -> line.length() < 400 << 10);
        assertThat(store().load()).isEqualTo(new StateStore.Saved(NodeState.EMPTY, new Plan(undo), List.of()));
        int end = 0;
        for (String line : lines) {
            Files.write(journal(), Arrays.copyOf(begun, end));
            assertThat(store().load()).isEqualTo(new StateStore.Saved(NodeState.EMPTY, Plan.EMPTY, List.of()));
            end += line.length() + 1;
        }
        Files.write(journal(), begun);
        store.commit();
        assertThat(store().load()).isEqualTo(new StateStore.Saved(all, Plan.EMPTY, List.of()));
    }

    /** No sweep comes: the journal is emptied by the changes themselves. */
    @Test
    void theJournalIsEmptiedBeforeItGrowsLong() throws IOException {
        NodeBrain brain = new NodeBrain(
                node.config,
                node.machine,
                node.files,
                new PodPlacer(node.machine, node.config.policy()),
                DeviceLocality.NONE,
                new StateFolder(new FolderDisk(folder), node.clock, "boot"),
                node.clock,
                PlanListener.NONE);
        node.brain = brain;
        String annotation = "{'containers':[{'name':'a'}]" + " ".repeat(25 << 10) + "}";
        long longest = 0;
        for (int i = 0; i < 100; i++) {
            String name = "p" + i;
            PodSandboxRequest pod = node.pod(name, "/kubepods/burstable/pod" + name, spec(annotation));
            assertThat(node.run(pod, "sb" + i)).isNull();
            longest = Math.max(longest, journalBytes());
            node.stopSandbox(pod, "sb" + i);
            brain.happened(new NodeEvent.SandboxRemoved("sb" + i));
            longest = Math.max(longest, journalBytes());
        }
        assertThat(longest).isBetween(900L << 10, 1200L << 10);
        assertThat(store().load().state()).isEqualTo(NodeState.EMPTY);
    }
}
