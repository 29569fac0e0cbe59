package io.podslice.simulator.kubeletapi;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.podslice.proto.channel.UnixChannels;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.podresources.v1.PodResourcesListerGrpc;
import io.podslice.proto.podsapi.v1alpha1.GetPodRequest;
import io.podslice.proto.podsapi.v1alpha1.ListPodsRequest;
import io.podslice.proto.podsapi.v1alpha1.PodsGrpc;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A connection to one of the kubelet's sockets. */
final class KubeletClient implements AutoCloseable {
    private final EventLoopGroup loop = UnixChannels.eventLoop();
    private final ManagedChannel channel;

    KubeletClient(Path socket) {
        channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelFactory(UnixChannels::connecting)
                .eventLoopGroup(loop)
                .usePlaintext()
                .overrideAuthority("localhost")
                .build();
    }

    PodsGrpc.PodsBlockingStub pods() {
        return PodsGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    PodsGrpc.PodsStub watching() {
        return PodsGrpc.newStub(channel);
    }

    PodResourcesListerGrpc.PodResourcesListerBlockingStub resources() {
        return PodResourcesListerGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    Pod get(String uid) {
        return parsed(
                pods().getPod(GetPodRequest.newBuilder().setPodUID(uid).build()).getPod());
    }

    List<Pod> list() {
        return pods().listPods(ListPodsRequest.getDefaultInstance()).getPodsList().stream()
                .map(KubeletClient::parsed)
                .toList();
    }

    static Pod parsed(ByteString bytes) {
        try {
            return Pod.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
