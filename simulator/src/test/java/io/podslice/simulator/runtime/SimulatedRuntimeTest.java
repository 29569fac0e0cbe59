package io.podslice.simulator.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.machine.Machine;
import io.podslice.proto.cri.v1.*;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedRuntimeTest {
    private static final CgroupPath POD = new CgroupPath("/kubepods/podu1");

    @TempDir
    private Path folder;

    private final SimulatedCgroups kernel = new SimulatedCgroups(Machine.regular(1, 1, 2, 2, 4L << 30));
    private SimulatedRuntime runtime;
    private CriClient client;

    @BeforeEach
    void listen() {
        start(PodUpdateSupport.STORED);
    }

    private void start(PodUpdateSupport podUpdates) {
        runtime = new SimulatedRuntime(
                folder.resolve("cri.sock"),
                kernel,
                new SimulatedProcesses(kernel),
                podUpdates,
                InstantSource.system(),
                new Random(1));
        runtime.addImage("busybox");
        runtime.start();
        client = new CriClient(runtime.socket(), Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        client.close();
        runtime.close();
    }

    private static PodSandboxConfig pod(String name) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("default")
                        .setUid("u1"))
                .putLabels("app", name)
                .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(POD.value()))
                .build();
    }

    private String runPod(String name) {
        return client.runtime()
                .runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(pod(name)).build())
                .getPodSandboxId();
    }

    private String create(String sandbox, String name, LinuxContainerResources.Builder resources) {
        return client.runtime()
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(ContainerConfig.newBuilder()
                                .setMetadata(ContainerMetadata.newBuilder().setName(name))
                                .setImage(ImageSpec.newBuilder().setImage("busybox"))
                                .setLinux(LinuxContainerConfig.newBuilder().setResources(resources)))
                        .build())
                .getContainerId();
    }

    private void startContainer(String id) {
        var reply = client.runtime()
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
        assertThat(reply).isEqualTo(StartContainerResponse.getDefaultInstance());
    }

    private ContainerStatus status(String id) {
        return client.runtime()
                .containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(id).build())
                .getStatus();
    }

    @Test
    void podsPauseRunsInItsOwnCgroupBelowThePods() {
        String id = runPod("web");
        assertThat(id).matches("[0-9a-f]{64}");
        assertThat(kernel.children(POD)).containsExactly(id);
        assertThat(kernel.read(POD.child(id), "cpu.weight")).isEqualTo("1");
        assertThat(kernel.read(POD.child(id), "cgroup.procs")).isEqualTo("1000");
    }

    @Test
    void containersCgroupComesWithItsStart() {
        String container = create(
                runPod("web"),
                "app",
                LinuxContainerResources.newBuilder()
                        .setCpuShares(1024)
                        .setCpuQuota(50_000)
                        .setMemoryLimitInBytes(1 << 20)
                        .setCpusetCpus("0-1"));
        CgroupPath cgroup = POD.child(container);
        assertThat(kernel.exists(cgroup)).isFalse();

        startContainer(container);

        assertThat(kernel.read(cgroup, "cpu.weight")).isEqualTo("100");
        assertThat(kernel.read(cgroup, "cpu.max")).isEqualTo("50000 100000");
        assertThat(kernel.read(cgroup, "memory.max")).isEqualTo("1048576");
        assertThat(kernel.read(cgroup, "cpuset.cpus")).isEqualTo("0-1");
        assertThat(status(container).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    }

    @Test
    void updateBeforeTheStartIsWhatTheStartWrites() {
        String container = create(runPod("web"), "app", LinuxContainerResources.newBuilder());
        update(container, LinuxContainerResources.newBuilder().setCpusetCpus("3"));
        startContainer(container);
        assertThat(kernel.read(POD.child(container), "cpuset.cpus")).isEqualTo("3");
    }

    @Test
    void quotaIsLiftedByMinusOne() {
        String container = create(
                runPod("web"), "app", LinuxContainerResources.newBuilder().setCpuQuota(50_000));
        startContainer(container);
        update(container, LinuxContainerResources.newBuilder().setCpuQuota(-1));
        assertThat(kernel.read(POD.child(container), "cpu.max")).isEqualTo("max 100000");
        assertThat(status(container).getResources().getLinux().getCpuQuota()).isEqualTo(-1);
    }

    private void update(String container, LinuxContainerResources.Builder resources) {
        var reply = client.runtime()
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(container)
                        .setLinux(resources)
                        .build());
        assertThat(reply).isEqualTo(UpdateContainerResourcesResponse.getDefaultInstance());
    }

    @Test
    void updateThatFailsLeavesTheOldValues() {
        String container = create(
                runPod("web"), "app", LinuxContainerResources.newBuilder().setCpuQuota(50_000));
        startContainer(container);
        runtime.faults().next("UpdateContainerResources", new Fault.HalfWay(Status.UNKNOWN));
        refused(
                Code.UNKNOWN,
                () -> update(container, LinuxContainerResources.newBuilder().setCpuQuota(70_000)));
        assertThat(kernel.read(POD.child(container), "cpu.max")).isEqualTo("50000 100000");
        assertThat(status(container).getResources().getLinux().getCpuQuota()).isEqualTo(50_000);
    }

    @Test
    void stoppedPodHasNoProcessAndNoCgroupButThePods() {
        String sandbox = runPod("web");
        String container = create(sandbox, "app", LinuxContainerResources.newBuilder());
        startContainer(container);
        stopPod(sandbox);
        assertThat(kernel.isRunning(1000)).isFalse();
        assertThat(kernel.children(POD)).isEmpty();
        assertThat(kernel.exists(POD)).isTrue();
        assertThat(status(container).getExitCode()).isEqualTo(137);
        stopPod(sandbox);
    }

    private void stopPod(String sandbox) {
        var reply = client.runtime()
                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build());
        assertThat(reply).isEqualTo(StopPodSandboxResponse.getDefaultInstance());
    }

    @Test
    void removedPodIsUnknownAndItsNameIsFree() {
        String sandbox = runPod("web");
        create(sandbox, "app", LinuxContainerResources.newBuilder());
        var reply = client.runtime()
                .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build());
        assertThat(reply).isEqualTo(RemovePodSandboxResponse.getDefaultInstance());
        assertThat(client.runtime()
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersList())
                .isEmpty();
        refused(
                Code.NOT_FOUND,
                () -> client.runtime()
                        .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                                .setPodSandboxId(sandbox)
                                .build()));
        assertThat(runPod("web")).isNotEqualTo(sandbox);
    }

    @Test
    void secondSandboxOfTheSameNameIsRefusedInContainerdsWords() {
        String first = runPod("web");
        assertThatThrownBy(() -> runPod("web"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessage("UNKNOWN: failed to reserve sandbox name \"web_default_u1_0\": name \"web_default_u1_0\""
                        + " is reserved for \"" + first + "\"");
    }

    @Test
    void whatIsUnknownIsNotFound() {
        refused(Code.NOT_FOUND, () -> status("nope"));
        refused(Code.NOT_FOUND, () -> startContainer("nope"));
        refused(Code.NOT_FOUND, () -> create("nope", "app", LinuxContainerResources.newBuilder()));
        refused(Code.NOT_FOUND, () -> update("nope", LinuxContainerResources.newBuilder()));
        stopPod("nope");
    }

    @Test
    void prefixOfAnIdIsEnoughWhereOnlyOneFits() {
        String container = create(runPod("web"), "app", LinuxContainerResources.newBuilder());
        assertThat(status(container.substring(0, 12)).getId()).isEqualTo(container);
    }

    @Test
    void listsAreFilteredByStateAndLabel() {
        String web = runPod("web");
        String db = runPod("db");
        stopPod(db);
        assertThat(listed(PodSandboxFilter.newBuilder().putLabelSelector("app", "db")))
                .containsExactly(db);
        assertThat(listed(PodSandboxFilter.newBuilder()
                        .setState(PodSandboxStateValue.newBuilder().setState(PodSandboxState.SANDBOX_READY))))
                .containsExactly(web);
    }

    private List<String> listed(PodSandboxFilter.Builder filter) {
        return client
                .runtime()
                .listPodSandbox(
                        ListPodSandboxRequest.newBuilder().setFilter(filter).build())
                .getItemsList()
                .stream()
                .map(PodSandbox::getId)
                .toList();
    }

    @Test
    void sandboxThatFailsHalfWayLeavesNothingButThePodsCgroup() {
        runtime.faults().next("RunPodSandbox", new Fault.HalfWay(Status.UNKNOWN.withDescription("no network")));
        refused(Code.UNKNOWN, () -> runPod("web"));
        assertThat(kernel.isRunning(1000)).isFalse();
        assertThat(kernel.children(POD)).isEmpty();
        runPod("web");
    }

    @Test
    void containerThatCannotStartIsLeftExitedWithStartError() {
        String container = create(
                runPod("web"), "app", LinuxContainerResources.newBuilder().putUnified("absent.file", "1"));
        refused(Code.UNKNOWN, () -> startContainer(container));
        assertThat(status(container).getReason()).isEqualTo("StartError");
        assertThat(status(container).getExitCode()).isEqualTo(128);
        assertThat(kernel.exists(POD.child(container))).isFalse();
    }

    @Test
    void containerThatEndsByItselfSaysHow() {
        String container = create(runPod("web"), "app", LinuxContainerResources.newBuilder());
        startContainer(container);
        runtime.exit(container, 3);
        assertThat(status(container).getExitCode()).isEqualTo(3);
        assertThat(status(container).getReason()).isEqualTo("Error");
    }

    @Test
    void podUpdatesAreAnsweredAsTheRuntimesVersionWould() {
        String sandbox = runPod("web");
        assertThat(updatePod(sandbox)).isEqualTo(UpdatePodSandboxResourcesResponse.getDefaultInstance());
        refused(Code.NOT_FOUND, () -> updatePod("nope"));
        stop();
        start(PodUpdateSupport.UNIMPLEMENTED);
        refused(Code.UNIMPLEMENTED, () -> updatePod("any"));
        stop();
        start(PodUpdateSupport.NOT_IMPLEMENTED_MESSAGE);
        assertThatThrownBy(() -> updatePod("any")).hasMessage("UNKNOWN: not implemented yet");
    }

    private UpdatePodSandboxResourcesResponse updatePod(String sandbox) {
        return client.runtime()
                .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build());
    }

    @Test
    void everyStepOfALifeIsAnEvent() throws Exception {
        List<ContainerEventType> seen = new ArrayList<>();
        try (Context.CancellableContext context = Context.current().withCancellation()) {
            Thread reader = Thread.startVirtualThread(() -> context.run(() -> collect(seen)));
            // The stream is open once an event of a first pod arrives.
            String probe = runPod("probe");
            await().until(() -> {
                stopPod(probe);
                String id = runPod("probe-" + System.nanoTime());
                return !snapshot(seen).isEmpty() && !id.isEmpty();
            });
            synchronized (seen) {
                seen.clear();
            }
            String sandbox = runPod("web");
            String container = create(sandbox, "app", LinuxContainerResources.newBuilder());
            startContainer(container);
            stopPod(sandbox);
            List<ContainerEventType> life = List.of(
                    ContainerEventType.CONTAINER_CREATED_EVENT,
                    ContainerEventType.CONTAINER_STARTED_EVENT,
                    ContainerEventType.CONTAINER_CREATED_EVENT,
                    ContainerEventType.CONTAINER_STARTED_EVENT,
                    ContainerEventType.CONTAINER_STOPPED_EVENT,
                    ContainerEventType.CONTAINER_STOPPED_EVENT);
            await().untilAsserted(() -> assertThat(snapshot(seen)).endsWith(life.toArray(ContainerEventType[]::new)));
            context.cancel(null);
            reader.join();
        }
    }

    private void collect(List<ContainerEventType> seen) {
        try {
            Iterator<ContainerEventResponse> events =
                    client.runtimeUnbounded().getContainerEvents(GetEventsRequest.getDefaultInstance());
            while (events.hasNext()) {
                ContainerEventType type = events.next().getContainerEventType();
                synchronized (seen) {
                    seen.add(type);
                }
            }
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).isEqualTo(Code.CANCELLED);
        }
    }

    private static List<ContainerEventType> snapshot(List<ContainerEventType> seen) {
        synchronized (seen) {
            return List.copyOf(seen);
        }
    }

    @Test
    void whatItKnowsOutlivesItsDeath() {
        String sandbox = runPod("web");
        runtime.faults().next("RunPodSandbox", new Fault.Die());
        refused(Code.UNAVAILABLE, () -> runPod("db"));
        refused(Code.UNAVAILABLE, () -> runPod("db"));
        runtime.start();
        await().ignoreException(StatusRuntimeException.class)
                .untilAsserted(
                        () -> assertThat(listed(PodSandboxFilter.newBuilder())).containsExactly(sandbox));
    }

    @Test
    void hungCallEndsWithItsCallersDeadlineOnly() {
        runtime.faults().next("Version", new Fault.Hang());
        // On a busy machine a deadline may pass on the way there.
        for (long millis = 300; millis < 20_000 && runtime.faults().waits("Version"); millis *= 2) {
            try (CriClient impatient = new CriClient(runtime.socket(), Duration.ofMillis(millis))) {
                refused(Code.DEADLINE_EXCEEDED, () -> impatient.runtime().version(VersionRequest.getDefaultInstance()));
            }
        }
        assertThat(runtime.faults().waits("Version")).isFalse();
        assertThat(client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeApiVersion())
                .isEqualTo("v1");
    }

    @Test
    void imagesArePulledByName() {
        ImageSpec image = ImageSpec.newBuilder().setImage("nginx").build();
        assertThat(client.images()
                        .imageStatus(
                                ImageStatusRequest.newBuilder().setImage(image).build())
                        .hasImage())
                .isFalse();
        String ref = client.images()
                .pullImage(PullImageRequest.newBuilder().setImage(image).build())
                .getImageRef();
        assertThat(client.images()
                        .imageStatus(
                                ImageStatusRequest.newBuilder().setImage(image).build())
                        .getImage()
                        .getId())
                .isEqualTo(ref);
        assertThat(client.images()
                        .listImages(ListImagesRequest.getDefaultInstance())
                        .getImagesCount())
                .isEqualTo(2);
    }

    private static void refused(Code code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }
}
