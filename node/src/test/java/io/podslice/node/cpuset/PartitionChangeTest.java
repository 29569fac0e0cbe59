package io.podslice.node.cpuset;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class PartitionChangeTest {
    private static final CgroupPath ROOT = new CgroupPath("/kubepods");
    private static final CgroupPath POD = ROOT.child("poda");
    private static final CgroupPath APP = POD.child("app");
    private static final int CPUS = 12;

    private static PartitionFiles files(String list, String partition) {
        return new PartitionFiles(CpuSet.parse(list), partition);
    }

    private static PartitionSets sets(Map<CgroupPath, String> containers) {
        SortedMap<CgroupPath, CpuSet> lists = new TreeMap<>();
        SortedMap<CgroupPath, PartitionKind> partitions = new TreeMap<>();
        Set<CgroupPath> pods = new HashSet<>();
        containers.forEach((path, list) -> {
            partitions.put(path, PartitionKind.ROOT);
            pods.add(path.parent().orElseThrow());
            for (CgroupPath at = path;
                    !at.equals(CgroupPath.ROOT);
                    at = at.parent().orElseThrow()) {
                lists.merge(at, CpuSet.parse(list), CpuSet::union);
            }
        });
        return new PartitionSets(lists, partitions, pods);
    }

    private static PartitionChange change(SortedMap<CgroupPath, PartitionFiles> present, PartitionSets desired) {
        Set<CgroupPath> containers = new HashSet<>(desired.partitions().keySet());
        present.keySet().stream().filter(path -> path.name().startsWith("app")).forEach(containers::add);
        return new PartitionChange(present, desired, containers, Map.of());
    }

    private static SortedMap<CgroupPath, PartitionFiles> present(String list, String partition) {
        return new TreeMap<>(
                Map.of(ROOT, files(list, "member"), POD, files(list, "member"), APP, files(list, partition)));
    }

    @Test
    void listsAreWrittenFromAboveAndThePartitionLast() {
        PartitionChange change = change(present("", "member"), sets(Map.of(APP, "2-3")));

        assertThat(change.release()).isEqualTo(Plan.EMPTY);
        assertThat(change.grant().describe()).isEqualTo("""
                        write /kubepods/cpuset.cpus.exclusive: 2-3
                        write /kubepods/poda/cpuset.cpus.exclusive: 2-3
                        write /kubepods/poda/app/cpuset.cpus.exclusive: 2-3
                        write /kubepods/poda/app/cpuset.cpus.partition: root
                        """);
    }

    @Test
    void thePartitionEndsFirstAndListsAreTakenBackFromBelow() {
        PartitionChange change = change(present("2-3", "isolated"), PartitionSets.NONE);

        assertThat(change.released()).isEqualTo(CpuSet.parse("2-3"));
        assertThat(change.release().describe()).isEqualTo("""
                        write /kubepods/poda/app/cpuset.cpus.partition: member
                        write /kubepods/poda/app/cpuset.cpus.exclusive:\s
                        write /kubepods/poda/cpuset.cpus.exclusive:\s
                        write /kubepods/cpuset.cpus.exclusive:\s
                        """);
        assertThat(change.grant().describe()).doesNotContain("partition");
    }

    @Test
    void aPartitionThatKeepsSomeOfItsCpusStaysOneMeanwhile() {
        PartitionChange change = change(present("2-3", "root"), sets(Map.of(APP, "3-4")));

        assertThat(change.release().describe()).isEqualTo("""
                        write /kubepods/poda/app/cpuset.cpus.exclusive: 3
                        write /kubepods/poda/cpuset.cpus.exclusive: 3
                        write /kubepods/cpuset.cpus.exclusive: 3
                        """);
        assertThat(change.released()).isEqualTo(CpuSet.parse("2"));
    }

    @Test
    void aPartitionThatIsInvalidIsMadeAnew() {
        PartitionChange change =
                change(present("2-3", "root invalid (Parent is not a partition root)"), sets(Map.of(APP, "2-3")));

        assertThat(change.release().describe()).isEqualTo("write /kubepods/poda/app/cpuset.cpus.partition: member\n");
        assertThat(change.grant().describe()).isEqualTo("write /kubepods/poda/app/cpuset.cpus.partition: root\n");
    }

    @Test
    void anIsolatedPartitionSatisfiesOneThatNeedNotBe() {
        PartitionChange change = change(present("2-3", "isolated"), sets(Map.of(APP, "2-3")));

        assertThat(change.release()).isEqualTo(Plan.EMPTY);
        assertThat(change.grant()).isEqualTo(Plan.EMPTY);
    }

    /** At no instant does a partition have a CPU that a cgroup above it does not list: the kernel would lose it. */
    @RepeatedTest(200)
    void noCpuOfAPartitionEverLeavesTheListsAboveIt(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        PartitionSets before = sets(random(random));
        PartitionSets after = sets(random(random));
        SortedMap<CgroupPath, PartitionFiles> now = new TreeMap<>();
        Set<CgroupPath> all = new HashSet<>(before.lists().keySet());
        all.addAll(after.lists().keySet());
        for (CgroupPath path : all) {
            now.put(
                    path,
                    new PartitionFiles(
                            before.lists().getOrDefault(path, CpuSet.empty()),
                            before.partitions().containsKey(path) ? "root" : "member"));
        }

        apply(change(now, after).release(), now);
        apply(change(now, after).grant(), now);

        for (CgroupPath path : all) {
            assertThat(now.get(path))
                    .isEqualTo(new PartitionFiles(
                            after.lists().getOrDefault(path, CpuSet.empty()),
                            after.partitions().containsKey(path) ? "root" : "member"));
        }
    }

    private static Map<CgroupPath, String> random(Random random) {
        Map<CgroupPath, String> containers = new TreeMap<>();
        int next = 0;
        for (CgroupPath parent : new CgroupPath[] {ROOT, ROOT.child("burstable")}) {
            for (int pod = 0; pod < 2; pod++) {
                int first = next + random.nextInt(2);
                int last = first + random.nextInt(3);
                if (random.nextInt(3) > 0 && last < CPUS) {
                    containers.put(parent.child("pod" + pod).child("app" + random.nextInt(2)), first + "-" + last);
                    next = last + 1;
                }
            }
        }
        return containers;
    }

    private static void apply(Plan plan, SortedMap<CgroupPath, PartitionFiles> now) {
        for (Step step : plan.steps()) {
            Step.WriteFile write = (Step.WriteFile) step;
            PartitionFiles files = now.getOrDefault(write.path(), PartitionFiles.NONE);
            now.put(
                    write.path(),
                    write.file().equals(CgroupFile.CPUSET_CPUS_EXCLUSIVE)
                            ? files(write.value(), files.partition())
                            : new PartitionFiles(files.list(), write.value()));
            now.forEach((path, its) -> {
                for (CgroupPath at = path; its.isValidPartition() && !at.equals(CgroupPath.ROOT); ) {
                    assertThat(now.getOrDefault(at, PartitionFiles.NONE).list().containsAll(its.list()))
                            .as("after %s, of %s at %s", step.describe(), path, at)
                            .isTrue();
                    at = at.parent().orElseThrow();
                }
            });
        }
    }
}
