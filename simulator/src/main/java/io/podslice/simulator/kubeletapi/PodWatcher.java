package io.podslice.simulator.kubeletapi;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.podsapi.v1alpha1.EventType;
import io.podslice.proto.podsapi.v1alpha1.WatchPodsEvent;
import io.podslice.simulator.pods.PodEvent;
import io.podslice.simulator.pods.PodManager;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One client of WatchPods. Events wait in a buffer of 100 while the initial list is written or the client reads slowly;
 * one that does not fit drops the client (facts: kubelet-apis 1.3).
 */
final class PodWatcher implements Runnable {
    private static final int BUFFER = 100;

    private final PodManager pods;
    private final ServerCallStreamObserver<WatchPodsEvent> stream;
    private final @Nullable KubeletFault fault;
    private final Queue<PodEvent> buffer = new ArrayDeque<>();
    private boolean dropped;
    private boolean gone;
    private int sent;

    PodWatcher(PodManager pods, ServerCallStreamObserver<WatchPodsEvent> stream, @Nullable KubeletFault fault) {
        this.pods = pods;
        this.stream = stream;
        this.fault = fault;
        stream.setOnReadyHandler(this::wake);
        stream.setOnCancelHandler(this::leave);
        stream.setOnCloseHandler(this::leave);
    }

    /** Registers, sends every pod, and then each change, until the client goes, lags or is cut. */
    @Override
    public void run() {
        Runnable end = pods.listen(this::offer);
        try {
            if (fault instanceof KubeletFault.Refuse(Status status)) {
                throw status.asRuntimeException();
            }
            for (Pod pod : pods.all()) {
                send(EventType.ADDED, pod);
            }
            send(EventType.INITIAL_SYNC_COMPLETE, null);
            while (true) {
                PodEvent event = take();
                send(type(event), event.pod());
            }
        } catch (WatchEnded e) {
            if (e.status != null) {
                stream.onError(e.status.asRuntimeException());
            }
        } catch (StatusRuntimeException e) {
            stream.onError(e);
        } finally {
            end.run();
        }
    }

    private static EventType type(PodEvent event) {
        return switch (event.kind()) {
            case ADDED -> EventType.ADDED;
            case MODIFIED -> EventType.MODIFIED;
            case DELETED -> EventType.DELETED;
        };
    }

    private synchronized void offer(PodEvent event) {
        if (buffer.size() < BUFFER) {
            buffer.add(event);
        } else {
            dropped = true;
        }
        notifyAll();
    }

    private synchronized PodEvent take() throws WatchEnded {
        waitFor(() -> !buffer.isEmpty() || dropped);
        PodEvent event = buffer.poll();
        if (event == null) {
            throw new WatchEnded(Status.RESOURCE_EXHAUSTED.withDescription("watch client channel closed"));
        }
        return event;
    }

    private void send(EventType type, @Nullable Pod pod) throws WatchEnded {
        if (fault instanceof KubeletFault.CutAfter(int events, Status status) && sent >= events) {
            throw new WatchEnded(status);
        }
        if (fault instanceof KubeletFault.SilentAfter(int events) && sent >= events) {
            waitFor(() -> false);
        }
        waitFor(stream::isReady);
        ByteString bytes = pod == null ? ByteString.EMPTY : pod.toByteString();
        stream.onNext(WatchPodsEvent.newBuilder()
                .setType(type)
                .setPod(Answers.alteration(fault).apply(bytes))
                .build());
        sent++;
    }

    /** Waits until a condition holds, or the client has gone. */
    private synchronized void waitFor(BooleanSupplier condition) throws WatchEnded {
        try {
            while (!gone && !condition.getAsBoolean()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WatchEnded(Status.UNAVAILABLE.withDescription("the kubelet ends"));
        }
        if (gone) {
            throw new WatchEnded(null);
        }
    }

    private synchronized void wake() {
        notifyAll();
    }

    /** Ends the watch without another word: the client, or the server, has gone. */
    synchronized void leave() {
        gone = true;
        notifyAll();
    }

    /** The end of a watch; without a status the client has gone. */
    private static final class WatchEnded extends Exception {
        private static final long serialVersionUID = 1;

        private final transient @Nullable Status status;

        WatchEnded(@Nullable Status status) {
            this.status = status;
        }
    }
}
