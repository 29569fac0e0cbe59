package io.podslice.managers.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.vectors.Vectors;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

final class PodCgroupValuesTest {
    /**
     * Vectors that do not decide a pod's values: a limit read back from a cgroup's configuration (podslice keeps the
     * limit itself), the name of the root of all pods (given by cgroups.kubepods), a pod's cgroup by its uid (given by
     * linux.cgroup_parent), and the reading of processes, which podslice leaves to the runtime.
     */
    private static final Set<String> OF_OTHER_PARTS =
            Set.of("memoryLimitsFromConfig", "nodeAllocatableRoot", "podCgroupNameSuffix", "cgroupProcs");

    private static final ContainerSpec APP = new ContainerSpec("app", ContainerKind.APP, ResourceRequirements.NONE);

    private final JsonNode file = Vectors.json("pod-cgroup.json");

    @Test
    void everyGroupOfCasesIsReadOrKnown() {
        Set<String> known = new TreeSet<>(OF_OTHER_PARTS);
        known.addAll(List.of(
                "source",
                "format",
                "cases",
                "milliCPUToQuota",
                "milliCPUToShares",
                "sharesToMilliCPU",
                "roundTripMilliCPU",
                "quotaToMilliCPU",
                "cpuSharesEqualAfterV2RoundTrip",
                "cpuRequestsFromConfig",
                "cpuLimitsFromConfig",
                "hugePageLimits"));
        Vectors.requireOnly(file, known);
    }

    @TestFactory
    Stream<DynamicTest> areTheKubelets() {
        return file.path("cases")
                .valueStream()
                .map(it -> DynamicTest.dynamicTest(it.path("name").asString(), () -> {
                    Cfs cfs = new Cfs(
                            it.path("enforceCPULimits").asBoolean(),
                            it.path("cfsQuotaPeriodUs").asLong());
                    PodCgroupValues values =
                            PodCgroupValues.of(PodVectors.pod(it.path("pod")), ResourceList.EMPTY, cfs);
                    JsonNode expected = it.path("expected");
                    assertThat(values.cpuShares())
                            .isEqualTo(expected.path("cpuShares").asLong());
                    assertThat(values.cpuQuotaMicros()).isEqualTo(orZero(expected.path("cpuQuota")));
                    assertThat(values.cpuPeriodMicros()).isEqualTo(orZero(expected.path("cpuPeriod")));
                    assertThat(values.memoryMaxBytes()).isEqualTo(orZero(expected.path("memory")));
                }));
    }

    private static long orZero(JsonNode number) {
        return number.isNull() ? 0 : number.asLong();
    }

    @TestFactory
    Stream<DynamicTest> conversionsAreTheKubelets() {
        return Stream.of(
                        file.path("milliCPUToShares")
                                .valueStream()
                                .map(it -> test(
                                        "shares of",
                                        it,
                                        () -> CpuUnits.sharesOf(
                                                it.path("milliCPU").asLong()),
                                        it.path("expectedShares"))),
                        file.path("sharesToMilliCPU")
                                .valueStream()
                                .map(it -> test(
                                        "millicores of",
                                        it,
                                        () -> CpuUnits.milliOfShares(
                                                it.path("shares").asLong()),
                                        it.path("expectedMilliCPU"))),
                        file.path("milliCPUToQuota")
                                .valueStream()
                                .map(it -> test(
                                        "quota of",
                                        it,
                                        () -> CpuUnits.quotaOf(
                                                it.path("milliCPU").asLong(),
                                                it.path("period").asLong()),
                                        it.path("expectedQuota"))),
                        file.path("quotaToMilliCPU")
                                .valueStream()
                                .map(it -> test(
                                        "millicores of",
                                        it,
                                        () -> CpuUnits.milliOfQuota(
                                                it.path("quota").asLong(),
                                                it.path("period").asLong()),
                                        it.path("expectedMilliCPU"))),
                        file.path("roundTripMilliCPU")
                                .valueStream()
                                .map(it -> test(
                                        "there and back",
                                        it,
                                        () -> CpuUnits.milliOfShares(CpuUnits.sharesOf(it.asLong())),
                                        it)),
                        file.path("cpuRequestsFromConfig")
                                .valueStream()
                                .map(it -> test(
                                        "request of",
                                        it,
                                        () -> CpuUnits.milliOfShares(it.path("config")
                                                .path("cpuShares")
                                                .asLong(0)),
                                        it.path("expectedMilliCPU"))),
                        file.path("cpuLimitsFromConfig")
                                .valueStream()
                                .map(it -> test(
                                        "limit of",
                                        it,
                                        () -> CpuUnits.milliOfQuota(
                                                it.path("config")
                                                        .path("cpuQuota")
                                                        .asLong(0),
                                                it.path("config")
                                                        .path("cpuPeriod")
                                                        .asLong(0)),
                                        it.path("expectedMilliCPU"))))
                .flatMap(tests -> tests);
    }

