package io.podslice.nri;

import io.podslice.node.Door;
import io.podslice.node.brain.Promise;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.LinuxCPU;
import io.podslice.proto.nri.v1alpha1.LinuxContainer;
import io.podslice.proto.nri.v1alpha1.LinuxMemory;
import io.podslice.proto.nri.v1alpha1.LinuxPodSandbox;
import io.podslice.proto.nri.v1alpha1.LinuxResources;
import io.podslice.proto.nri.v1alpha1.OptionalInt64;
import io.podslice.proto.nri.v1alpha1.OptionalUInt64;
import io.podslice.proto.nri.v1alpha1.PodSandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A door to a scripted brain, and the folder of the socket that a fake runtime listens on. */
final class DoorFixture implements AutoCloseable {
    final ScriptedNode node = new ScriptedNode();
    private final Path folder;
    final Path socket;
    final NriDoor door;

    DoorFixture() {
        try {
            folder = Files.createTempDirectory("nri");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        socket = folder.resolve("nri.sock");
        door = NriDoor.external(
                new NriOptions(socket, "podslice", "10"), Promise.about(node).door(Door.NRI));
    }

    static final PodSandbox POD = PodSandbox.newBuilder()
            .setId("sandbox-1")
            .setName("web")
            .setUid("uid-1")
            .setNamespace("shop")
            .putLabels("app", "web")
            .setLinux(LinuxPodSandbox.newBuilder()
                    .setCgroupParent("/kubepods/pod-1")
                    .setPodResources(resources(1024, 100_000, 1 << 20))
                    .setPodOverhead(resources(2, 0, 0)))
            .build();

    static final PodSandbox ASKING =
            POD.toBuilder().putAnnotations("podslice.io/exclusive.app", "true").build();

    static final Container CONTAINER = container("container-1", "app");

    static Container container(String id, String name) {
        return Container.newBuilder()
                .setId(id)
                .setPodSandboxId(POD.getId())
                .setName(name)
                .setLinux(LinuxContainer.newBuilder().setResources(resources(1024, 100_000, 1 << 20)))
                .build();
    }

    static LinuxResources resources(long shares, long quota, long memory) {
        return LinuxResources.newBuilder()
                .setCpu(LinuxCPU.newBuilder()
                        .setShares(OptionalUInt64.newBuilder().setValue(shares))
                        .setQuota(OptionalInt64.newBuilder().setValue(quota))
                        .setPeriod(OptionalUInt64.newBuilder().setValue(100_000)))
                .setMemory(LinuxMemory.newBuilder()
                        .setLimit(OptionalInt64.newBuilder().setValue(memory)))
                .build();
    }

    @Override
    public void close() throws IOException {
        door.close();
        Files.deleteIfExists(socket);
        Files.deleteIfExists(folder);
    }
}
