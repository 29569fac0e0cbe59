package io.podslice.managers.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.podslice.cgroups.CpuSet;
import org.junit.jupiter.api.Test;

/** Podslice's own best fit: one L3 cache that has enough, where the kubelet's exact match finds none. */
class L3BestFitTest {
    /** 3 L3 caches of 4 cores with 2 threads: cores 0-3, 4-7, 8-11; the second threads are 12 above. */
    private final CpuTopology topology = CpuTopology.of(Topologies.regular(1, 1, 3, 4, 2));

    private final CpuAssignment assignment = new CpuAssignment(topology);

    private String take(String available, int count, L3Preference l3) {
        return assignment
                .packed(CpuSet.parse(available), count, CpuSorting.PACKED, l3)
                .toString();
    }

    @Test
    void the_cache_with_the_fewest_free_cpus_that_are_enough_is_taken() {
        // Three single threads are on three cores; the kubelet looks at the two lowest of each cache.
        assertThat(take("0-3,4-6", 3, L3Preference.BEST_FIT)).isEqualTo("4-6");
        assertThat(take("0-2,4-7", 3, L3Preference.BEST_FIT)).isEqualTo("0-2");
        assertThat(take("0-1,4-7", 3, L3Preference.BEST_FIT)).isEqualTo("4-6");
        assertThat(take("0-1,4-7", 3, L3Preference.EXACT_FIT)).isEqualTo("0-1,4");
    }

    @Test
    void among_equals_the_first_is_taken() {
        assertThat(take("0-2,4-6,8-10", 3, L3Preference.BEST_FIT)).isEqualTo("0-2");
    }

    @Test
    void within_the_cache_whole_cores_go_first() {
        assertThat(take("0-3,15", 3, L3Preference.NONE)).isEqualTo("0,3,15");
        assertThat(take("0-3,15", 3, L3Preference.BEST_FIT)).isEqualTo("0,3,15");
    }

    @Test
    void where_no_cache_has_enough_cores_are_packed_as_ever() {
        assertThat(take("0-1,4-5,8-9", 5, L3Preference.BEST_FIT)).isEqualTo(take("0-1,4-5,8-9", 5, L3Preference.NONE));
    }

    @Test
    void more_than_there_is_is_refused_and_less_than_one_is_nothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> take("0-1", 3, L3Preference.BEST_FIT))
                .withMessage("not enough cpus available to satisfy request: requested=3, available=2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> assignment.distributed(CpuSet.of(0, 1), 3, 1, CpuSorting.PACKED))
                .withMessage("not enough cpus available to satisfy request: requested=3, available=2");
        assertThat(take("0-1", 0, L3Preference.BEST_FIT)).isEmpty();
        assertThat(assignment.distributed(CpuSet.of(0, 1), 0, 1, CpuSorting.PACKED))
                .isEqualTo(CpuSet.empty());
        assertThat(take("0-1", 2, L3Preference.BEST_FIT)).isEqualTo("0-1");
    }
}
