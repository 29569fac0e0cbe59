package io.podslice.agent.config;

/** A configuration that is right in itself, but not on this machine. */
public final class UnfitConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UnfitConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
