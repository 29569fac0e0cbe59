package io.podslice.integration.bench;

import io.podslice.nri.ttrpc.TtrpcException;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.Event;
import io.podslice.simulator.nri.NriPod;
import io.podslice.simulator.nri.NriRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A runtime's NRI beside the calls: pods that run when the plugin comes, and lives of others in each round. They ask for
 * nothing, as most pods do, for podslice refuses others where this machine has no cgroup v2.
 */
final class NriLoad implements Beside, AutoCloseable {
    private static final int RUNNING = 100;
    private static final int LIVES_A_ROUND = 5;

    private final NriRuntime runtime;
    private int lives;

    /** @param socket on which the plugin finds its runtime */
    NriLoad(Path socket) {
        try {
            // Longer than containerd's 2 s: on a busy machine an event must not be given up.
            runtime = new NriRuntime(socket, Duration.ofSeconds(30));
        } catch (IOException e) {
            throw new BenchException("cannot listen on " + socket, e);
        }
    }

    @Override
    public void begin() {
        List<NriPod> pods = new ArrayList<>();
        for (int i = 0; i < RUNNING; i++) {
            pods.add(pod("runs-" + i));
        }
        called(() -> {
            var _ = runtime.accept(
                    pods.stream().map(NriPod::sandbox).toList(),
                    pods.stream().flatMap(pod -> pod.containers().stream()).toList());
        });
    }

    @Override
    public void round() {
        for (int i = 0; i < LIVES_A_ROUND; i++) {
            live(pod("comes-" + lives++));
        }
    }

    private static NriPod pod(String name) {
        NriPod asks = NriPod.of(name, NriPod.Kind.SHARED);
        return new NriPod(asks.sandbox().toBuilder().clearAnnotations().build(), asks.containers(), asks.cgroup());
    }

    private void live(NriPod pod) {
        called(() -> {
            runtime.tell(Event.RUN_POD_SANDBOX, pod.sandbox(), null);
            for (Container container : pod.containers()) {
                var _ = runtime.createContainer(pod.sandbox(), container);
            }
            for (Container container : pod.containers()) {
                runtime.stopContainer(pod.sandbox(), container);
                runtime.tell(Event.REMOVE_CONTAINER, pod.sandbox(), container);
            }
            runtime.tell(Event.STOP_POD_SANDBOX, pod.sandbox(), null);
            runtime.tell(Event.REMOVE_POD_SANDBOX, pod.sandbox(), null);
        });
    }

    private interface Call {
        void run() throws IOException, InterruptedException, TtrpcException;
    }

    private static void called(Call call) {
        try {
            call.run();
        } catch (IOException | TtrpcException e) {
            throw new BenchException("the plugin does not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }

    @Override
    public void close() {
        try {
            runtime.close();
        } catch (IOException e) {
            throw new BenchException("cannot close the runtime's NRI", e);
        }
    }
}
