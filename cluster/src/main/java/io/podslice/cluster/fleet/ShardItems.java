package io.podslice.cluster.fleet;

import io.podslice.cluster.apiserver.ListItems;
import io.podslice.cluster.apiserver.ObjectList;
import io.podslice.cluster.document.DocumentNode;
import io.podslice.cluster.document.PodDocument;
import io.podslice.cluster.pod.PodMetadata;
import io.podslice.cluster.shard.ShardSelector;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Gives the objects of a shard on, whether the server has left others out or not, and counts what it gets. For one thread.
 *
 * @param <T> the objects
 */
abstract class ShardItems<T> implements ListItems {
    private static final int LONGEST = 200;

    private final Optional<ShardSelector> shard;
    private final Taker<T> taker;
    private int objects;
    private int others;
    private int unreadable;
    private String firstProblem = "";

    ShardItems(Optional<ShardSelector> shard, Taker<T> taker) {
        this.shard = shard;
        this.taker = taker;
    }

    @Override
    public final void begin() {
        objects = 0;
        others = 0;
        unreadable = 0;
        firstProblem = "";
        taker.begin();
    }

    /** Tells if an object is in the shard; one that is not is counted. */
    final boolean isIn(String uid, String namespace) {
        if (shard.isEmpty() || shard.get().matches(uid, namespace)) {
            return true;
        }
        others++;
        return false;
    }

    final void give(T object) {
        objects++;
        taker.take(object);
    }

    final void leaveOut(UnreadableException e) {
        unreadable++;
        if (firstProblem.isEmpty()) {
            firstProblem = Printable.of(String.valueOf(e.getMessage()), LONGEST);
        }
    }

    final FleetCount count(ObjectList.Outcome outcome) {
        return new FleetCount(objects, others, unreadable, firstProblem, outcome);
    }

    /** Gives pods on. */
    static final class OfPods extends ShardItems<FleetPod> {
        OfPods(Optional<ShardSelector> shard, Taker<FleetPod> taker) {
            super(shard, taker);
        }

        @Override
        public void message(ByteBuffer object) {
            try {
                PodMetadata metadata = PodMetadata.of(object);
                if (isIn(metadata.uid(), metadata.namespace())) {
                    give(FleetPodReader.read(metadata, object));
                }
            } catch (UnreadableException e) {
                leaveOut(e);
            }
        }

        @Override
        public void document(DocumentNode object) {
            try {
                message(PodDocument.encoded(object));
            } catch (IOException e) {
                leaveOut(new UnreadableException("", String.valueOf(e.getMessage())));
            }
        }
    }

    /** Gives the nodes of NodeResourceTopology objects on. */
    static final class OfNodes extends ShardItems<FleetNode> {
        private final FleetNodeReader reader = new FleetNodeReader();

        OfNodes(Optional<ShardSelector> shard, Taker<FleetNode> taker) {
            super(shard, taker);
        }

        @Override
        public void message(ByteBuffer object) throws IOException {
            throw new IOException("the API server sends a custom resource in protobuf");
        }

        @Override
        public void document(DocumentNode object) {
            try {
                if (isIn(object.get("metadata").get("uid").text(), "")) {
                    give(reader.read(object));
                }
            } catch (UnreadableException e) {
                leaveOut(e);
            }
        }
    }
}
