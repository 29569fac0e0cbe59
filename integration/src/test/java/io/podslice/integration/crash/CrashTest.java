package io.podslice.integration.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.node.CpuIsolation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Plays 500 random lives of a node. In each, podslice is killed, or the kernel or the disk fails, at steps of its
 * plans, the writes of the journal and the state file included. Afterwards the cgroups have their values from before
 * the deed or those from after it, no CPU is lost or held twice, and the life continues to its end, at which nothing is
 * left.
 *
 * <p>A failure names the life and the fault: {@code -Dpodslice.crash.seed=N} runs every fault of that life.
 */
@Tag("crash")
final class CrashTest {
    private static final int LIVES = 500;
    private static final int FAULTS_OF_A_LIFE = Boolean.getBoolean("podslice.long") ? 90 : 5;
    private static final int LEAST_FAULTS = Boolean.getBoolean("podslice.long") ? 40_000 : 2_000;

    private static final List<Integer> VERSIONS = List.of(252, 254, 257, 262);

    private CgroupDriver driver = CgroupDriver.CGROUPFS;
    private int injected;
    private final Map<Fault, Integer> byFault = new TreeMap<>();

    /** Four versions of systemd take turns. */
    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @EnumSource
    void whateverGoesWrongItIsAsBeforeOrAsAfter(CgroupDriver driver) {
        this.driver = driver;
        Long only = Long.getLong("podslice.crash.seed");
        if (only != null) {
            live(only, Integer.MAX_VALUE);
        } else {
            for (long seed = 1; seed <= LIVES; seed++) {
                live(seed, FAULTS_OF_A_LIFE);
            }
            assertThat(injected).isGreaterThanOrEqualTo(LEAST_FAULTS);
        }
        System.out.printf("crash, %s: %d faults injected in %d lives: %s%n", driver, injected, LIVES, byFault);
    }

    private record Injection(int deed, int point, Fault fault) {}

