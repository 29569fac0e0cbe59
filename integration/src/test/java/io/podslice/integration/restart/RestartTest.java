package io.podslice.integration.restart;

import static io.podslice.integration.restart.HeldServe.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.ListContainersRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.simulator.cri.CriClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A {@code podslice serve} that has its socket from another process, as from systemd: a restart refuses no client and
 * fails no call.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class RestartTest {
    private static final int CLIENTS = 4;
    private static final int RESTARTS = 4;

    private final Map<Status.Code, AtomicInteger> seen = new ConcurrentHashMap<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private volatile boolean over;

    @SuppressWarnings("NullAway.Init")
    private HeldServe serve;

    @BeforeEach
    void aRuntime() throws Exception {
        serve = new HeldServe();
    }

    @AfterEach
    void end() throws Exception {
        over = true;
        serve.end();
    }

    /** Calls one after the other until the test is over: two that pass, and one that podslice holds. */
    private void call(CriClient client) {
        for (int i = 0; !over; i++) {
            try {
                switch (i % 3) {
                    case 0 -> client.runtime().version(VersionRequest.getDefaultInstance());
                    case 1 -> client.runtime().listContainers(ListContainersRequest.getDefaultInstance());
                    default ->
                        client.runtime()
                                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                                        .setContainerId("none")
                                        .setLinux(LinuxContainerResources.newBuilder()
                                                .setCpuShares(2))
                                        .build());
                }
                count(Status.Code.OK);
            } catch (StatusRuntimeException e) {
                count(e.getStatus().getCode());
                if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                    failures.add(e.getStatus().toString());
                }
            }
        }
    }

    private void count(Status.Code code) {
        seen.computeIfAbsent(code, of -> new AtomicInteger()).incrementAndGet();
    }

    private int calls() {
        return seen.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    @Test
    void noCallFailsAcrossRestarts() throws Exception {
        Path socket = serve.socket;
        serve.start(socket, serve.config(socket, ""));
        serve.podslice(1); // so that the socket listens; no client is refused from here on
        List<Thread> callers = new ArrayList<>();
        List<CriClient> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            CriClient client = new CriClient(socket, PATIENCE);
            clients.add(client);
            callers.add(Thread.ofPlatform().daemon().start(() -> call(client)));
        }

        for (int life = 1; life <= RESTARTS; life++) {
            ProcessHandle podslice = serve.podslice(life);
            int before = calls();
            await().atMost(PATIENCE).until(() -> calls() > before + 10 * CLIENTS || !failures.isEmpty());
            HeldServe.signal("TERM", podslice);
            podslice.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(socket).exists();
        }
        int before = calls();
        await().atMost(PATIENCE).until(() -> calls() > before + 10 * CLIENTS || !failures.isEmpty());
        over = true;
        for (Thread caller : callers) {
            assertThat(caller.join(PATIENCE)).isTrue();
        }
        clients.forEach(CriClient::close);

        assertThat(failures)
                .as("of %s calls; podslice says %s", seen, serve.lines)
                .isEmpty();
        assertThat(serve.linesThatBegin("ended ")).containsOnly("ended 0").hasSize(RESTARTS);
        assertThat(seen).containsOnlyKeys(Status.Code.OK, Status.Code.NOT_FOUND);
        assertThat(serve.lines)
                .as("what is logged after the socket was let go of is not lost")
                .anySatisfy(line -> assertThat(line).endsWith("stopped"));
    }

    @Test
    void aSocketAtAnotherAddressIsRefusedWithBoth() throws Exception {
        Path held = serve.folder.resolve("held.sock");
        Path configured = serve.socket;
        serve.start(held, serve.config(configured, ""));

        serve.awaitLines("ended ", 1);

        assertThat(serve.linesThatBegin("ended ").getFirst()).isEqualTo("ended 1");
        assertThat(serve.lines)
                .contains("podslice serve: shim.listen unix://" + configured
                        + ": the service manager has handed down a socket that listens on " + held
                        + "; set ListenStream= of podslice.socket or shim.listen to the other's path");
        assertThat(configured).doesNotExist();
    }
}
