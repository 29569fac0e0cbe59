package io.podslice.node.state;

import io.podslice.managers.pod.PodCgroupValues;
import java.util.SortedMap;

/** A pod's budget as the state file has it. */
record BudgetForm(
        long cpuShares,
        long cpuQuotaMicros,
        long cpuPeriodMicros,
        long memoryMaxBytes,
        SortedMap<Long, Long> hugetlbMaxBytes,
        boolean knowsHugepages,
        SortedMap<String, String> limits,
        SortedMap<String, String> overhead) {

    static BudgetForm of(PodBudget budget) {
        PodCgroupValues values = budget.cgroup();
        return new BudgetForm(
                values.cpuShares(),
                values.cpuQuotaMicros(),
                values.cpuPeriodMicros(),
                values.memoryMaxBytes(),
                values.hugetlbMaxBytes(),
                budget.knowsHugepages(),
                SpecForm.texts(budget.limits()),
                SpecForm.texts(budget.overhead()));
    }

    PodBudget toBudget() {
        return new PodBudget(
                new PodCgroupValues(cpuShares, cpuQuotaMicros, cpuPeriodMicros, memoryMaxBytes, hugetlbMaxBytes),
                knowsHugepages,
                SpecForm.list(limits),
                SpecForm.list(overhead));
    }
}
