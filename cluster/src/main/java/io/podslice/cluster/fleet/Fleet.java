package io.podslice.cluster.fleet;

import io.podslice.cluster.ClusterOptions.ApiAccess;
import io.podslice.cluster.ServerAccess;
import io.podslice.cluster.apiserver.ApiException;
import io.podslice.cluster.apiserver.ObjectList;
import io.podslice.cluster.apiserver.ObjectWatch;
import io.podslice.cluster.shard.ShardSelector;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads the nodes and pods of a cluster from its API server. No more than one object is held at a time. Where a shard is wanted
 * the server is asked for it, and each object is looked at again by its hash: a server that does not know shards sends
 * everything. For one thread.
 */
public final class Fleet implements AutoCloseable {
    /** The most objects in a page, as kubectl asks for. */
    public static final int PAGE = 500;

    private static final String PODS = "/api/v1/pods";
    private static final String TOPOLOGIES = "/apis/topology.node.k8s.io/v1alpha2/noderesourcetopologies";

    private final ServerAccess access;
    private final Optional<ShardSelector> shard;
    private final ObjectList.Times times;

    /**
     * Calls nothing yet; credentials are read with the first call.
     *
     * @param shard the part of each collection that is wanted; empty for all
     */
    public Fleet(ApiAccess access, Optional<ShardSelector> shard) {
        this(access, shard, ObjectList.Times.DEFAULT);
    }

    /** @param times the times of a list, which tests choose */
    Fleet(ApiAccess access, Optional<ShardSelector> shard, ObjectList.Times times) {
        this.access = new ServerAccess(access);
        this.shard = shard;
        this.times = times;
    }

    /**
     * Reads the pods, in order of namespace and name.
     *
     * @param node the node whose pods are wanted; empty for all pods
     * @throws IOException if the server does not answer in time, or with a failure; the message says what to do about it
     */
    public FleetCount pods(Optional<String> node, Taker<FleetPod> taker) throws IOException {
        return read(path(node), true, new ShardItems.OfPods(shard, taker), "pods");
    }

    /**
     * Reads the pods, and then follows their changes until the thread is interrupted. Where the server no longer has all changes
     * since the last one, the pods are read anew.
     *
     * @param node the node whose pods are wanted; empty for all pods
     * @throws IOException if the pods cannot be read, or may not be watched; the message says what to do about it
     * @throws InterruptedException if the thread is interrupted
     */
    public void follow(Optional<String> node, Follower<FleetPod> follower) throws IOException, InterruptedException {
        while (true) {
            FleetCount count = pods(node, follower);
            String version = count.outcome().version();
            if (version.isEmpty()) {
                throw new IOException("the API server sends a list without a resource version");
            }
            follower.complete(count);
            try {
                new ObjectWatch(access.server(), path(node), shard, version).follow(new ShardChanges(shard, follower));
            } catch (ApiException e) {
                if (!e.isExpired()) {
                    throw new IOException(e.getMessage() + advice(e, "list and watch", "pods"), e);
                }
                Thread.sleep(times.pause());
            }
        }
    }

    private static String path(Optional<String> node) {
        return PODS
                + node.map(name ->
                                "?fieldSelector=" + URLEncoder.encode("spec.nodeName=" + name, StandardCharsets.UTF_8))
                        .orElse("");
    }

    /**
     * Reads the NodeResourceTopology objects, in order of the nodes' names.
     *
     * @throws IOException if the server does not answer in time, or with a failure; the message says what to do about it
     */
    public FleetCount nodes(Taker<FleetNode> taker) throws IOException {
        return read(
                TOPOLOGIES, false, new ShardItems.OfNodes(shard, taker), "noderesourcetopologies.topology.node.k8s.io");
    }

    private FleetCount read(String path, boolean inProtobuf, ShardItems<?> items, String resource) throws IOException {
        ObjectList list = new ObjectList(access.server(), path, inProtobuf, shard, PAGE, times);
        try {
            return items.count(list.read(items));
        } catch (ApiException e) {
            throw new IOException(e.getMessage() + advice(e, "list", resource), e);
        }
    }

    private static String advice(ApiException e, String verbs, String resource) {
        return switch (e.code()) {
            case 401 -> "; the credentials are not taken: an expired token, or another cluster's";
            case 403 -> "; it needs the right to " + verbs + " " + resource;
            case 404 -> "; the cluster lacks the CustomResourceDefinition of " + resource + ", version v1alpha2";
            default -> "";
        };
    }

    /** Ends every connection. */
    @Override
    public void close() {
        access.close();
    }
}
