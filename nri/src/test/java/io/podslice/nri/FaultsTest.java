package io.podslice.nri;

import static io.podslice.nri.DoorFixture.ASKING;
import static io.podslice.nri.DoorFixture.CONTAINER;
import static io.podslice.nri.DoorFixture.POD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Verdict;
import io.podslice.proto.nri.v1alpha1.SynchronizeRequest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults between runtime and plugin, and the state after them. */
@Timeout(120)
class FaultsTest {
    private static final Duration HURRIED = Duration.ofMillis(800);

    private final DoorFixture fixture = new DoorFixture();
    private final ScriptedNode node = fixture.node;
    private final CountDownLatch gate = new CountDownLatch(1);

    @AfterEach
    void close() throws IOException {
        gate.countDown();
        fixture.close();
    }

    private FakeRuntime runtime() throws IOException {
        return new FakeRuntime(fixture.socket, FakeRuntime.V0_8);
    }

    /** Makes the brain answer with a verdict once the gate opens. */
    private void thinksLong(Verdict verdict) {
        node.verdict = () -> {
            try {
                assertThat(gate.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return verdict;
        };
    }

    private void untilTold(String... all) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(node.told).containsExactly(all));
    }

    @Test
    void a_runtime_that_was_started_again_is_connected_to_and_told_from() throws Exception {
        try (FakeRuntime first = runtime()) {
            first.acceptAndConfigure();
        }
        try (FakeRuntime second = runtime()) {
            second.accept();
            second.configure();
            second.synchronize(List.of(POD), List.of(CONTAINER));
            assertThat(node.told)
                    .containsExactly(
                            "run sandbox-1", "succeeded sandbox-1", "create container-1", "succeeded container-1");
        }
    }

    @Test
    void a_runtime_that_goes_amid_a_split_synchronize_leaves_nothing_of_it() throws Exception {
        try (FakeRuntime first = runtime()) {
            first.accept();
            first.configure();
            first.call(
                    "Synchronize",
                    SynchronizeRequest.newBuilder().addPods(POD).setMore(true).build());
        }
        try (FakeRuntime second = runtime()) {
            second.accept();
            second.configure();
            second.synchronize(List.of(), List.of());
            assertThat(node.told).isEmpty();
        }
    }

    @Test
    void a_registration_that_is_refused_is_tried_again() throws Exception {
        try (FakeRuntime runtime = runtime()) {
            runtime.refusal = "plugin 10-podslice is there already";
            runtime.accept();
            runtime.refusal = null;
            runtime.acceptAndConfigure();
            runtime.runPodSandbox(POD);
            assertThat(node.told).containsExactly("run sandbox-1", "succeeded sandbox-1");
        }
    }

    @Test
    void damage_ends_the_connection_and_the_next_one_works() throws Exception {
        Files.deleteIfExists(fixture.socket);
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(fixture.socket));
            try (SocketChannel plugin = listening.accept()) {
                plugin.write(ByteBuffer.allocate(8).putInt(1).putInt(-1).flip());
                ByteBuffer rest = ByteBuffer.allocate(4096);
                int count;
                do {
                    count = plugin.read(rest.clear());
                } while (count >= 0);
            }
        }
        try (FakeRuntime runtime = runtime()) {
            runtime.acceptAndConfigure();
            runtime.runPodSandbox(POD);
            assertThat(node.told).containsExactly("run sandbox-1", "succeeded sandbox-1");
        }
    }

    @Test
    void a_pod_that_asks_is_refused_in_time_if_the_brain_is_slow_and_given_back_when_it_has_decided() throws Exception {
        try (FakeRuntime runtime = runtime()) {
            runtime.requestTimeout = HURRIED;
            runtime.acceptAndConfigure();
            thinksLong(node.proceed(null));

            assertThatThrownBy(() -> runtime.runPodSandbox(ASKING))
                    .hasMessageContaining("PodsliceError: podslice cannot decide on this pod")
                    .hasMessageContaining("no decision within");
            assertThat(runtime.isConnected()).isTrue();
            gate.countDown();
            untilTold("run sandbox-1", "failed");
        }
    }

    @Test
    void a_pod_that_asks_nothing_passes_in_time_and_is_known_when_the_brain_has_decided() throws Exception {
        try (FakeRuntime runtime = runtime()) {
            runtime.requestTimeout = HURRIED;
            runtime.acceptAndConfigure();
            thinksLong(node.proceed(null));

            assertThat(runtime.createContainer(POD, CONTAINER).hasAdjust()).isFalse();
            gate.countDown();
            untilTold("create container-1", "succeeded container-1");
        }
    }

    @Test
    void a_container_that_runs_without_what_was_decided_too_late_has_nothing() throws Exception {
        try (FakeRuntime runtime = runtime()) {
            runtime.requestTimeout = HURRIED;
            runtime.acceptAndConfigure();
            thinksLong(node.proceed(LinuxResources.NONE.withCpuset("2-3", "")));

            assertThat(runtime.createContainer(POD, CONTAINER).hasAdjust()).isFalse();
            gate.countDown();
            untilTold("create container-1", "failed");
        }
    }

    @Test
    void a_synchronize_that_takes_too_long_is_answered_and_goes_on_behind() throws Exception {
        try (FakeRuntime runtime = runtime()) {
            runtime.requestTimeout = HURRIED;
            runtime.accept();
            runtime.configure();
            thinksLong(node.proceed(null));

            assertThat(runtime.synchronize(List.of(POD), List.of(CONTAINER))).isEmpty();
            gate.countDown();
            untilTold("run sandbox-1", "succeeded sandbox-1", "create container-1", "succeeded container-1");
        }
    }

    @Test
    void a_fault_of_the_brain_refuses_who_asks_and_lets_others_pass() throws Exception {
        try (FakeRuntime runtime = runtime()) {
            runtime.acceptAndConfigure();
            node.verdict = () -> {
                throw new IllegalStateException("a fault");
            };
            assertThatThrownBy(() -> runtime.createContainer(ASKING, CONTAINER))
                    .hasMessageContaining("PodsliceError: a fault");
            assertThat(runtime.createContainer(POD, CONTAINER).hasAdjust()).isFalse();
        }
    }

    @Test
    void a_resize_that_is_under_way_when_the_runtime_goes_is_forgotten() throws Exception {
        try (FakeRuntime runtime = new FakeRuntime(fixture.socket, FakeRuntime.V0_12_2)) {
            runtime.acceptAndConfigure();
            runtime.updatePodSandbox(POD, DoorFixture.resources(2, 0, 0), DoorFixture.resources(1, 1, 1));
            runtime.hangUp();
            untilTold("resize sandbox-1", "failed");
        }
    }

    @Test
    void closing_the_door_hangs_up() throws Exception {
        try (FakeRuntime runtime = runtime()) {
            runtime.acceptAndConfigure();
            fixture.door.close();
            await().atMost(Duration.ofSeconds(30)).until(() -> !runtime.isConnected());
        }
    }
}
