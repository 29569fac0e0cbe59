package io.podslice.cluster.podresources;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cluster.Damage;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.node.AssignedDevice;
import io.podslice.proto.podresources.v1.ContainerDevices;
import io.podslice.proto.podresources.v1.ContainerResources;
import io.podslice.proto.podresources.v1.GetPodResourcesResponse;
import io.podslice.proto.podresources.v1.NUMANode;
import io.podslice.proto.podresources.v1.PodResources;
import io.podslice.proto.podresources.v1.TopologyInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Damaged answers about a pod's devices: read within the bounds, or refused with the one exception. */
@Tag("fuzz")
@Timeout(value = 12, unit = TimeUnit.HOURS)
class DevicesFuzzTest {
    private static final int ANSWERS = Boolean.getBoolean("podslice.long") ? 1_000_000 : 50_000;

    private static final byte[] SOUND = GetPodResourcesResponse.newBuilder()
            .setPodResources(PodResources.newBuilder()
                    .setName("ml")
                    .setNamespace("default")
                    .addContainers(ContainerResources.newBuilder()
                            .setName("train")
                            .addDevices(ContainerDevices.newBuilder()
                                    .setResourceName("nvidia.com/gpu")
                                    .addDeviceIds("GPU-0")
                                    .setTopology(TopologyInfo.newBuilder()
                                            .addNodes(NUMANode.newBuilder().setID(1))))))
            .build()
            .toByteArray();

    @Test
    void damaged_answers() {
        int read = 0;
        for (long seed = 1; seed <= ANSWERS; seed++) {
            try {
                Map<String, List<AssignedDevice>> devices =
                        DevicesReader.ofPod(ByteBuffer.wrap(new Damage(new Random(seed)).of(SOUND)), "default", "ml");
                devices.values()
                        .forEach(list -> list.forEach(
                                device -> assertThat(device.numaNodes().isEmpty()
                                                || device.numaNodes().last() < 1024)
                                        .isTrue()));
                read++;
            } catch (UnreadableException e) {
                assertThat(e.getMessage()).hasSizeBetween(10, 700);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(read).isGreaterThan(ANSWERS / 100);
    }
}
