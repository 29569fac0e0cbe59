package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.node.PlanListener;
import io.podslice.proto.cri.v1.*;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A client that asks nothing of podslice cannot tell the shim from containerd: every answer through the shim, with its
 * metadata, its errors and its unknown fields, equals containerd's own.
 */
@Tag("host")
class HostScenarioTest {
    private static final int LIVES = 200;
    private static final int CLIENTS = 8;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final String SERVICE = "runtime.v1.RuntimeService/";

    private static Path folder;
    private static HostContainerd containerd;
    private static Agent shim;
    private static CriClient direct;
    private static CriClient through;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        // A short path: the path of a Unix socket in it may have at most 107 bytes.
        folder = Files.createTempDirectory("podslice");
        containerd = HostContainerd.start(folder.resolve("c"));
        Path socket = folder.resolve("cri.sock");
        Machine machine = Machine.regular(2, 1, 4, 2, 8L << 30);
        shim = new Agent(
                AgentConfiguration.of(socket, containerd.socket(), folder.resolve("state")),
                new AgentParts(new SimulatedCgroups(machine), machine, Clock.systemUTC(), PlanListener.NONE));
        direct = new CriClient(containerd.socket(), TIMEOUT);
        through = new CriClient(socket, TIMEOUT);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (through != null) {
            through.close();
        }
        if (direct != null) {
            direct.close();
        }
        if (shim != null) {
            shim.close();
        }
        if (containerd != null) {
            containerd.stop();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void twoHundredLivesWithEightClientsAtOnceReadTheSameAsWithoutTheShim() throws Exception {
        List<String> expected = LifeCycle.live(direct.channel(), "life-expected", "");
        assertThat(expected).hasSizeGreaterThan(20).noneMatch(text -> text.contains("status UNAVAILABLE"));
        // This containerd does not know the one call that podslice then answers.
        int podUpdate = LifeCycle.podUpdateIn(expected);
        String answer = LifeCycle.live(through.channel(), "life-first", "").get(podUpdate);
        assertThat(expected.get(podUpdate)).contains("status UNIMPLEMENTED");
        assertThat(answer).contains("status OK");
        List<String> answered = new ArrayList<>(expected);
        answered.set(podUpdate, answer);
        Lives lives = liveAll();
        assertThat(lives.through()).hasSize(LIVES);
        assertThat(lives.direct()).hasSize(LIVES);
        for (int i = 0; i < LIVES; i++) {
            assertThat(lives.direct().get(i)).as("life %d without the shim", i).isEqualTo(expected);
            assertThat(lives.through().get(i)).as("life %d", i).isEqualTo(answered);
        }
    }

    /** Transcripts of lives through the shim, and of as many without it at that time. */
    private record Lives(List<List<String>> through, List<List<String>> direct) {}

    /** Lives both at once, so that they disturb each other. */
    private static Lives liveAll() throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
                ExecutorService others = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<List<String>>> running = submit(clients, through, "life");
            List<Future<List<String>>> beside = submit(others, direct, "other");
            return new Lives(get(running), get(beside));
        }
    }

    private static List<Future<List<String>>> submit(ExecutorService executor, CriClient client, String prefix) {
        List<Future<List<String>>> running = new ArrayList<>();
        for (int i = 0; i < LIVES; i++) {
            String name = prefix + "-%04d".formatted(i);
            running.add(executor.submit(() -> LifeCycle.live(client.channel(), name, "")));
        }
        return running;
    }

    private static List<List<String>> get(List<Future<List<String>>> running) throws Exception {
        List<List<String>> lives = new ArrayList<>();
        for (Future<List<String>> life : running) {
            lives.add(life.get());
        }
        return lives;
    }

    @Test
    void whatIsReadOfARunningPodIsTheSame() {
        String pod = run("read");
        try {
            same(RuntimeServiceGrpc.getVersionMethod(), VersionRequest.getDefaultInstance());
            same(RuntimeServiceGrpc.getRuntimeConfigMethod(), RuntimeConfigRequest.getDefaultInstance());
            sameInAnyOrder(RuntimeServiceGrpc.getListPodSandboxMethod(), ListPodSandboxRequest.getDefaultInstance());
            sameInAnyOrder(RuntimeServiceGrpc.getListContainersMethod(), ListContainersRequest.getDefaultInstance());
            same(
                    RuntimeServiceGrpc.getPodSandboxStatusMethod(),
                    PodSandboxStatusRequest.newBuilder()
                            .setPodSandboxId(pod)
                            .setVerbose(true)
                            .build());
            sameInAnyOrder(ImageServiceGrpc.getListImagesMethod(), ListImagesRequest.getDefaultInstance());
            same(
                    ImageServiceGrpc.getImageStatusMethod(),
                    ImageStatusRequest.newBuilder()
                            .setImage(ImageSpec.newBuilder().setImage("podslice.io/test/busybox:1"))
                            .setVerbose(true)
                            .build());
            same(RuntimeServiceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
        } finally {
            remove(pod);
        }
    }

    private static String run(String name) {
        return direct.runtime()
                .runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(LifeCycle.pod(name, ""))
                        .build())
                .getPodSandboxId();
    }

    private static void remove(String pod) {
        var _ = direct.runtime()
                .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .build());
    }

    private static <Q, T> void same(MethodDescriptor<Q, T> method, Q request) {
        String expected = Exchange.call(direct.channel(), method, request).text();
        assertThat(Exchange.call(through.channel(), method, request).text()).isEqualTo(expected);
    }

    /** Compares two lists in any order: containerd lists its entries in the order of a hash map, anew each time. */
    private static <Q, T> void sameInAnyOrder(MethodDescriptor<Q, T> method, Q request) {
        String expected = Exchange.call(direct.channel(), method, request).text();
        String seen = Exchange.call(through.channel(), method, request).text();
        assertThat(seen.lines().sorted().toList())
                .isEqualTo(expected.lines().sorted().toList());
    }

    @Test
    void errorsAreContainerdsOwn() {
        same(
                RuntimeServiceGrpc.getPodSandboxStatusMethod(),
                PodSandboxStatusRequest.newBuilder().setPodSandboxId("nope").build());
        same(
                RuntimeServiceGrpc.getContainerStatusMethod(),
                ContainerStatusRequest.newBuilder().setContainerId("nope").build());
        same(
                RuntimeServiceGrpc.getStartContainerMethod(),
                StartContainerRequest.newBuilder().setContainerId("nope").build());
        same(
                RuntimeServiceGrpc.getCreateContainerMethod(),
                CreateContainerRequest.newBuilder()
                        .setPodSandboxId("nope")
                        .setConfig(LifeCycle.container("app"))
                        .setSandboxConfig(LifeCycle.pod("nope", ""))
                        .build());
        same(
                RuntimeServiceGrpc.getUpdateContainerResourcesMethod(),
                UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId("nope")
                        .build());
        same(RuntimeServiceGrpc.getRunPodSandboxMethod(), RunPodSandboxRequest.getDefaultInstance());
        same(RuntimeServiceGrpc.getCreateContainerMethod(), CreateContainerRequest.getDefaultInstance());
        same(RuntimeServiceGrpc.getStopPodSandboxMethod(), StopPodSandboxRequest.getDefaultInstance());
        same(RuntimeServiceGrpc.getRemoveContainerMethod(), RemoveContainerRequest.getDefaultInstance());
    }

    @Test
    void whatNobodyKnowsIsAnsweredByContainerd() {
        for (String method : List.of(
                SERVICE + "NoSuchMethod", "runtime.v2.RuntimeService/RunPodSandbox", SERVICE + "StreamPodSandboxes")) {
            sameRaw(method, new byte[0]);
        }
    }

    @Test
    void requestsThatAreNoMessagesAreAnsweredByContainerd() {
        byte[] noMessage = {(byte) 0xff, (byte) 0xff, (byte) 0xff};
        for (String method : List.of("Version", "RunPodSandbox", "CreateContainer", "UpdateContainerResources")) {
            sameRaw(SERVICE + method, noMessage);
        }
    }

    private static void sameRaw(String method, byte[] request) {
        String expected = Exchange.raw(direct.channel(), method, request).text();
        assertThat(Exchange.raw(through.channel(), method, request).text()).isEqualTo(expected);
    }

    @Test
    void bothSeeTheSameEventsInTheSameOrder() throws Exception {
        List<ContainerEventResponse> straight = new ArrayList<>();
        List<ContainerEventResponse> shimmed = new ArrayList<>();
        try (CriClient one = new CriClient(containerd.socket(), TIMEOUT);
                CriClient other = new CriClient(folder.resolve("cri.sock"), TIMEOUT)) {
            collect(one, straight);
            collect(other, shimmed);
            // containerd says nothing when a stream opens: the first events of a pod show that it has.
            await().atMost(TIMEOUT).until(() -> {
                remove(run("event-probe"));
                return size(straight) > 0 && size(shimmed) > 0;
            });
            String pod = run("event-last");
            remove(pod);
            await().atMost(TIMEOUT).until(() -> ended(straight, pod) && ended(shimmed, pod));
        }
        int common = Math.min(straight.size(), shimmed.size());
        assertThat(common).isGreaterThanOrEqualTo(4);
        assertThat(last(shimmed, common)).isEqualTo(last(straight, common));
    }

    private static void collect(CriClient client, List<ContainerEventResponse> events) {
        Thread.startVirtualThread(() -> {
            try {
                Iterator<ContainerEventResponse> stream =
                        client.runtimeUnbounded().getContainerEvents(GetEventsRequest.getDefaultInstance());
                while (stream.hasNext()) {
                    ContainerEventResponse event = stream.next();
                    synchronized (events) {
                        events.add(event);
                    }
                }
            } catch (StatusRuntimeException e) {
                // The test has closed the client, with the events that it needs.
                assertThat(e.getStatus().getCode()).isNotNull();
            }
        });
    }

    private static int size(List<ContainerEventResponse> events) {
        synchronized (events) {
            return events.size();
        }
    }

    private static boolean ended(List<ContainerEventResponse> events, String pod) {
        synchronized (events) {
            return events.stream()
                    .anyMatch(event -> event.getContainerId().equals(pod)
                            && event.getContainerEventType() == ContainerEventType.CONTAINER_DELETED_EVENT);
        }
    }

    private static List<ContainerEventResponse> last(List<ContainerEventResponse> events, int count) {
        synchronized (events) {
            return List.copyOf(events.subList(events.size() - count, events.size()));
        }
    }
}
