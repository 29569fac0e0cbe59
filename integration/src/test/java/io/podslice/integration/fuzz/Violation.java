package io.podslice.integration.fuzz;

/** A breach of the protocol, or a difference between the bytes sent and received through the tap. */
final class Violation extends RuntimeException {

    private static final long serialVersionUID = 1;

    Violation(String message) {
        super(message);
    }

    Violation(String message, Throwable cause) {
        super(message, cause);
    }
}
