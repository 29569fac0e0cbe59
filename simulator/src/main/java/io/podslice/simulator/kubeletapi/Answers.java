package io.podslice.simulator.kubeletapi;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Answers unary calls, with the fault planned for each. */
final class Answers {
    private final KubeletFaults faults;

    Answers(KubeletFaults faults) {
        this.faults = faults;
    }

    /** @param work makes the answer; gets what it must do to the bytes of each pod */
    <T> void answer(String method, StreamObserver<T> reply, Function<UnaryOperator<ByteString>, T> work) {
        KubeletFault fault = faults.take(method);
        if (fault instanceof KubeletFault.Hang) {
            return;
        }
        try {
            if (fault instanceof KubeletFault.Refuse(Status status)) {
                throw status.asRuntimeException();
            }
            if (fault instanceof KubeletFault.Late(Duration by)) {
                pause(by);
            }
            reply.onNext(work.apply(alteration(fault)));
            reply.onCompleted();
        } catch (StatusRuntimeException e) {
            reply.onError(e);
        }
    }

    static UnaryOperator<ByteString> alteration(@Nullable KubeletFault fault) {
        return fault instanceof KubeletFault.Alter(UnaryOperator<ByteString> bytes) ? bytes : UnaryOperator.identity();
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Status.UNAVAILABLE
                    .withDescription("the kubelet ends")
                    .withCause(e)
                    .asRuntimeException();
        }
    }
}
