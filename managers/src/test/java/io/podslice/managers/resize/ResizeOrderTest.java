package io.podslice.managers.resize;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.resize.ResizeOrder.PodCgroup;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The order of the writes, so that no container may ever use more than its pod. */
final class ResizeOrderTest {
    private static final long GI = 1L << 30;
    private static final ResizeStep MEMORY_LIMIT = new ResizeStep.PodLimit(ResourceName.MEMORY);
    private static final ResizeStep MEMORY_REQUEST = new ResizeStep.PodRequest(ResourceName.MEMORY);
    private static final ResizeStep CPU_LIMIT = new ResizeStep.PodLimit(ResourceName.CPU);
    private static final ResizeStep CPU_REQUEST = new ResizeStep.PodRequest(ResourceName.CPU);
    private static final ResizeStep DOWN = new ResizeStep.Container(ResourceName.MEMORY, "down");
    private static final ResizeStep UP = new ResizeStep.Container(ResourceName.MEMORY, "up");
    private static final ResizeStep LESS = new ResizeStep.Container(ResourceName.CPU, "less");
    private static final ResizeStep MORE = new ResizeStep.Container(ResourceName.CPU, "more");

    /** Of memory {@code down} shrinks and {@code up} grows, of CPU {@code less} and {@code more}. */
    private static final ContainerResizes BOTH =
            new ContainerResizes(List.of(), List.of("down"), List.of("up"), List.of("less"), List.of("more"));

    private static PodCgroup memory(long max, String... protection) {
        TreeMap<String, String> files = new TreeMap<>();
        for (String file : protection) {
            files.put(file.substring(0, file.indexOf('=')), file.substring(file.indexOf('=') + 1));
        }
        return new PodCgroup(new PodCgroupValues(1024, 100_000, 100_000, max, new TreeMap<>()), files);
    }

    private static PodCgroup cpu(long shares, long quota, long period) {
        return new PodCgroup(new PodCgroupValues(shares, quota, period, GI, new TreeMap<>()), new TreeMap<>());
    }

    private static List<ResizeStep> memorySteps(PodCgroup current, PodCgroup desired) {
        return ResizeOrder.of(current, desired, BOTH, ResourceName.MEMORY);
    }

    private static List<ResizeStep> cpuSteps(PodCgroup current, PodCgroup desired) {
        return ResizeOrder.of(current, desired, BOTH, ResourceName.CPU);
    }

    @Test
    void aPodThatGrowsDoesSoBeforeItsContainers() {
        assertThat(cpuSteps(cpu(2048, 200_000, 100_000), cpu(4096, 400_000, 100_000)))
                .containsExactly(CPU_LIMIT, CPU_REQUEST, LESS, MORE);
        assertThat(memorySteps(memory(2 * GI), memory(4 * GI))).containsExactly(MEMORY_LIMIT, DOWN, UP);
    }

    @Test
    void aPodThatShrinksDoesSoOnceItsContainersHaveAndBeforeAnyGrows() {
        assertThat(cpuSteps(cpu(4096, 400_000, 100_000), cpu(2048, 200_000, 100_000)))
                .containsExactly(LESS, CPU_REQUEST, CPU_LIMIT, MORE);
        assertThat(memorySteps(memory(4 * GI), memory(2 * GI))).containsExactly(DOWN, MEMORY_LIMIT, UP);
    }

    @Test
    void limitAndRequestMayGoOppositeWays() {
        assertThat(cpuSteps(cpu(2048, 200_000, 100_000), cpu(1024, 400_000, 100_000)))
                .containsExactly(CPU_LIMIT, LESS, CPU_REQUEST, MORE);
        assertThat(cpuSteps(cpu(1024, 400_000, 100_000), cpu(2048, 200_000, 100_000)))
                .containsExactly(CPU_REQUEST, LESS, CPU_LIMIT, MORE);
    }

    @Test
    void whatThePodHasAlreadyIsNotWritten() {
        assertThat(cpuSteps(cpu(2048, 200_000, 100_000), cpu(2048, 200_000, 100_000)))
                .containsExactly(LESS, MORE);
        assertThat(memorySteps(memory(GI, "memory.min=1"), memory(GI, "memory.min=1")))
                .containsExactly(DOWN, UP);
    }

    @Test
    void noLimitOfARunningPodIsRemoved() {
        assertThat(cpuSteps(cpu(2048, 200_000, 100_000), cpu(2048, 0, 0))).containsExactly(LESS, MORE);
        assertThat(memorySteps(memory(GI), memory(0))).containsExactly(DOWN, UP);
    }

    @Test
    void aFirstLimitIsLessThanNone() {
        assertThat(cpuSteps(cpu(2048, 0, 0), cpu(2048, 200_000, 100_000))).containsExactly(LESS, CPU_LIMIT, MORE);
        assertThat(cpuSteps(cpu(2048, -1, 100_000), cpu(2048, 200_000, 100_000)))
                .containsExactly(LESS, CPU_LIMIT, MORE);
        assertThat(memorySteps(memory(0), memory(GI))).containsExactly(DOWN, MEMORY_LIMIT, UP);
    }

    @Test
    void aQuotaIsLiftedBeforeTheContainers() {
        assertThat(cpuSteps(cpu(2048, 200_000, 100_000), cpu(2048, -1, 100_000)))
                .containsExactly(CPU_LIMIT, LESS, MORE);
        assertThat(cpuSteps(cpu(2048, -1, 100_000), cpu(2048, -1, 50_000))).containsExactly(LESS, MORE);
    }

    @Test
    void theSameShareInAnotherPeriodIsWritten() {
        assertThat(cpuSteps(cpu(2048, 200_000, 100_000), cpu(2048, 100_000, 50_000)))
                .containsExactly(CPU_LIMIT, LESS, MORE);
        assertThat(cpuSteps(cpu(2048, 200_000, 100_000), cpu(2048, 75_000, 50_000)))
                .containsExactly(LESS, CPU_LIMIT, MORE);
    }

    @Test
    void protectedMemoryIsRaisedBelowTheHigherLimitAndLoweredBeforeTheLowerOne() {
        PodCgroup small = memory(2 * GI, "memory.low=" + GI);
        PodCgroup large = memory(4 * GI, "memory.low=" + 3 * GI);

        assertThat(memorySteps(small, large)).containsExactly(MEMORY_LIMIT, MEMORY_REQUEST, DOWN, UP);
        assertThat(memorySteps(large, small)).containsExactly(DOWN, MEMORY_REQUEST, MEMORY_LIMIT, UP);
        assertThat(memorySteps(small, memory(2 * GI, "memory.low=" + 2 * GI)))
                .containsExactly(MEMORY_REQUEST, DOWN, UP);
    }
}
