package io.podslice.cluster.podresources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.memory.MemoryBlock;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.NodeAllocations.PodAllocation;
import io.podslice.proto.podresources.v1.AllocatableResourcesResponse;
import io.podslice.proto.podresources.v1.ContainerMemory;
import io.podslice.proto.podresources.v1.ContainerResources;
import io.podslice.proto.podresources.v1.ListPodResourcesResponse;
import io.podslice.proto.podresources.v1.PodResources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AnswerEditorTest {
    private static final PodPlacement SET = new PodPlacement(
            List.of(
                    new ContainerPlacement("app", ContainerKind.APP, CpuSet.parse("2-3")),
                    new ContainerPlacement("log", ContainerKind.SIDECAR, CpuSet.empty())),
            CpuSet.parse("2-5"),
            List.of(),
            new MemoryState.Pod(
                    List.of(new MemoryBlock(CpuSet.of(1), ResourceName.MEMORY, 2L << 30)),
                    new TreeMap<>(
                            Map.of("app", List.of(new MemoryBlock(CpuSet.of(1), ResourceName.MEMORY, 1L << 30))))));

    private static PodAllocation pod(String name, boolean stopped, PodPlacement placement) {
        return new PodAllocation("default", name, stopped, placement);
    }

    private static ListPodResourcesResponse edited(ListPodResourcesResponse answer, PodAllocation... pods)
            throws IOException {
        return ListPodResourcesResponse.parseFrom(
                new AnswerEditor(new GivenResources(Given.node(PlacementPolicy.DEFAULT, pods)))
                        .pods(ByteBuffer.wrap(answer.toByteArray()), null));
    }

    private static PodResources.Builder told(String name) {
        return PodResources.newBuilder()
                .setNamespace("default")
                .setName(name)
                .addContainers(ContainerResources.newBuilder().setName("app").addCpuIds(60))
                .addContainers(ContainerResources.newBuilder().setName("log").addCpuIds(61));
    }

    @Test
    void a_pod_with_a_set_has_it_as_a_whole_and_its_slices_by_container() throws IOException {
        PodResources web = edited(
                        ListPodResourcesResponse.newBuilder()
                                .addPodResources(told("web"))
                                .build(),
                        pod("web", false, SET))
                .getPodResources(0);
        assertThat(web.getCpuIdsList()).containsExactly(2L, 3L, 4L, 5L);
        assertThat(web.getContainers(0).getCpuIdsList()).containsExactly(2L, 3L);
        assertThat(web.getContainers(1).getCpuIdsList()).isEmpty();
        assertThat(web.getMemoryList()).extracting(ContainerMemory::getSize).containsExactly(2L << 30);
        assertThat(web.getContainers(0).getMemoryList())
                .extracting(ContainerMemory::getSize)
                .containsExactly(1L << 30);
        assertThat(web.getMemory(0).getTopology().getNodes(0).getID()).isEqualTo(1);
    }

    @Test
    void other_pods_keep_their_bytes() throws IOException {
        ListPodResourcesResponse answer = ListPodResourcesResponse.newBuilder()
                .addPodResources(told("mail"))
                .addPodResources(PodResources.newBuilder().setName("alone"))
                .build();
        byte[] result = new AnswerEditor(
                        new GivenResources(Given.node(PlacementPolicy.DEFAULT, pod("web", false, SET))))
                .pods(ByteBuffer.wrap(answer.toByteArray()), null);
        assertThat(result).isEqualTo(answer.toByteArray());
    }

    @Test
    void the_pod_that_runs_counts_and_not_the_one_that_was_stopped() throws IOException {
        ListPodResourcesResponse answer = ListPodResourcesResponse.newBuilder()
                .addPodResources(told("web"))
                .build();
        PodPlacement old = PodPlacement.ofSet(CpuSet.parse("8-9"));
        assertThat(edited(answer, pod("web", true, old), pod("web", false, SET))
                        .getPodResources(0)
                        .getCpuIdsList())
                .containsExactly(2L, 3L, 4L, 5L);
        assertThatThrownBy(() -> edited(answer, pod("web", false, old), pod("web", false, SET)))
                .isInstanceOf(AmbiguousPodException.class)
                .hasMessageStartingWith("two pods run by the name default/web");
    }

    @Test
    void what_can_be_allocated_is_podslice_s_as_far_as_it_manages_it() throws IOException {
        AllocatableResourcesResponse answer = AllocatableResourcesResponse.newBuilder()
                .addCpuIds(63)
                .addMemory(ContainerMemory.newBuilder().setSize(5))
                .build();
        PlacementPolicy policy = PlacementPolicy.DEFAULT.withReservedSystemCpus(CpuSet.of(0));
        AllocatableResourcesResponse all =
                AllocatableResourcesResponse.parseFrom(new AnswerEditor(new GivenResources(Given.node(policy)))
                        .allocatable(ByteBuffer.wrap(answer.toByteArray())));
        assertThat(all.getCpuIdsList()).hasSize(15).doesNotContain(0L).contains(15L);
        assertThat(all.getMemoryList()).isEqualTo(answer.getMemoryList());
    }
}
