package io.podslice.agent.api;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.managers.pod.Printable;
import io.podslice.node.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Translates failures to gRPC statuses; the only place that does. */
final class Statuses {
    private static final Logger LOG = LoggerFactory.getLogger(Statuses.class);

    private Statuses() {}

    /** Returns the status of an exception; an unexpected one is INTERNAL, and logged. */
    static Status of(RuntimeException failure) {
        if (failure instanceof StatusRuntimeException meant) {
            return meant.getStatus();
        }
        LOG.error("{}", String.valueOf(failure.getMessage()), failure);
        return Status.INTERNAL.withDescription(Printable.of(failure.getMessage()));
    }

    static StatusRuntimeException failed(Status status, Refusal refusal) {
        return status.withDescription(refusal.text()).asRuntimeException();
    }

    static StatusRuntimeException opening() {
        return Status.UNAVAILABLE
                .withDescription("podslice is still reading its state; call again")
                .asRuntimeException();
    }

    static StatusRuntimeException unmanaged(String problem) {
        return Status.FAILED_PRECONDITION
                .withDescription("podslice manages no pods on this node: " + problem)
                .asRuntimeException();
    }
}
