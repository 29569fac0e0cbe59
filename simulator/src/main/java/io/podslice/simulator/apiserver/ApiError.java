package io.podslice.simulator.apiserver;

/** A request that is answered with the API's Status. */
final class ApiError extends Exception {
    private static final long serialVersionUID = 1;

    private final int code;
    private final String reason;

    /**
     * @param code the HTTP status
     * @param reason the Status' reason, e.g. Expired
     */
    ApiError(int code, String reason, String message) {
        super(message);
        this.code = code;
        this.reason = reason;
    }

    int code() {
        return code;
    }

    String reason() {
        return reason;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
