package io.podslice.simulator.kubeletapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.podsapi.v1alpha1.EventType;
import io.podslice.proto.podsapi.v1alpha1.WatchPodsEvent;
import io.podslice.proto.podsapi.v1alpha1.WatchPodsRequest;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.pods.PodManager;
import io.podslice.simulator.pods.PodMessages;
import io.podslice.simulator.pods.PodPhase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Pods API behaves as facts: kubelet-apis 1 has it. */
class SimulatedPodsApiTest {
    @TempDir
    private Path folder;

    private final PodManager pods = new PodManager(new PodMessages("node-a", 2000));
    private @Nullable SimulatedPodsApi api;
    private @Nullable KubeletClient client;

    private KubeletClient serve(KubeletRelease release) {
        api = new SimulatedPodsApi(folder.resolve("pods.sock"), pods, release);
        api.start();
        client = new KubeletClient(api.socket());
        return client;
    }

    @AfterEach
    void stop() {
        if (client != null) {
            client.close();
        }
        if (api != null) {
            api.close();
        }
    }

    private static PodManifest pod(String uid) {
        return new PodManifest(
                "pod-" + uid,
                "default",
                uid,
                Wants.guaranteed(Amounts.of(4, 2)),
                List.of(
                        new ContainerManifest("mesh", Kind.SIDECAR, "busybox", Wants.NONE),
                        new ContainerManifest(
                                "app",
                                Kind.APP,
                                "busybox",
                                Wants.guaranteed(new Amounts(1500, 1 << 20)),
                                Set.of("memory"),
                                Map.of("example.com/gpu", 1))),
                Map.of("note", "yes"),
                3,
                7);
    }

    private static String cpu(Pod pod) {
        return pod.getSpec().getResources().getLimitsOrThrow("cpu").getString();
    }

    @Test
    void podHasItsSpecAsTheApiServerHasIt() {
        KubeletClient kubelet = serve(KubeletRelease.V1_36);
        pods.add(pod("a"));
        Pod pod = kubelet.get("a");
        assertThat(pod.getMetadata().getName()).isEqualTo("pod-a");
        assertThat(pod.getMetadata().getGeneration()).isEqualTo(3);
        assertThat(pod.getMetadata().getAnnotationsMap()).containsEntry("note", "yes");
        assertThat(pod.getSpec().getPriority()).isEqualTo(7);
        assertThat(pod.getSpec().getNodeName()).isEqualTo("node-a");
        assertThat(cpu(pod)).isEqualTo("4");
        assertThat(pod.getSpec().getInitContainers(0).getRestartPolicy()).isEqualTo("Always");
        assertThat(pod.getSpec().getContainers(0).getResources().getLimitsMap())
                .hasEntrySatisfying(
                        "cpu", quantity -> assertThat(quantity.getString()).isEqualTo("1500m"))
                .hasEntrySatisfying(
                        "memory", quantity -> assertThat(quantity.getString()).isEqualTo("1Mi"))
                .containsKey("example.com/gpu");
        assertThat(pod.getSpec().getContainers(0).getResizePolicy(1).getRestartPolicy())
                .isEqualTo("RestartContainer");
        assertThat(pod.getStatus().getPhase()).isEqualTo("Pending");
        assertThat(pod.getStatus().getQosClass()).isEqualTo("Guaranteed");
        assertThat(pod.toByteArray()).hasSizeGreaterThan(2000);
    }

