package io.podslice.simulator.runtime;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.podslice.cgroups.CgroupException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs each call's work under the state's lock, with the fault planned for it, and turns errors into gRPC statuses. */
final class CallRunner {
    private final RuntimeState state;
    private final Faults faults;
    private final Runnable die;

    CallRunner(RuntimeState state, Faults faults, Runnable die) {
        this.state = state;
        this.faults = faults;
        this.die = die;
    }

    <T> void run(String method, StreamObserver<T> reply, Function<Midpoint, T> work) {
        Fault fault = faults.take(method);
        if (fault instanceof Fault.Hang) {
            return;
        }
        try {
            if (fault instanceof Fault.Refuse(Status status)) {
                throw status.asRuntimeException();
            }
            T answer;
            synchronized (state) {
                answer = work.apply(() -> strike(fault));
            }
            if (!(fault instanceof Fault.NoAnswer)) {
                reply.onNext(answer);
                reply.onCompleted();
            }
        } catch (StatusRuntimeException e) {
            if (!(fault instanceof Fault.Die)) {
                reply.onError(e);
            }
        } catch (CgroupException e) {
            reply.onError(Status.UNKNOWN
                    .withDescription("failed to create containerd task: OCI runtime failed: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException());
        }
    }

    private void strike(@Nullable Fault fault) {
        switch (fault) {
            case Fault.HalfWay(Status status) -> throw status.asRuntimeException();
            case Fault.Die() -> {
                die.run();
                throw Status.UNAVAILABLE.withDescription("the runtime died").asRuntimeException();
            }
            case Fault.Refuse refuse -> {}
            case Fault.NoAnswer noAnswer -> {}
            case Fault.Hang hang -> {}
            case null -> {}
        }
    }
}
