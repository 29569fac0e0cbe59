package io.podslice.integration.bench;

/** A measurement that could not be made: a process that did not start, a call that failed. */
final class BenchException extends RuntimeException {

    private static final long serialVersionUID = 1;

    BenchException(String message) {
        super(message);
    }

    BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