    private static DynamicTest test(String what, JsonNode it, LongSupplier actual, JsonNode expected) {
        return DynamicTest.dynamicTest(
                what + " " + it, () -> assertThat(actual.getAsLong()).isEqualTo(expected.asLong(0)));
    }

    @TestFactory
    Stream<DynamicTest> sharesReadBackThroughAWeightAreTheKubelets() {
        return file.path("cpuSharesEqualAfterV2RoundTrip")
                .valueStream()
                .map(it -> DynamicTest.dynamicTest(it.toString(), () -> {
                    long shares = it.required("allocatedShares").asLong();
                    assertThat(CpuUnits.sharesOf(
                                    it.required("allocatedMilliCPU").asLong()))
                            .isEqualTo(shares);
                    assertThat(CpuUnits.sharesOfWeight(CpuUnits.weightOf(shares))
                                    == it.required("readbackShares").asLong())
                            .isEqualTo(it.required("expectedEqual").asBoolean());
                }));
    }

    @TestFactory
    Stream<DynamicTest> hugepagesOfOneSizeAreAddedUp() {
        return file.path("hugePageLimits")
                .valueStream()
                .map(it -> DynamicTest.dynamicTest(it.path("name").asString(), () -> {
                    Map<Long, Long> expected = new TreeMap<>();
                    it.path("expected")
                            .properties()
                            .forEach(size -> expected.put(
                                    Long.valueOf(size.getKey()), size.getValue().asLong()));
                    assertThat(PodVectors.list(it.path("resources")).hugepageBytes())
                            .isEqualTo(expected);
                }));
    }

    /** Converts by the kubelet's linear formula, with its conversion back, and by that of the OCI runtimes. */
    @Test
    void weightsAreTheKubeletsAndTheRuntimes() {
        long[][] milliWeightBackRuntime = {
            {0, 1, 2, 1},
            {2, 1, 2, 1},
            {50, 2, 28, 11},
            {100, 4, 79, 17},
            {250, 10, 232, 35},
            {500, 20, 489, 59},
            {1000, 39, 975, 100},
            {2000, 79, 1999, 174},
            {4000, 157, 3996, 303},
            {8000, 313, 7990, 532},
            {64000, 2500, 63982, 3023},
            {128000, 5000, 127988, 5478},
            {256000, 10000, 256000, 10000},
        };
        for (long[] row : milliWeightBackRuntime) {
            long weight = CpuUnits.weightOf(CpuUnits.sharesOf(row[0]));
            assertThat(weight).as("weight of %dm", row[0]).isEqualTo(row[1]);
            assertThat(CpuUnits.milliOfShares(CpuUnits.sharesOfWeight(weight)))
                    .as("%dm read back", row[0])
                    .isEqualTo(row[2]);
            assertThat(CpuUnits.runtimeWeightOf(CpuUnits.sharesOf(row[0])))
                    .as("a runtime's weight of %dm", row[0])
                    .isEqualTo(row[3]);
        }
        assertThat(CpuUnits.milliOfShares(1))
                .as("fewer shares than the least are none")
                .isZero();
        assertThat(CpuUnits.milliOfShares(2)).isEqualTo(2);
        assertThat(CpuUnits.runtimeWeightOf(0)).isZero();
    }

    @Test
    void overheadIsAddedToRequestsAndToLimitsThatAreThere() {
        PodSpec guaranteed = pod("2", "2Gi", "2", "2Gi");
        PodCgroupValues values = PodCgroupValues.of(guaranteed, ResourceList.of("250m", "128Mi"), Cfs.DEFAULT);
        assertThat(values)
                .isEqualTo(new PodCgroupValues(2304, 225_000, 100_000, (2L << 30) + (128 << 20), new TreeMap<>()));

        PodSpec unlimited =
                new PodSpec(new ResourceRequirements(ResourceList.of("2", "2Gi"), ResourceList.EMPTY), List.of(APP));
        assertThat(PodCgroupValues.of(unlimited, ResourceList.of("250m", "128Mi"), Cfs.DEFAULT))
                .isEqualTo(new PodCgroupValues(2304, 0, 0, 0, new TreeMap<>()));
    }

    private static PodSpec pod(String cpu, String memory, String cpuLimit, String memoryLimit) {
        return new PodSpec(
                new ResourceRequirements(ResourceList.of(cpu, memory), ResourceList.of(cpuLimit, memoryLimit)),
                List.of(APP));
    }
}