    private void live(long seed, int most) {
        CpuIsolation isolation = seed % 4 < 2 ? CpuIsolation.AUTO : CpuIsolation.CPUSET;
        Life life = driver == CgroupDriver.SYSTEMD
                ? new Life(
                        Script.disturbed(seed),
                        seed % 2 == 0,
                        isolation,
                        () -> new UnitCgroups(VERSIONS.get((int) (seed / 2 % 4))))
                : new Life(Script.of(seed), seed % 2 == 0, isolation, FileCgroups::new);
        Random random = new Random(seed);
        List<Injection> all = new ArrayList<>();
        for (int deed = 0; deed < life.deeds.size(); deed++) {
            for (int point = 0; point < life.points.get(deed); point++) {
                for (Fault fault : Fault.values()) {
                    all.add(new Injection(
                            deed, fault == Fault.ERROR ? random.nextInt(life.looks.get(deed)) : point, fault));
                }
            }
        }
        Collections.shuffle(all, random);
        for (Injection injection : all.subList(0, Math.min(most, all.size()))) {
            try {
                inject(life, injection, random);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "life " + seed + ", " + injection + " in " + life.deeds.get(injection.deed()) + ": "
                                + e.getMessage(),
                        e);
            }
        }
    }

    private void inject(Life life, Injection injection, Random random) {
        CrashNode node = life.before(injection.deed());
        Deed deed = life.deeds.get(injection.deed());
        node.points.arm(injection.point(), injection.fault());
        boolean refused = false;
        boolean killed = false;
        try {
            refused = node.run(deed);
        } catch (Killed | OutOfMemoryError e) {
            killed = true;
        }
        assertThat(node.struck()).as("nothing went wrong").isNotNull();
        injected++;
        byFault.merge(injection.fault(), 1, Integer::sum);
        node.points.disarm();
        if (killed) {
            restart(node, random);
            if (life.waits(injection.deed())) {
                // Two changes lie between the one that frees resources and the resize that waits for them.
                node.brain().sweep();
                Map<String, String> swept = life.treeBefore(injection.deed());
                assertIsOneOf(node, swept, life.treeBefore(injection.deed() + 1));
            } else {
                Map<String, String> before = life.treeRestartedBefore(injection.deed());
                assertIsOneOf(node, before, life.treeRestartedAfter(injection.deed()));
            }
        } else if (refused) {
            // The runtime removes a sandbox that podslice refuses after its start: the pod was never admitted.
            boolean back = deed instanceof Deed.Started;
            Map<String, String> none =
                    life.treeBefore(back ? life.admissionBefore(injection.deed()) : injection.deed());
            node.answersAgain();
            node.waitLong();
            assertIsOneOf(node, none, none);
        } else {
            // The next sweeps repair what has happened and could not be refused.
            node.answersAgain();
            node.waitLong();
            Map<String, String> after = life.treeBefore(injection.deed() + 1);
            assertIsOneOf(node, after, after);
        }
        Invariants.check(node);
        node.restart();
        Invariants.check(node);
        goOn(life, injection.deed(), node);
    }

    /** Restarts podslice; in one of eight cases it is killed, or fails, once more while it starts. */
    private void restart(CrashNode node, Random random) {
        if (random.nextInt(8) == 0) {
            Fault fault = List.of(Fault.values()).get(random.nextInt(Fault.values().length));
            node.points.arm(random.nextInt(8), fault);
            try {
                node.restart();
            } catch (Killed | OutOfMemoryError e) {
                // It is started again.
            }
            if (node.struck() != null) {
                injected++;
                byFault.merge(fault, 1, Integer::sum);
            }
            node.points.disarm();
        }
        node.restart();
    }

    private static void goOn(Life life, int deed, CrashNode node) {
        for (Deed next : life.deeds.subList(deed, life.deeds.size())) {
            node.run(next);
            node.brain().sweep();
            Invariants.check(node);
        }
        for (String pod : new TreeSet<>(node.runtime.asked.keySet())) {
            node.run(new Deed.Stop(pod));
            node.run(new Deed.Remove(pod));
        }
        node.waitLong();
        assertThat(node.brain().snapshot().pods()).isEmpty();
        Map<String, String> left = node.tree();
        left.keySet().removeIf(node::isElsewhere);
        assertThat(differences(node, left, new CrashNode(life.cgroups.get(), false, CpuIsolation.CPUSET).tree()))
                .as("left at the end")
                .isEmpty();
    }

    private static void assertIsOneOf(CrashNode node, Map<String, String> before, Map<String, String> after) {
        Map<String, String> tree = node.tree();
        Map<String, String> wrongBefore = differences(node, tree, before);
        Map<String, String> wrongAfter = differences(node, tree, after);
        assertThat(wrongBefore.isEmpty() || wrongAfter.isEmpty())
                .as("neither as before: %s%nnor as after: %s", wrongBefore, wrongAfter)
                .isTrue();
    }

    /**
     * Returns the files that differ. The runtime's cgroups may be missing in either tree; podslice's values in them
     * count where both trees have them.
     */
    private static Map<String, String> differences(
            CrashNode node, Map<String, String> tree, Map<String, String> wanted) {
        Map<String, String> different = new TreeMap<>();
        TreeSet<String> files = new TreeSet<>(tree.keySet());
        files.addAll(wanted.keySet());
        for (String file : files) {
            String is = tree.get(file);
            String should = wanted.get(file);
            boolean runtimes = CrashNode.isRuntimes(file);
            boolean same = (is == null || should == null) ? runtimes : is.equals(should);
            if (!same && !node.isElsewhere(file)) {
                different.put(file, is + " instead of " + should);
            }
        }
        return different;
    }

    /** A life without faults, with a sweep after each deed. */
    private static final class Life {
        final List<Deed> deeds;
        /** The number of writes of each deed. */
        final List<Integer> points = new ArrayList<>();
        /** The number of looks and writes of each deed. */
        final List<Integer> looks = new ArrayList<>();

        private final boolean protecting;
        private final CpuIsolation isolation;
        final Supplier<NodeCgroups> cgroups;
        private final List<Map<String, String>> swept = new ArrayList<>();
        private final List<Boolean> waiting = new ArrayList<>();
        private final Map<Integer, Map<String, String>> restartedBefore = new HashMap<>();
        private final Map<Integer, Map<String, String>> restartedAfter = new HashMap<>();

        Life(List<Deed> deeds, boolean protecting, CpuIsolation isolation, Supplier<NodeCgroups> cgroups) {
            this.deeds = deeds;
            this.protecting = protecting;
            this.isolation = isolation;
            this.cgroups = cgroups;
            CrashNode node = new CrashNode(cgroups.get(), protecting, isolation);
            note(node);
            for (Deed deed : deeds) {
                node.points.disarm();
                node.run(deed);
                points.add(node.points.passed());
                looks.add(node.points.looked());
                Invariants.check(node);
                node.brain().sweep();
                note(node);
            }
        }

        private void note(CrashNode node) {
            swept.add(node.tree());
            waiting.add(node.brain().snapshot().pods().stream()
                    .anyMatch(pod -> !pod.conditions().isEmpty()));
        }

        /** Returns the node as it is before that deed. */
        CrashNode before(int deed) {
            CrashNode node = new CrashNode(cgroups.get(), protecting, isolation);
            for (Deed done : deeds.subList(0, deed)) {
                node.run(done);
                node.brain().sweep();
            }
            return node;
        }

        /** Returns the number of the last admission before that deed. */
        int admissionBefore(int deed) {
            int admission = deed - 1;
            while (!(deeds.get(admission) instanceof Deed.Admit)) {
                admission--;
            }
            return admission;
        }

        /** Tells if a resize waits before that deed or after it. */
        boolean waits(int deed) {
            return waiting.get(deed) || waiting.get(deed + 1);
        }

        /** Returns the cgroup files before that deed. */
        Map<String, String> treeBefore(int deed) {
            return swept.get(deed);
        }

        /** Returns the cgroup files after a restart of podslice before that deed. */
        Map<String, String> treeRestartedBefore(int deed) {
            return restartedBefore.computeIfAbsent(deed, number -> {
                CrashNode node = before(number);
                node.restart();
                return node.tree();
            });
        }

        /** Returns the cgroup files after a restart of podslice after that deed. */
        Map<String, String> treeRestartedAfter(int deed) {
            return restartedAfter.computeIfAbsent(deed, number -> {
                CrashNode node = before(number);
                node.run(deeds.get(number));
                node.restart();
                return node.tree();
            });
        }
    }
}
