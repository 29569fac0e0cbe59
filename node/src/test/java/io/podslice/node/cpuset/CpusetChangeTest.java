package io.podslice.node.cpuset;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class CpusetChangeTest {
    private static final CpuSet ALL = CpuSet.range(0, 7);

    private static SortedMap<CgroupPath, CpuSet> sets(Map<String, String> texts) {
        SortedMap<CgroupPath, CpuSet> sets = new TreeMap<>();
        texts.forEach((path, cpus) -> sets.put(new CgroupPath(path), CpuSet.parse(cpus)));
        return sets;
    }

    private static CpusetChange change(Map<String, String> present, Map<String, String> wanted) {
        return CpusetChange.between(sets(present), sets(wanted), ALL);
    }

    @Test
    void whatLosesComesBeforeWhatGains() {
        CpusetChange change = change(Map.of("/a", "0-3", "/b", "4-7"), Map.of("/a", "0-4", "/b", "5-7"));

        assertThat(change.shrinks().describe()).isEqualTo("write /b/cpuset.cpus: 5-7\n");
        assertThat(change.widens().describe()).isEqualTo("write /a/cpuset.cpus: 0-4\n");
    }

    @Test
    void whatLosesAndGainsIsWrittenTwice() {
        CpusetChange change = change(Map.of("/a", "0-3"), Map.of("/a", "2-5"));

        assertThat(change.shrinks().describe()).isEqualTo("write /a/cpuset.cpus: 2-3\n");
        assertThat(change.widens().describe()).isEqualTo("write /a/cpuset.cpus: 2-5\n");
    }

    @Test
    void whatMovesAltogetherMovesOnceOthersHaveShrunk() {
        CpusetChange change =
                change(Map.of("/a", "0-1", "/b", "2-7", "/c", "6"), Map.of("/a", "2-3", "/b", "4-7", "/c", "6-7"));

        assertThat(change.shrinks().describe()).isEqualTo("write /b/cpuset.cpus: 4-7\n");
        assertThat(change.widens().describe()).isEqualTo("write /a/cpuset.cpus: 2-3\nwrite /c/cpuset.cpus: 6-7\n");
    }

    @Test
    void noRestrictionIsEveryCpu() {
        CpusetChange change = change(Map.of("/a", "", "/b", "0-3"), Map.of("/a", "0-3", "/b", ""));

        assertThat(change.shrinks().describe()).isEqualTo("write /a/cpuset.cpus: 0-3\n");
        assertThat(change.widens().describe()).isEqualTo("write /b/cpuset.cpus: \n");
    }

    /** The kernel lets no list be emptied whose cgroup has processes: podslice writes all CPUs then. */
    @Test
    void aListOfAllCpusIsNoRestriction() {
        CpusetChange change =
                change(Map.of("/a", "0-7", "/b", "", "/c", "0-8"), Map.of("/a", "", "/b", "0-7", "/c", ""));

        assertThat(change).isEqualTo(CpusetChange.NONE);
    }

    /** The kernel lets a cgroup whose CPUs are all offline run on those of its parent. */
    @Test
    void aSetOfWhichNothingIsLeftIsEveryCpuAndShrinksFirst() {
        CpusetChange change = change(
                Map.of("/a", "8-9", "/b", "3,9", "/c", "2,9", "/d", "8-9"),
                Map.of("/a", "4-5", "/b", "3,8", "/c", "6,9", "/d", ""));

        assertThat(change.shrinks().describe()).isEqualTo("write /a/cpuset.cpus: 4-5\n");
        assertThat(change.widens().describe())
                .isEqualTo("write /c/cpuset.cpus: 6,9\nwrite /b/cpuset.cpus: 3,8\nwrite /d/cpuset.cpus: \n");
    }

    @Test
    void whatSaysTheSameOrIsNotThereIsLeftOut() {
        CpusetChange change = change(Map.of("/a", "0,1"), Map.of("/a", "0-1", "/gone", "3"));

        assertThat(change.shrinks().isEmpty() && change.widens().isEmpty()).isTrue();
    }
}
