package io.podslice.shim.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcceptorTest {
    @TempDir
    private Path folder;

    @Test
    void aConnectionThatCannotBeServedCostsNoOtherOne() throws Exception {
        Path path = Files.createDirectory(folder.resolve("s")).resolve("x.sock");
        BlockingQueue<SocketChannel> accepted = new LinkedBlockingQueue<>();
        try (ListeningSocket socket = ListeningSocket.bind("shim.listen", path, null, 4)) {
            Acceptor.start(socket, "accept", client -> {
                accepted.add(client);
                throw new IllegalStateException("a fault in what serves it");
            });
            for (int i = 0; i < 3; i++) {
                try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
                        SocketChannel served = accepted.poll(20, TimeUnit.SECONDS)) {
                    assertThat(client.isConnected()).isTrue();
                    assertThat(served).as("connection " + i).isNotNull();
                }
            }
        }
    }
}
