package io.podslice.agent.api;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.podslice.node.ManagedNode;
import io.podslice.node.NodeView;
import io.podslice.node.NodeView.PodView;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.proto.v1.GetPodRequest;
import io.podslice.proto.v1.GetPodResponse;
import io.podslice.proto.v1.ListPodsRequest;
import io.podslice.proto.v1.ListPodsResponse;
import io.podslice.proto.v1.NodeGrpc;
import io.podslice.proto.v1.PlanPodRequest;
import io.podslice.proto.v1.PlanPodResponse;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.ResizePodRequest;
import io.podslice.proto.v1.ResizePodResponse;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.proto.v1.StatusResponse;
import io.podslice.proto.v1.WatchPodsRequest;
import io.podslice.proto.v1.WatchPodsResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The calls of podslice.v1.Node. */
final class NodeService extends NodeGrpc.NodeImplBase implements AutoCloseable {
    /** The longest time for which a call waits for the state to be read. */
    private static final Duration LONGEST_OPENING = Duration.ofSeconds(30);

    private final NodeDesk desk;
    private final Duration patience;
    private @Nullable Watchers watchers;

    /**
     * @param desk the source of the answers
     * @param patience the longest time for which a watcher may leave changes unread
     */
    NodeService(NodeDesk desk, Duration patience) {
        this.desk = desk;
        this.patience = patience;
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> caller) {
        answer(caller, () -> NodeStatus.of(desk.node(patience()), desk.configuration()));
    }

    @Override
    public void getPod(GetPodRequest request, StreamObserver<GetPodResponse> caller) {
        answer(caller, () -> {
            ManagedNode node = managed();
            PodHistory history = desk.uptodate(node);
            PodView pod = Requests.pod(history.node(), "pod", request.getPod());
            return GetPodResponse.newBuilder()
                    .setPod(message(node, history.known(pod)))
                    .setRevision(history.revision())
                    .build();
        });
    }

    @Override
    public void listPods(ListPodsRequest request, StreamObserver<ListPodsResponse> caller) {
        answer(caller, () -> {
            PodFilter wanted = PodFilter.of(request.getNamespace(), request.getShardSelector());
            ManagedNode node = managed();
            PodHistory.Changes all = desk.uptodate(node).since(0, wanted);
            ListPodsResponse.Builder list = ListPodsResponse.newBuilder().setRevision(all.revision());
            wanted.info().ifPresent(list::setShardInfo);
            all.pods().forEach(pod -> list.addPods(message(node, pod)));
            return list.build();
        });
    }

    @Override
    public void watchPods(WatchPodsRequest request, StreamObserver<WatchPodsResponse> caller) {
        ServerCallStreamObserver<WatchPodsResponse> client = (ServerCallStreamObserver<WatchPodsResponse>) caller;
        try {
            if (request.getRevision() < 0) {
                throw Requests.invalid(
                        "revision", Long.toString(request.getRevision()), "must be greater than or equal to 0");
            }
            PodFilter wanted = PodFilter.of(request.getNamespace(), request.getShardSelector());
            ManagedNode node = managed();
            PodHistory history = desk.uptodate(node);
            Watchers watchers = watchers(node, history);
            Watcher watcher = new Watcher(
                    client, history, request.getRevision(), wanted, changes -> message(node, changes), patience);
            client.setOnReadyHandler(() -> watchers.advance(watcher));
            client.setOnCancelHandler(() -> watchers.remove(watcher));
            watchers.add(watcher);
        } catch (RuntimeException e) {
            client.onError(Statuses.of(e).asRuntimeException());
        }
    }

    @Override
    public void resizePod(ResizePodRequest request, StreamObserver<ResizePodResponse> caller) {
        answer(caller, () -> {
            ManagedNode node = managed();
            PodView pod = Requests.pod(desk.uptodate(node).node(), "pod", request.getPod());
            ResizeRequest asked = Requests.resize(request, pod, false);
            if (Context.current().isCancelled()) {
                throw Status.CANCELLED
                        .withDescription("the caller no longer waits for the answer; nothing has changed")
                        .asRuntimeException();
            }
            ResizeAnswer answer = node.resize(asked);
            ResizePodResponse.Builder response = ResizeOutcomes.response(answer);
            PodHistory history = desk.uptodate(node);
            NodeView after = history.node();
            after.pods().stream()
                    .filter(other -> other.uid().equals(pod.uid()))
                    .forEach(now -> response.setPod(message(node, history.known(now))));
            return response.build();
        });
    }

    @Override
    public void planPod(PlanPodRequest request, StreamObserver<PlanPodResponse> caller) {
        answer(caller, () -> {
            ManagedNode node = managed();
            if (!request.hasResize()) {
                throw Requests.invalid("change", "", "must name the change to plan: resize");
            }
            PodView pod = Requests.pod(
                    desk.uptodate(node).node(),
                    "resize.pod",
                    request.getResize().getPod());
            return ResizeOutcomes.plan(node.resize(Requests.resize(request.getResize(), pod, true)));
        });
    }

    private static Pod message(ManagedNode node, PodHistory.Known pod) {
        return Messages.pod(pod, node.actual(pod.pod()));
    }

    private static WatchPodsResponse.Builder message(ManagedNode node, PodHistory.Changes changes) {
        WatchPodsResponse.Builder message =
                WatchPodsResponse.newBuilder().setRevision(changes.revision()).setRelist(changes.relist());
        changes.pods().forEach(pod -> message.addPods(message(node, pod)));
        changes.removed().forEach(pod -> message.addRemoved(Messages.reference(pod)));
        return message;
    }

    private static <T> void answer(StreamObserver<T> caller, Supplier<T> answer) {
        T message;
        try {
            message = answer.get();
        } catch (RuntimeException e) {
            caller.onError(Statuses.of(e).asRuntimeException());
            return;
        }
        caller.onNext(message);
        caller.onCompleted();
    }

    /** Returns the brain; throws a status while it is opening or where there is none. */
    private ManagedNode managed() {
        return switch (desk.node(patience())) {
            case ApiNode.Managed(ManagedNode managed, var _) -> managed;
            case ApiNode.Opening() -> throw Statuses.opening();
            case ApiNode.Unmanaged(String problem) -> throw Statuses.unmanaged(problem);
        };
    }

    /**
     * Returns the time for which the caller's answer can wait until the state has been read: three quarters of the time
     * that the caller waits, at most half a minute.
     */
    private static Duration patience() {
        Deadline deadline = Context.current().getDeadline();
        long left = deadline == null ? Long.MAX_VALUE : deadline.timeRemaining(TimeUnit.MILLISECONDS);
        return Duration.ofMillis(Math.min(LONGEST_OPENING.toMillis(), left / 4 * 3));
    }

    private synchronized Watchers watchers(ManagedNode managed, PodHistory history) {
        if (watchers == null) {
            watchers = new Watchers(managed, history);
        }
        return watchers;
    }

    /** The number of clients that watch. */
    synchronized int watching() {
        return watchers == null ? 0 : watchers.count();
    }

    /** Ends every stream. */
    @Override
    public synchronized void close() {
        if (watchers != null) {
            watchers.close();
        }
    }
}
