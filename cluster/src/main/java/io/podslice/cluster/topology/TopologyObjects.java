package io.podslice.cluster.topology;

import io.podslice.cluster.ClusterOptions.ApiAccess;
import io.podslice.cluster.ServerAccess;
import io.podslice.cluster.apiserver.ApiException;
import io.podslice.cluster.apiserver.Deadline;
import io.podslice.cluster.apiserver.NodeName;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Writes a node's NodeResourceTopology object by server-side apply. Any thread may use it. */
public final class TopologyObjects implements AutoCloseable {
    /** The field manager under which the API server notes podslice's fields. */
    public static final String MANAGER = "podslice-publish";

    private static final String PATH = "/apis/topology.node.k8s.io/v1alpha2/noderesourcetopologies/";
    private static final String RESOURCE = "noderesourcetopologies.topology.node.k8s.io";
    private static final Duration CALL = Duration.ofSeconds(10);

    private final ServerAccess access;
    private final NodeName node;

    /**
     * Opens nothing yet; credentials are read with the first call.
     *
     * @param nodeName the node's name in the cluster; empty: the client certificate's, else the host name
     */
    public TopologyObjects(ApiAccess options, Optional<String> nodeName) {
        this.access = new ServerAccess(options);
        this.node = new NodeName(nodeName, Optional.of(access.server()));
    }

    /**
     * Returns the node's name in the cluster.
     *
     * @throws IOException if the host name cannot be read
     */
    public String nodeName() throws IOException {
        return node.get();
    }

    /**
     * Returns the uid of the node's Node object; empty if there is none.
     *
     * @throws IOException if the server does not answer in time, or with a failure
     */
    public Optional<String> nodeUid(String name) throws IOException {
        try {
            return access.server().nodeUid(name, Deadline.in(CALL));
        } catch (ApiException e) {
            throw e.code() == 403 ? new IOException(e.getMessage() + "; it needs the right to get nodes", e) : e;
        }
    }

    /**
     * Creates or changes the node's object.
     *
     * @param json the whole object, as far as podslice has a say in it
     * @param force true to take over fields that another manager has written
     * @throws IOException if the server does not take it; the message says what to do about it
     */
    public void apply(String name, String json, boolean force) throws IOException {
        try {
            access.server().apply(PATH, name, MANAGER, force, json, Deadline.in(CALL));
        } catch (ApiException e) {
            throw new IOException(e.getMessage() + advice(e, name), e);
        }
    }

    private static String advice(ApiException e, String name) {
        return switch (e.code()) {
            case 401 -> "; the credentials are not taken: an expired token, or another cluster's";
            case 403 -> "; it needs the rights to create and patch " + RESOURCE;
            case 404 -> "; the cluster lacks the CustomResourceDefinition of " + RESOURCE + ", version v1alpha2";
            case 409 ->
                "; another producer writes the object " + name
                        + ": end it on this node, for example node-feature-discovery's topology updater, or take the"
                        + " object over with --force";
            default -> "";
        };
    }

    /** Ends every connection. */
    @Override
    public void close() {
        access.close();
    }
}
