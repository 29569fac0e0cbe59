package io.podslice.integration.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.agent.config.ClusterConfiguration.RefusedPods;
import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.proto.core.v1.Pod;
import io.podslice.simulator.apiserver.ApiFault;
import io.podslice.simulator.kubeletapi.KubeletFault;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A row of the table of source faults.
 *
 * @param name what is wrong
 * @param way the way in which podslice learns of pods
 * @param options changes the node's properties
 * @param fault makes it go wrong, before the pods are started
 * @param source the source of the spec of a pod that is started then, as status names it
 */
record SourceFault(String name, Way way, UnaryOperator<Options> options, Fault fault, String source) {
    /** Short, since many rows wait for its end; long enough for a loaded machine. */
    private static final Duration LOOKUP = Duration.ofSeconds(2);

    /** Makes a source go wrong. */
    interface Fault {
        void strike(ClusterNode node) throws IOException;
    }

    static SourceFault row(String name, Way way, String source, Fault fault) {
        return new SourceFault(name, way, UnaryOperator.identity(), fault, source);
    }

    SourceFault on(UnaryOperator<Options> other) {
        return new SourceFault(name, way, other, fault, source);
    }

    Options node() {
        return options.apply(Options.of(way).with(RefusedPods.RETRY).lookingUpFor(LOOKUP));
    }

    /** Lets the call of the Pods API go wrong each time. */
    static Fault kubelet(String method, KubeletFault fault) {
        return node -> node.cluster.podsApi().faults().always(method, fault);
    }

    /** Lets the Pods API send other bytes in place of each pod. */
    static Fault kubeletSends(UnaryOperator<ByteString> bytes) {
        return node -> {
            node.cluster.podsApi().faults().always("GetPod", new KubeletFault.Alter(bytes));
            node.cluster.podsApi().faults().always("WatchPods", new KubeletFault.Alter(bytes));
        };
    }

    /** Lets every request to the API server go wrong each time. */
    static Fault server(ApiFault fault) {
        return node -> {
            for (ApiFault.Request request : ApiFault.Request.values()) {
                node.cluster.apiServer().faults().always(request, fault);
            }
            node.cluster.apiServer().cutWatches();
        };
    }

    /** Lets such a request to the API server go wrong each time. */
    static Fault server(ApiFault.Request request, ApiFault fault) {
        return node -> {
            node.cluster.apiServer().faults().always(request, fault);
            node.cluster.apiServer().cutWatches();
        };
    }

    /** Returns what changes a pod's message into another. */
    static UnaryOperator<ByteString> pod(Function<Pod, Pod> change) {
        return bytes -> {
            try {
                return change.apply(Pod.parseFrom(bytes)).toByteString();
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    @Override
    public String toString() {
        return way + ": " + name;
    }
}
