package io.podslice.agent.api;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCalls;
import io.podslice.cluster.kubelet.CallFailedException;
import io.podslice.cluster.podresources.PodResourcesRelay;
import io.podslice.cluster.podresources.PodResourcesRelay.Method;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.managers.pod.Printable;
import io.podslice.node.ManagedNode;
import io.podslice.proto.podresources.v1.PodResourcesListerGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The kubelet's service v1.PodResourcesLister on podslice's own socket. Requests and answers are bytes here: what a newer
 * kubelet adds to them passes.
 */
final class PodResourcesService {
    /** As long as the clients of the kubelet's own socket wait. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private static final int LONGEST_TEXT = 500;

    private final NodeDesk desk;
    private final Optional<PodResourcesRelay> relay;

    /** @param kubelet path of the kubelet's socket; empty where the configuration names none */
    PodResourcesService(NodeDesk desk, Optional<Path> kubelet) {
        this.desk = desk;
        this.relay = kubelet.map(PodResourcesRelay::new);
    }

    ServerServiceDefinition definition() {
        return ServerServiceDefinition.builder(PodResourcesListerGrpc.SERVICE_NAME)
                .addMethod(bytes(PodResourcesListerGrpc.getListMethod()), handler(Method.LIST))
                .addMethod(bytes(PodResourcesListerGrpc.getGetMethod()), handler(Method.GET))
                .addMethod(
                        bytes(PodResourcesListerGrpc.getGetAllocatableResourcesMethod()),
                        handler(Method.GET_ALLOCATABLE_RESOURCES))
                .build();
    }

    private static <Q, A> MethodDescriptor<byte[], byte[]> bytes(MethodDescriptor<Q, A> method) {
        return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(method.getFullMethodName())
                .build();
    }

    private ServerCallHandler<byte[], byte[]> handler(Method method) {
        return ServerCalls.asyncUnaryCall((request, caller) -> {
            byte[] answer;
            try {
                answer = answer(method, request);
            } catch (RuntimeException e) {
                caller.onError(Statuses.of(e).asRuntimeException());
                return;
            }
            caller.onNext(answer);
            caller.onCompleted();
        });
    }

    private byte[] answer(Method method, byte[] request) {
        Duration patience = patience();
        ManagedNode node = switch (desk.node(patience)) {
            case ApiNode.Managed(ManagedNode managed, var _) -> managed;
            case ApiNode.Opening() -> throw Statuses.opening();
            case ApiNode.Unmanaged(String problem) -> throw Statuses.unmanaged(problem);
        };
        PodResourcesRelay kubelet = relay.orElseThrow(() ->
                failed(Status.FAILED_PRECONDITION, "podResources: the configuration names no socket of the kubelet's"));
        try {
            return kubelet.answer(method, ByteBuffer.wrap(request), node::allocations, patience);
        } catch (CallFailedException e) {
            throw refused(e);
        } catch (UnreadableException e) {
            throw failed(Status.INTERNAL, "PodResources: the kubelet's answer cannot be used: " + e.getMessage());
        } catch (IOException e) {
            throw failed(Status.UNAVAILABLE, "PodResources: " + e.getMessage());
        }
    }

    /** The kubelet's own status stays, and of an unknown pod its text too, which clients look at. */
    private static StatusRuntimeException refused(CallFailedException e) {
        boolean unknownPod = e.code() == Status.Code.UNKNOWN.value();
        return failed(Status.fromCodeValue(e.code()), unknownPod ? e.text() : "PodResources: " + e.getMessage());
    }

    private static StatusRuntimeException failed(Status status, String text) {
        return status.withDescription(Printable.of(text, LONGEST_TEXT)).asRuntimeException();
    }

    /** Returns three quarters of the time that the caller waits, at most 10 s. */
    private static Duration patience() {
        Deadline deadline = Context.current().getDeadline();
        long left = deadline == null ? Long.MAX_VALUE : deadline.timeRemaining(TimeUnit.MILLISECONDS);
        return Duration.ofMillis(Math.max(1, Math.min(LONGEST.toMillis(), left / 4 * 3)));
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