    @Test
    void podThatTheKubeletDoesNotKnowIsNotFound() {
        KubeletClient kubelet = serve(KubeletRelease.V1_36);
        assertThatThrownBy(() -> kubelet.get("x"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessage("NOT_FOUND: pod with UID x not found");
    }

    @Test
    void watchBeginsWithEveryPodByUidAndGoesOnWithChanges() throws InterruptedException {
        KubeletClient kubelet = serve(KubeletRelease.V1_36);
        pods.add(pod("b"));
        pods.add(pod("a"));
        Watch watch = Watch.of(kubelet);
        assertThat(watch.next()).isEqualTo("ADDED a 4");
        assertThat(watch.next()).isEqualTo("ADDED b 4");
        assertThat(watch.next()).isEqualTo("INITIAL_SYNC_COMPLETE");
        pods.add(pod("c"));
        assertThat(watch.next()).isEqualTo("ADDED c 4");
        pods.end("a", PodPhase.SUCCEEDED);
        assertThat(watch.next()).isEqualTo("DELETED a");
        assertThat(kubelet.get("a").getStatus().getPhase()).isEqualTo("Succeeded");
        pods.remove("a");
        assertThat(kubelet.list()).hasSize(2);
    }

    @Test
    void listsHaveTheDesiredSpecAndEventsTheAllocatedOne() throws InterruptedException {
        KubeletClient kubelet = serve(KubeletRelease.V1_36);
        pods.add(pod("a"));
        Watch watch = Watch.of(kubelet);
        watch.skip(2);
        pods.desire(pod("a").resizedTo(Wants.guaranteed(Amounts.of(6, 2))).at(4));
        assertThat(watch.next()).isEqualTo("MODIFIED a 4");
        Pod pod = kubelet.get("a");
        assertThat(cpu(pod)).isEqualTo("6");
        assertThat(pod.getMetadata().getGeneration()).isEqualTo(4);
        assertThat(pod.getStatus().getConditions(0).getType()).isEqualTo("PodResizePending");
        pods.allocate("a");
        assertThat(watch.next()).isEqualTo("MODIFIED a 6");
        assertThat(kubelet.get("a").getStatus().getConditionsCount()).isZero();
    }

    @Test
    void callsOverTheLimitAreRejectedAndWatchesAreNot() throws InterruptedException {
        KubeletClient kubelet = serve(KubeletRelease.V1_36);
        pods.add(pod("a"));
        int rejected = 0;
        for (int i = 0; i < 200; i++) {
            try {
                var _ = i % 2 == 0 ? kubelet.get("a") : kubelet.list();
            } catch (StatusRuntimeException e) {
                assertThat(e).hasMessage("RESOURCE_EXHAUSTED: rejected by rate limit");
                rejected++;
            }
        }
        assertThat(Objects.requireNonNull(api).rejected()).isEqualTo(rejected);
        for (int i = 0; i < 20; i++) {
            assertThat(Watch.of(kubelet).next()).isEqualTo("ADDED a 4");
        }
    }

    @Test
    void clientThatLagsIsDropped() throws InterruptedException {
        KubeletClient kubelet = serve(KubeletRelease.V1_36);
        pods.add(pod("a"));
        Watch watch = Watch.slow(kubelet);
        watch.readOne();
        assertThat(watch.next()).isEqualTo("ADDED a 4");
        watch.readOne();
        assertThat(watch.next()).isEqualTo("INITIAL_SYNC_COMPLETE");
        for (int i = 0; i < 2000; i++) {
            pods.enter("a", i % 2 == 0 ? PodPhase.RUNNING : PodPhase.PENDING, "", "");
        }
        watch.readOn();
        assertThat(watch.end().getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(watch.end()).hasMessageContaining("watch client channel closed");
    }

    @Test
    void kubeletOf136ServesAtOnceAfterARestart() throws InterruptedException {
        KubeletClient kubelet = serve(KubeletRelease.V1_36);
        pods.add(pod("a"));
        pods.add(pod("b"));
        Watch watch = Watch.of(kubelet);
        watch.skip(3);
        restart();
        assertThat(watch.end().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        try (KubeletClient again = new KubeletClient(folder.resolve("pods.sock"))) {
            assertThat(again.list()).isEmpty();
            pods.read(List.of("b"));
            assertThat(again.list()).hasSize(1);
            Watch partial = Watch.of(again);
            assertThat(partial.next()).isEqualTo("ADDED b 4");
            assertThat(partial.next()).isEqualTo("INITIAL_SYNC_COMPLETE");
            pods.readAll();
            assertThat(partial.next()).isEqualTo("ADDED a 4");
        }
    }

    @Test
    void kubeletOf137AnswersOnceItHasReadAllItsSources() throws InterruptedException {
        KubeletClient kubelet = serve(KubeletRelease.V1_37);
        pods.add(pod("a"));
        assertThat(kubelet.list()).hasSize(1);
        restart();
        try (KubeletClient again = new KubeletClient(folder.resolve("pods.sock"))) {
            assertThatThrownBy(again::list).hasMessageStartingWith("FAILED_PRECONDITION");
            assertThatThrownBy(() -> again.get("a")).hasMessageStartingWith("FAILED_PRECONDITION");
            assertThat(Watch.of(again).end().getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            pods.readAll();
            assertThat(again.list()).hasSize(1);
        }
    }

    @Test
    void everyCallFailsWithTheGateOff() {
        KubeletClient kubelet = serve(KubeletRelease.V1_37_GATE_OFF);
        assertThatThrownBy(kubelet::list).isInstanceOf(StatusRuntimeException.class);
    }

    @Test
    void plannedFaultsComeOnceAndLastingOnesAlways() {
        KubeletClient kubelet = serve(KubeletRelease.V1_36);
        pods.add(pod("a"));
        KubeletFaults faults = Objects.requireNonNull(api).faults();
        faults.next("GetPod", new KubeletFault.Refuse(Status.INTERNAL));
        assertThatThrownBy(() -> kubelet.get("a")).hasMessage("INTERNAL");
        assertThat(kubelet.get("a").getMetadata().getUid()).isEqualTo("a");
        faults.always("GetPod", new KubeletFault.Alter(bytes -> ByteString.copyFrom(new byte[] {10, 127})));
        assertThatThrownBy(() -> kubelet.get("a")).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> kubelet.get("a")).isInstanceOf(AssertionError.class);
        faults.clear();
        assertThat(kubelet.get("a").getMetadata().getUid()).isEqualTo("a");
        assertThat(faults.calls("GetPod")).isEqualTo(5);
    }

    private void restart() {
        SimulatedPodsApi serving = Objects.requireNonNull(api);
        serving.die();
        pods.restart();
        serving.start();
    }

    /** A client's end of WatchPods. */
    private static final class Watch implements ClientResponseObserver<WatchPodsRequest, WatchPodsEvent> {
        private final BlockingQueue<WatchPodsEvent> events = new LinkedBlockingQueue<>();
        private final CompletableFuture<StatusRuntimeException> end = new CompletableFuture<>();
        private final boolean slow;
        private final CompletableFuture<ClientCallStreamObserver<WatchPodsRequest>> call = new CompletableFuture<>();

        private Watch(boolean slow) {
            this.slow = slow;
        }

        static Watch of(KubeletClient kubelet) {
            Watch watch = new Watch(false);
            kubelet.watching().watchPods(WatchPodsRequest.getDefaultInstance(), watch);
            return watch;
        }

        static Watch slow(KubeletClient kubelet) {
            Watch watch = new Watch(true);
            kubelet.watching().watchPods(WatchPodsRequest.getDefaultInstance(), watch);
            return watch;
        }

        void readOne() {
            call.join().request(1);
        }

        void readOn() {
            call.join().request(100_000);
        }

        void skip(int number) throws InterruptedException {
            for (int i = 0; i < number; i++) {
                var _ = next();
            }
        }

        String next() throws InterruptedException {
            WatchPodsEvent event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).as("event").isNotNull();
            if (event.getType() == EventType.INITIAL_SYNC_COMPLETE) {
                return event.getType().name();
            }
            Pod pod = KubeletClient.parsed(event.getPod());
            String cpu = pod.hasSpec() ? " " + cpu(pod) : "";
            return event.getType() + " " + pod.getMetadata().getUid() + cpu;
        }

        StatusRuntimeException end() {
            return end.orTimeout(20, TimeUnit.SECONDS).join();
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchPodsRequest> stream) {
            if (slow) {
                stream.disableAutoRequestWithInitial(0);
            }
            call.complete(stream);
        }

        @Override
        public void onNext(WatchPodsEvent event) {
            events.add(event);
        }

        @Override
        public void onError(Throwable error) {
            end.complete((StatusRuntimeException) error);
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK.asRuntimeException());
        }
    }
}
