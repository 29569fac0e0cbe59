package io.podslice.cluster.podresources;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cluster.Damage;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.node.NodeAllocations.PodAllocation;
import io.podslice.proto.podresources.v1.ContainerResources;
import io.podslice.proto.podresources.v1.ListPodResourcesResponse;
import io.podslice.proto.podresources.v1.PodResources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Damaged answers of the kubelet's: relayed within their size, or refused with a short text. */
@Tag("fuzz")
@Timeout(value = 12, unit = TimeUnit.HOURS)
class AnswerFuzzTest {
    private static final int ANSWERS = Boolean.getBoolean("podslice.long") ? 1_000_000 : 50_000;

    private static final byte[] SOUND = ListPodResourcesResponse.newBuilder()
            .addPodResources(PodResources.newBuilder()
                    .setName("web")
                    .setNamespace("default")
                    .addContainers(
                            ContainerResources.newBuilder().setName("app").addCpuIds(7)))
            .addPodResources(PodResources.newBuilder().setName("mail").setNamespace("default"))
            .build()
            .toByteArray();

    @Test
    void damaged_answers() throws IOException {
        AnswerEditor editor = new AnswerEditor(new GivenResources(Given.node(
                PlacementPolicy.DEFAULT,
                new PodAllocation("default", "web", false, PodPlacement.ofSet(CpuSet.parse("2-5"))))));
        int relayed = 0;
        for (long seed = 1; seed <= ANSWERS; seed++) {
            byte[] damaged = new Damage(new Random(seed)).of(SOUND);
            try {
                byte[] result = editor.pods(ByteBuffer.wrap(damaged), null);
                // Six bytes of CPUs for a pod, whose smallest message has twenty, and longer lengths around it.
                assertThat(result.length).isLessThan(2 * damaged.length + 64);
                relayed++;
            } catch (IOException e) {
                assertThat(e.getMessage()).hasSizeBetween(10, 700);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(relayed).isGreaterThan(ANSWERS / 100);
    }
}
