package io.podslice.agent.api;

import java.time.Duration;

/**
 * What may be set of the node API, by tests only.
 *
 * @param idle how long nobody is connected before the server is shut down
 * @param watcherPatience how long a watcher may leave something unread
 */
public record ApiOptions(Duration idle, Duration watcherPatience) {

    /** As it runs on a node. */
    public static final ApiOptions DEFAULT = new ApiOptions(Duration.ofMinutes(1), Duration.ofSeconds(30));
}
