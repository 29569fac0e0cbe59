package io.podslice.cluster.fleet;

import io.podslice.cluster.apiserver.WatchItems;
import io.podslice.cluster.pod.PodMetadata;
import io.podslice.cluster.shard.ShardSelector;
import io.podslice.cluster.wire.UnreadableException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/** Gives the changes of a shard's pods on, whether the server leaves others out or not. For one thread. */
final class ShardChanges implements WatchItems {
    private final Optional<ShardSelector> shard;
    private final Follower<FleetPod> follower;

    ShardChanges(Optional<ShardSelector> shard, Follower<FleetPod> follower) {
        this.shard = shard;
        this.follower = follower;
    }

    @Override
    public void changed(ByteBuffer pod) {
        give(pod, follower::changed);
    }

    @Override
    public void deleted(ByteBuffer pod) {
        give(pod, follower::deleted);
    }

    @Override
    public void failed(String why) {
        follower.failed(why);
    }

    private void give(ByteBuffer pod, Consumer<FleetPod> to) {
        FleetPod read;
        try {
            PodMetadata metadata = PodMetadata.of(pod);
            if (shard.isPresent() && !shard.get().matches(metadata.uid(), metadata.namespace())) {
                return;
            }
            read = FleetPodReader.read(metadata, pod);
        } catch (UnreadableException e) {
            follower.failed("a pod cannot be read: " + e.getMessage());
            return;
        }
        to.accept(read);
    }
}
