package io.podslice.node.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bound on repairs of files that other programs write over. */
final class RepairBudgetTest {
    private static final CgroupPath POD = new CgroupPath("/kubepods/podp");
    private static final CgroupPath OTHER = new CgroupPath("/kubepods/podq");
    private static final String CPUS = "cpuset.cpus";
    private static final String MAX = "memory.max";

    private final List<String> warnings = new ArrayList<>();
    private final RepairBudget budget = new RepairBudget(warnings::add);

    private boolean wrong(CgroupPath path, String file) {
        return budget.wrong(path, file, "0-7", "2-3", () -> "A kubelet does that");
    }

    /** Sweeps, all of which find the file wrong; the numbers of those that repair it, from 1. */
    private List<Integer> repairsIn(int sweeps) {
        List<Integer> repairs = new ArrayList<>();
        for (int sweep = 1; sweep <= sweeps; sweep++) {
            budget.beginSweep();
            if (wrong(POD, CPUS)) {
                repairs.add(sweep);
            }
        }
        return repairs;
    }

    private void right(int looks) {
        for (int i = 0; i < looks; i++) {
            budget.beginSweep();
            budget.right(POD, CPUS);
        }
    }

    @Test
    void aContestedFileIsRepairedThreeTimesAtOnceAndThenEverySixthSweep() {
        assertThat(repairsIn(22)).containsExactly(1, 2, 3, 9, 15, 21);
    }

    @Test
    void itIsSaidOnceWithTheFileAndBothValues() {
        repairsIn(3);
        assertThat(warnings).isEmpty();

        repairsIn(30);

        assertThat(warnings)
                .containsExactly("cpuset.cpus of /kubepods/podp: another program keeps writing \"0-7\" over podslice's"
                        + " \"2-3\"; it is repaired only every sixth sweep from now on. A kubelet does that");
    }

    @Test
    void aFileThatIsRightAtTwoLooksRunningStartsAnew() {
        repairsIn(5);

        right(2);

        assertThat(budget.size()).isZero();
        assertThat(repairsIn(5)).containsExactly(1, 2, 3);
        assertThat(warnings).hasSize(2);
    }

    @Test
    void aFileThatIsRightAtOneLookDoesNot() {
        repairsIn(3);

        right(1);
        budget.beginSweep();
        boolean afterOne = wrong(POD, CPUS);
        right(1);
        budget.beginSweep();
        boolean afterAnother = wrong(POD, CPUS);

        assertThat(afterOne).isFalse();
        assertThat(afterAnother).isFalse();
        assertThat(warnings).hasSize(1);
    }

    @Test
    void eachFileOfEachCgroupHasItsOwnCount() {
        repairsIn(5);

        assertThat(wrong(POD, MAX)).isTrue();
        assertThat(wrong(OTHER, CPUS)).isTrue();
    }

    @Test
    void aFileThatIsLookedAtRarelyIsRepairedAtEachLook() {
        repairsIn(3);

        for (int look = 0; look < 4; look++) {
            for (int sweep = 0; sweep < 6; sweep++) {
                budget.beginSweep();
            }
            assertThat(wrong(POD, CPUS)).isTrue();
        }
    }

    @Test
    void cgroupsThatWentAreForgotten() {
        repairsIn(5);
        wrong(OTHER, CPUS);
        wrong(OTHER, MAX);

        budget.forgetBut(List.of(POD));

        assertThat(budget.size()).isEqualTo(1);
        budget.beginSweep();
        assertThat(wrong(POD, CPUS)).isFalse();
        assertThat(wrong(OTHER, CPUS)).isTrue();
    }
}
