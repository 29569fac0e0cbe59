package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import java.util.Optional;

/**
 * The way in which podslice starts where its configuration asks for what the machine does not have.
 *
 * @param keepsServing true to serve with another configuration, since a node must not lose its runtime; false to end, so
 *     that a person at a terminal sees why
 * @param good the last configuration that was good
 */
public record StartMode(boolean keepsServing, Optional<Configuration> good) {
    /** Ends where the configuration does not fit. */
    public static final StartMode STRICT = new StartMode(false, Optional.empty());
}
