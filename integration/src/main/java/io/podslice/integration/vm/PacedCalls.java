package io.podslice.integration.vm;

import io.grpc.StatusRuntimeException;
import io.podslice.proto.cri.v1.ListPodSandboxRequest;
import io.podslice.proto.cri.v1.PodSandboxStatusRequest;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.simulator.cri.CriClient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Calls at a fixed pace, each begun whether those before it have ended or not, as many clients' calls come. */
final class PacedCalls implements AutoCloseable {
    private final CriClient cri;
    private final String sandboxId;
    private final long paceNanos;
    private final AtomicInteger made = new AtomicInteger();
    private final List<String> failed = new CopyOnWriteArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread pace;

    /**
     * Begins.
     *
     * @param sandboxId a pod that is asked about
     * @param perSecond calls a second
     */
    PacedCalls(CriClient cri, String sandboxId, int perSecond) {
        this.cri = cri;
        this.sandboxId = sandboxId;
        this.paceNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.pace = Thread.ofPlatform().start(this::run);
    }

    private void run() {
        long next = System.nanoTime();
        while (!over.get()) {
            int number = made.getAndIncrement();
            callers.execute(() -> call(number));
            next += paceNanos;
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    private void call(int number) {
        try {
            switch (number % 3) {
                case 0 -> {
                    var _ = cri.runtime().version(VersionRequest.getDefaultInstance());
                }
                case 1 -> {
                    var _ = cri.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
                }
                default -> {
                    var _ = cri.runtime()
                            .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                                    .setPodSandboxId(sandboxId)
                                    .build());
                }
            }
        } catch (StatusRuntimeException e) {
            failed.add(number + ": " + e.getStatus());
        }
    }

    int made() {
        return made.get();
    }

    /** Returns the status of each call that failed; after {@link #close} of all. */
    List<String> failed() {
        return List.copyOf(failed);
    }

    /** Makes no more calls, and waits for those under way. */
    @Override
    public void close() {
        over.set(true);
        try {
            pace.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        callers.close();
    }
}
