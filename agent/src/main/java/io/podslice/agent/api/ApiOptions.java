package io.podslice.agent.api;

import java.time.Duration;

/**
 * The settings of the node API that only tests change.
 *
 * @param idle the time without connections after which the server is shut down
 * @param watcherPatience the longest time for which a watcher may leave changes unread
 */
public record ApiOptions(Duration idle, Duration watcherPatience) {

    /** The settings on a node. */
    public static final ApiOptions DEFAULT = new ApiOptions(Duration.ofMinutes(1), Duration.ofSeconds(30));
}
