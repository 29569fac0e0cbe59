package io.podslice.integration.fuzz;

/** What came through the tap breaks the protocol, or is not what was sent. */
final class Violation extends RuntimeException {

    private static final long serialVersionUID = 1;

    Violation(String message) {
        super(message);
    }

    Violation(String message, Throwable cause) {
        super(message, cause);
    }
}
