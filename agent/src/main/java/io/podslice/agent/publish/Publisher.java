package io.podslice.agent.publish;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.cluster.topology.TopologyObjects;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Keeps a node's NodeResourceTopology object as the node is: applies it when pods have changed, and once a minute whatever
 * has happened, so that an object that was lost or changed comes back. A failure is said once, and tried again. For one
 * thread.
 */
public final class Publisher {
    private final NodeReader reader;
    private final NodeApiClient client;
    private final TopologyObjects objects;
    private final boolean force;
    private final Times times;
    private final Notices notices;
    private final PrintWriter out;
    private String applied = "";

    /**
     * The times between two applications of the object.
     *
     * @param least the least time between two
     * @param most the time after which it is applied again though nothing has changed
     * @param firstPause the pause after a failure; it doubles with each further one, up to {@code most}
     */
    public record Times(Duration least, Duration most, Duration firstPause) {
        /** The times on a node. */
        public static final Times DEFAULT =
                new Times(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofSeconds(2));
    }

    /**
     * @param socket the node API's socket, for messages
     * @param objects writes the object
     * @param force true to take over fields that another producer has written
     * @param out takes a line for each object that differs from the one before
     * @param err takes a line for each failure that differs from the one before
     */
    public Publisher(
            Path socket,
            NodeApiClient client,
            TopologyObjects objects,
            boolean force,
            Times times,
            PrintWriter out,
            PrintWriter err) {
        this.notices = new Notices(err);
        this.reader = new NodeReader(socket, client, notices);
        this.client = client;
        this.objects = objects;
        this.force = force;
        this.times = times;
        this.out = out;
    }

    /**
     * Returns the object of a node as it is now, without an owner, and calls no API server.
     *
     * @param name the node's name in the cluster
     * @throws IOException if podslice does not answer
     */
    public static String object(Path socket, NodeApiClient client, String name, PrintWriter err) throws IOException {
        return TopologyObject.json(name, Optional.empty(), new NodeReader(socket, client, new Notices(err)).read());
    }

    /** Applies the object once; returns true if that succeeded. */
    public boolean once() {
        try {
            apply();
            notices.say("publish", "");
            return true;
        } catch (IOException e) {
            notices.say("publish", String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** Publishes until the thread is interrupted. */
    public void run() throws InterruptedException {
        int failures = 0;
        try (PodChanges changes = new PodChanges(client)) {
            while (true) {
                changes.forget();
                if (once()) {
                    failures = 0;
                    Thread.sleep(times.least());
                    changes.await(times.most().minus(times.least()));
                } else {
                    Thread.sleep(pause(failures++));
                }
            }
        }
    }

    /** Cut by a random part of up to half, so that the nodes of a cluster do not come back to a server at once. */
    private Duration pause(int failures) {
        long most = times.most().toNanos();
        long pause = Math.min(most, times.firstPause().toNanos() << Math.min(failures, 20));
        return Duration.ofNanos(
                pause <= 0
                        ? most
                        : (long) (pause * (1 - ThreadLocalRandom.current().nextDouble() / 2)));
    }

    private void apply() throws IOException {
        NodeReading reading = reader.read();
        String name = objects.nodeName();
        Optional<String> uid = uid(name);
        String json = TopologyObject.json(name, uid, reading);
        objects.apply(name, json, force);
        if (!json.equals(applied)) {
            applied = json;
            out.println("noderesourcetopology " + name + ": applied, revision "
                    + reading.node().getRevision());
            out.flush();
        }
    }

    private Optional<String> uid(String name) {
        try {
            Optional<String> uid = objects.nodeUid(name);
            notices.say(
                    "owner",
                    uid.isPresent()
                            ? ""
                            : "there is no node " + name + "; the object has no owner, and outlives its node");
            return uid;
        } catch (IOException e) {
            notices.say("owner", "the object has no owner, and outlives its node: " + e.getMessage());
            return Optional.empty();
        }
    }
}
