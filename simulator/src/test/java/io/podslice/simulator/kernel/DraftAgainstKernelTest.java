package io.podslice.simulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.AppliedPlan;
import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Controllers;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.Step;
import io.podslice.cgroups.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** The changes that a draft predicts are those that the plan makes, and its inverse undoes them. */
final class DraftAgainstKernelTest {
    private static final Machine MACHINE = Machine.regular(1, 1, 4, 2, 8L << 30);
    private static final List<String> NAMES = List.of("/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/1");
    private static final Map<String, List<String>> VALUES = Map.of(
            "cpuset.cpus", List.of("", "0-3", "2,3", "4-7", "0-7"),
            "cpu.max", List.of("max", "50000 100000", "70000", "max 50000"),
            "cpu.weight", List.of("1", "100", "10000"),
            "memory.max", List.of("max", "1073741824", "5000"),
            "memory.high", List.of("max", "536870912"),
            "memory.low", List.of("0", "4096"));

    @RepeatedTest(200)
    void aDraftTellsWhatAPlanWillDo(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        SimulatedCgroups kernel = new SimulatedCgroups(MACHINE);
        for (int i = 0; i < 4; i++) {
            writeAsAnotherProgram(random, kernel);
            Plan plan = plan(random);
            Map<String, String> before = tree(kernel);
            AppliedPlan drafted;
            try {
                drafted = new PlanRunner(new DraftCgroups(kernel)).apply(plan);
            } catch (CgroupException e) {
                assertThat(tree(kernel)).isEqualTo(before);
                continue;
            }
            assertThat(tree(kernel)).isEqualTo(before);
            AppliedPlan applied;
            try {
                applied = new PlanRunner(kernel).apply(drafted.plan());
            } catch (CgroupException e) {
                // Errors of the kernel are not predicted; nothing has changed then.
                assertThat(tree(kernel)).isEqualTo(before);
                continue;
            }
            assertThat(texts(drafted)).isEqualTo(texts(applied));
            Map<String, String> after = tree(kernel);
            new PlanRunner(kernel).apply(drafted.inverse());
            Map<String, String> undone = tree(kernel);
            undone.keySet().removeIf(file -> file.endsWith("cgroup.subtree_control") || !before.containsKey(file));
            before.keySet().removeIf(file -> file.endsWith("cgroup.subtree_control"));
            assertThat(undone).isEqualTo(before);
            new PlanRunner(kernel).apply(drafted.plan());
            assertThat(tree(kernel)).isEqualTo(after);
        }
    }

    /** Sets a file that the kernel checks other writes against, where it takes that. */
    private static void writeAsAnotherProgram(Random random, SimulatedCgroups kernel) {
        CgroupPath path = new CgroupPath(NAMES.get(random.nextInt(NAMES.size())));
        boolean burst = random.nextBoolean();
        String file = burst ? "cpu.max.burst" : "cpu.idle";
        if (kernel.hasFile(path, file)) {
            String value = burst ? Long.toString(10_000L * random.nextInt(9)) : Integer.toString(random.nextInt(2));
            try {
                kernel.write(path, file, value);
            } catch (CgroupException e) {
                assertThat(e.errno()).isEqualTo(Errno.EINVAL);
            }
        }
    }

    private static Plan plan(Random random) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(6); i++) {
            CgroupPath path = new CgroupPath(NAMES.get(random.nextInt(NAMES.size())));
            switch (random.nextInt(5)) {
                case 0 -> {
                    steps.addAll(Controllers.enableAbove(path).stream()
                            .filter(step -> step.path().equals(CgroupPath.ROOT))
                            .toList());
                    steps.add(new Step.CreateCgroup(path));
                }
                case 1 -> steps.add(new Step.EnableControllers(path, Controllers.WANTED));
                default -> {
                    List<Map.Entry<String, List<String>>> files = List.copyOf(new TreeMap<>(VALUES).entrySet());
                    Map.Entry<String, List<String>> file = files.get(random.nextInt(files.size()));
                    List<String> values = file.getValue();
                    steps.add(new Step.WriteFile(path, file.getKey(), values.get(random.nextInt(values.size())), true));
                }
            }
        }
        return new Plan(steps);
    }

    private static List<String> texts(AppliedPlan plan) {
        return plan.steps().stream().map(AppliedStep::describe).toList();
    }

    private static Map<String, String> tree(SimulatedCgroups kernel) {
        Map<String, String> tree = new TreeMap<>();
        add(CgroupPath.ROOT, kernel, tree);
        return tree;
    }

    private static void add(CgroupPath path, SimulatedCgroups kernel, Map<String, String> tree) {
        for (String file : kernel.files(path)) {
            if (VALUES.containsKey(file)
                    || file.equals("cpu.max.burst")
                    || file.equals("cgroup.subtree_control")
                    || file.endsWith(".effective")) {
                tree.put(path + "/" + file, kernel.read(path, file));
            }
        }
        for (String child : kernel.children(path)) {
            add(path.child(child), kernel, tree);
        }
    }
}
