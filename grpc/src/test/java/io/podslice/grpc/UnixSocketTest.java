package io.podslice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    @TempDir
    Path folder;

    private UnixSocket socket(Duration timeout) {
        return new UnixSocket("the server", folder.resolve("s"), timeout);
    }

    private ServerSocketChannel listen(int backlog) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve("s")), backlog);
    }

    @Test
    void aVirtualThreadWaitsForAServerWhoseBacklogIsFull() throws Exception {
        UnixSocket socket = socket(Duration.ofMinutes(2));
        List<SocketChannel> open = new ArrayList<>();
        try (ServerSocketChannel server = listen(1);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            open.add(socket.connect());
            open.add(socket.connect()); // a backlog of 1 takes 2
            Future<SocketChannel> third = threads.submit(socket::connect);
            assertThatThrownBy(() -> third.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            open.add(server.accept());
            SocketChannel connected = third.get(60, TimeUnit.SECONDS);
            open.add(connected);
            assertThat(connected.isConnected()).isTrue();
            assertThat(connected.isBlocking()).isTrue();
        } finally {
            for (SocketChannel channel : open) {
                channel.close();
            }
        }
    }

    @Test
    void aServerThatAcceptsNothingIsGivenUpAfterTheTimeout() throws Exception {
        UnixSocket socket = socket(Duration.ofMillis(200));
        try (ServerSocketChannel server = listen(1);
                SocketChannel first = socket.connect();
                SocketChannel second = socket.connect()) {
            assertThat(List.of(first, second)).allMatch(SocketChannel::isConnected);
            assertThatThrownBy(socket::connect).hasMessage("not accepted within 200 ms");
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void whereNothingListensItFailsAtOnce() throws Exception {
        UnixSocket socket = socket(Duration.ofDays(1));
        assertThatThrownBy(socket::connect).isInstanceOf(IOException.class);
        listen(1).close();
        assertThatThrownBy(socket::connect).isInstanceOf(ConnectException.class);
    }
}
