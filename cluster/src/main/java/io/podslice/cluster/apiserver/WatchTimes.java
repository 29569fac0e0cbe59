package io.podslice.cluster.apiserver;

import java.time.Duration;

/**
 * The times of the watch on the API server.
 *
 * @param answer the time for the head of an answer, and for a page of a list
 * @param initial the time until every pod has been sent that is there when a watch begins
 * @param silence the time without an event after which a watch is dead; the API server sends a bookmark about once a minute
 * @param doubt the time without an event after which a lookup asks the server in any case
 * @param arrival the longest time that a lookup waits for a pod to come by the watch, which is about as early as the
 *     kubelet's own
 * @param settle the time after which a watch that has begun again, and sends nothing, counts as caught up
 * @param length the time after which the server ends a watch; a random half of it is added
 * @param healthy the length of a watch that is no failure; after a shorter one comes a pause
 * @param firstPause the pause after the first failure; each one more doubles it
 * @param shortPause the longest pause while watches begin, and end before their time
 * @param longPause the longest pause while none begins
 */
record WatchTimes(
        Duration answer,
        Duration initial,
        Duration silence,
        Duration doubt,
        Duration arrival,
        Duration settle,
        Duration length,
        Duration healthy,
        Duration firstPause,
        Duration shortPause,
        Duration longPause) {

    /** The times in production. */
    static final WatchTimes DEFAULT = new WatchTimes(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofSeconds(75),
            Duration.ofMillis(200),
            Duration.ofMillis(500),
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            Duration.ofMillis(200),
            Duration.ofSeconds(2),
            Duration.ofSeconds(30));
}
