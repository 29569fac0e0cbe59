package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.podslice.agent.Agent;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.cri.v1.ContainerFilter;
import io.podslice.proto.cri.v1.ContainerState;
import io.podslice.proto.cri.v1.ContainerStateValue;
import io.podslice.proto.cri.v1.ListContainersRequest;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** containerd and podslice restart while 20 containers run that share their pod's one exclusive CPU. */
@Tag("nri")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class NriRestartTest {
    private static final int RUNNING = 20;
    private static final int MOST = 120;
    private static final String CPU = "0";

    private final NriHost host = new NriHost();
    private final PodSandboxConfig pod = NriHost.crowd("crowd", MOST);
    private String sandbox = "";
    private Map<String, Long> pids = Map.of();

    NriRestartTest() throws IOException {}

    @AfterEach
    void stop() throws IOException, InterruptedException {
        host.stop();
    }

    private void startAll() throws IOException {
        sandbox = NriHost.run(host.cri(), pod);
        pids = new TreeMap<>();
        for (int i = 0; i < RUNNING; i++) {
            String id = NriHost.start(host.cri(), sandbox, pod, "c" + i);
            pids.put(id, host.pid(id));
        }
        assertAllPinned();
    }

    private List<String> running() {
        return host
                .cri()
                .runtime()
                .listContainers(ListContainersRequest.newBuilder()
                        .setFilter(ContainerFilter.newBuilder()
                                .setPodSandboxId(sandbox)
                                .setState(ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING)))
                        .build())
                .getContainersList()
                .stream()
                .map(container -> container.getId())
                .toList();
    }

    /** Checks that each container is on the pod's CPU, which is in no other pool. */
    private void assertAllPinned() throws IOException {
        for (String id : running()) {
            assertThat(NriHost.allowed(host.pid(id))).as(id).isEqualTo(CPU);
        }
        CpuSet others = CpuSet.parse(host.kernel.read(new CgroupPath("/kubepods/besteffort"), "cpuset.cpus.effective"));
        assertThat(others).isEqualTo(CpuSet.parse(NriHost.all()).minus(CpuSet.parse(CPU)));
    }

    private void assertNobodyWasStartedAnew() throws IOException {
        for (Map.Entry<String, Long> container : pids.entrySet()) {
            assertThat(host.pid(container.getKey())).isEqualTo(container.getValue());
        }
        assertThat(running()).containsAll(pids.keySet());
    }

    /** Starts containers of the pod one after the other, ignoring the runtime's errors, until it is closed. */
    private final class Load implements AutoCloseable {
        final AtomicInteger started = new AtomicInteger();
        private volatile boolean over;
        private final Thread thread = Thread.ofVirtual().start(this::run);

        private void run() {
            // A container that failed half way keeps its name reserved.
            for (int i = RUNNING; i < MOST && !over; i++) {
                try {
                    var _ = NriHost.start(host.cri(), sandbox, pod, "c" + i);
                    started.incrementAndGet();
                } catch (StatusRuntimeException e) {
                    pause();
                }
            }
        }

        private void pause() {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                over = true;
            }
        }

        void awaitMore(int count) {
            int before = started.get();
            await().atMost(NriHost.TIMEOUT).until(() -> started.get() >= before + count);
        }

        void stop() throws InterruptedException {
            close();
            thread.join();
        }

        @Override
        public void close() {
            over = true;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void containerdIsKilledAndStartedAgainUnderLoad(String version) throws Exception {
        host.startContainerd(version);
        host.startAgent();
        startAll();

        try (CpuWatch watch = new CpuWatch(pids.values(), CPU);
                Load load = new Load()) {
            load.awaitMore(3);
            int before = host.synchronizations();
            host.containerd().restart();
            await().atMost(NriHost.TIMEOUT).until(() -> host.synchronizations() > before);
            load.awaitMore(5);
            load.stop();

            await().atMost(NriHost.TIMEOUT).untilAsserted(this::assertAllPinned);
            assertThat(running()).hasSizeGreaterThanOrEqualTo(RUNNING + 8);
            assertThat(watch.disturbed()).isEmpty();
        }
        assertNobodyWasStartedAnew();
        host.remove(sandbox);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "1.7"})
    void podsliceGoesAndComesAgainUnderLoad(String version) throws Exception {
        host.startContainerd(version);
        Agent first = host.startAgent();
        startAll();

        try (CpuWatch watch = new CpuWatch(pids.values(), CPU);
                Load load = new Load()) {
            load.awaitMore(3);
            first.close();
            // Without podslice these are not pinned.
            load.awaitMore(3);
            host.startAgent();
            load.awaitMore(3);
            load.stop();

            await().atMost(NriHost.TIMEOUT).untilAsserted(this::assertAllPinned);
            assertThat(running()).hasSizeGreaterThanOrEqualTo(RUNNING + 9);
            assertThat(watch.disturbed()).isEmpty();
        }
        assertNobodyWasStartedAnew();
        host.remove(sandbox);
    }
}
