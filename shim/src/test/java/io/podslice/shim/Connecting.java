package io.podslice.shim;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A program of its own, so that it can run as another user: connects to a socket and prints what it reads. */
final class Connecting {
    private Connecting() {}

    public static void main(String[] args) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(args[0]))) {
            System.out.print("read " + channel.read(ByteBuffer.allocate(100)));
        }
    }
}
