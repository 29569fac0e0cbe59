package io.podslice.shim.tap;

import io.podslice.grpc.http2.Frames;
import io.podslice.shim.tap.Peer.Frame;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A tap between two peers that are driven by hand. */
final class Junction implements AutoCloseable {
    final Peer client;
    final Peer runtime;
    final Thread tapping;

    Junction(Map<String, Interception> interceptions) throws IOException {
        this(interceptions, TapOptions.defaults());
    }

    Junction(Map<String, Interception> interceptions, TapOptions options) throws IOException {
        SocketChannel[] front = pair();
        SocketChannel[] rear = pair();
        client = new Peer(front[0]);
        runtime = new Peer(rear[1]);
        Tap tap = new Tap(interceptions, options);
        tapping = Thread.ofPlatform().daemon().start(() -> tap.join(front[1], rear[0]));
    }

    /** Two ends of a connection. */
    static SocketChannel[] pair() throws IOException {
        Path folder = Files.createTempDirectory("tap");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(address);
            SocketChannel[] pair = {SocketChannel.open(address), listening.accept()};
            Files.delete(address.getPath());
            Files.delete(folder);
            return pair;
        }
    }

    /** Preface and SETTINGS of both peers, acknowledged. Pairs of setting and value. */
    Junction started(int[] clientSettings, int[] runtimeSettings) throws Exception {
        client.send(Frames.preface(), Frames.settings(clientSettings));
        runtime.send(Frames.settings(runtimeSettings));
        runtime.bytes(Frames.PREFACE.length());
        expect(runtime, Frames.SETTINGS);
        expect(client, Frames.SETTINGS);
        client.send(Frames.settingsAck());
        runtime.send(Frames.settingsAck());
        expect(runtime, Frames.SETTINGS);
        expect(client, Frames.SETTINGS);
        return this;
    }

    Junction started() throws Exception {
        return started(new int[0], new int[0]);
    }

    private static void expect(Peer peer, int type) throws Exception {
        Frame frame = peer.next();
        if (frame.type() != type) {
            throw new AssertionError("expected type " + type + ", got " + frame);
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
        runtime.close();
    }
}
