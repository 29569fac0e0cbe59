package io.podslice.managers.resize;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResizePolicy.RestartPolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.resize.ContainerResizes.Candidate;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ContainerResizesTest {
    private static final long GI = 1L << 30;

    private static ContainerAmounts cpu(long request, long limit) {
        return new ContainerAmounts(request, limit, 0, 0);
    }

    private static ContainerAmounts memory(long request, long limit) {
        return new ContainerAmounts(0, 0, request, limit);
    }

    private static Candidate container(String name, ContainerAmounts current, ContainerAmounts desired) {
        return new Candidate(name, ResizePolicy.NOT_REQUIRED, current, desired);
    }

    private static ContainerResizes of(Candidate... containers) {
        return ContainerResizes.of(List.of(containers));
    }

    /** Returns the change of one container, e.g. {@code cpu up}; empty where there is none. */
    private static String change(ContainerAmounts current, ContainerAmounts desired) {
        ContainerResizes resizes = of(container("a", current, desired));
        StringBuilder changes = new StringBuilder();
        for (ResourceName resource : List.of(ResourceName.MEMORY, ResourceName.CPU)) {
            resizes.down(resource).forEach(_ -> changes.append(resource).append(" down "));
            resizes.up(resource).forEach(_ -> changes.append(resource).append(" up "));
        }
        return changes.toString().strip();
    }

    @Test
    void thoseThatShrinkComeInReverseAndThoseThatGrowInOrder() {
        ContainerAmounts small = new ContainerAmounts(1000, 1000, GI, GI);
        ContainerAmounts large = new ContainerAmounts(2000, 2000, 2 * GI, 2 * GI);

        ContainerResizes resizes = of(
                container("a", large, small),
                container("b", small, large),
                container("c", new ContainerAmounts(1000, 1000, 2 * GI, 2 * GI), small),
                container("d", small, small),
                container("e", new ContainerAmounts(1000, 1000, GI, GI), large));

        assertThat(resizes.down(ResourceName.MEMORY)).containsExactly("c", "a");
        assertThat(resizes.up(ResourceName.MEMORY)).containsExactly("b", "e");
        assertThat(resizes.down(ResourceName.CPU)).containsExactly("a");
        assertThat(resizes.up(ResourceName.CPU)).containsExactly("b", "e");
        assertThat(resizes.restarts()).isEmpty();
    }

    @Test
    void theLimitDecidesWhichWayItGoesAndTheRequestOnlyWhereTheLimitStays() {
        assertThat(change(cpu(1000, 2000), cpu(500, 3000))).isEqualTo("cpu up");
        assertThat(change(cpu(500, 3000), cpu(1000, 2000))).isEqualTo("cpu down");
        assertThat(change(cpu(500, 2000), cpu(1000, 2000))).isEqualTo("cpu up");
        assertThat(change(cpu(1000, 2000), cpu(500, 2000))).isEqualTo("cpu down");
        assertThat(change(memory(2 * GI, 2 * GI), memory(GI, 3 * GI))).isEqualTo("memory up");
        assertThat(change(memory(GI, 3 * GI), memory(2 * GI, 2 * GI))).isEqualTo("memory down");
        assertThat(change(memory(GI, 4 * GI), memory(2 * GI, 4 * GI))).isEqualTo("memory up");
        assertThat(change(memory(2 * GI, 4 * GI), memory(GI, 4 * GI))).isEqualTo("memory down");
    }

    @Test
    void noLimitIsMoreThanAny() {
        assertThat(change(memory(GI, 0), memory(GI, 64 * GI))).isEqualTo("memory down");
        assertThat(change(memory(GI, 64 * GI), memory(GI, 0))).isEqualTo("memory up");
        assertThat(change(cpu(500, 0), cpu(500, 64_000))).isEqualTo("cpu down");
        assertThat(change(cpu(500, 64_000), cpu(500, 0))).isEqualTo("cpu up");
    }

    @Test
    void cpuBelowTheLeastThatTheKernelKnowsIsTheSame() {
        // Limits below 10m are a quota of 1 ms, requests below 3m are 2 shares.
        assertThat(change(cpu(1, 5), cpu(2, 8))).isEmpty();
        assertThat(change(cpu(1, 5), cpu(1, 11))).isEqualTo("cpu up");
        assertThat(change(cpu(1, 5), cpu(3, 8))).isEqualTo("cpu up");
    }

    @Test
    void whoHasNoLimitOfItsOwnGrowsAndShrinksWithThePod() {
        ResourceList own = ResourceList.of("2", "2Gi");
        PodSpec pod = new PodSpec(
                new ResourceRequirements(ResourceList.of("4", "4Gi"), ResourceList.of("4", "4Gi")),
                List.of(
                        new ContainerSpec("own", ContainerKind.APP, new ResourceRequirements(own, own)),
                        new ContainerSpec(
                                "inherits",
                                ContainerKind.SIDECAR,
                                new ResourceRequirements(
                                        ResourceList.EMPTY.with(ResourceName.CPU, Quantity.ofMillis(100)),
                                        ResourceList.EMPTY))));
        PodSpec larger =
                pod.withResources(new ResourceRequirements(ResourceList.of("4", "4Gi"), ResourceList.of("6", "8Gi")));

        assertThat(ContainerAmounts.of(pod, pod.containers().get(0)))
                .isEqualTo(new ContainerAmounts(2000, 2000, 2 * GI, 2 * GI));
        assertThat(ContainerAmounts.of(pod, pod.containers().get(1)))
                .isEqualTo(new ContainerAmounts(100, 4000, 0, 4 * GI));
        ContainerResizes up = between(pod, larger);
        assertThat(up.up(ResourceName.CPU)).containsExactly("inherits");
        assertThat(up.up(ResourceName.MEMORY)).containsExactly("inherits");
        ContainerResizes down = between(larger, pod);
        assertThat(down.down(ResourceName.CPU)).containsExactly("inherits");
        assertThat(down.down(ResourceName.MEMORY)).containsExactly("inherits");
    }

    private static ContainerResizes between(PodSpec before, PodSpec after) {
        return ContainerResizes.of(before.containers().stream()
                .map(container -> container(
                        container.name(),
                        ContainerAmounts.of(before, container),
                        ContainerAmounts.of(
                                after, after.container(container.name()).orElseThrow())))
                .toList());
    }

    @Test
    void onlyAChangeOfTheResourceThatSaysSoTakesARestart() {
        ResizePolicy memoryRestarts =
                ResizePolicy.NOT_REQUIRED.with(ResourceName.MEMORY, RestartPolicy.RESTART_CONTAINER);
        ContainerAmounts had = new ContainerAmounts(1000, 1000, GI, GI);

        ContainerResizes resizes = of(
                new Candidate("cpu", memoryRestarts, had, new ContainerAmounts(2000, 2000, GI, GI)),
                new Candidate("both", memoryRestarts, had, new ContainerAmounts(2000, 2000, 2 * GI, 2 * GI)),
                new Candidate("neither", memoryRestarts, had, had));

        assertThat(resizes.restarts()).containsExactly("both");
        assertThat(resizes.up(ResourceName.CPU)).containsExactly("cpu");
        assertThat(resizes.up(ResourceName.MEMORY)).isEmpty();
    }
}
