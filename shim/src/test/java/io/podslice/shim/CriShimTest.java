package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.shim.socket.ListenException;
import io.podslice.shim.tap.TapOptions;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CriShimTest {
    @TempDir
    Path folder;

    private CriShim shim(Set<Integer> uids) {
        return new CriShim(
                folder.resolve("cri.sock"), folder.resolve("runtime.sock"), uids, Map.of(), ShimOptions.defaults());
    }

    private ServerSocketChannel runtime() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve("runtime.sock")));
    }

    private SocketChannel client() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("cri.sock")));
    }

    private static int read(SocketChannel from) throws IOException {
        return from.read(ByteBuffer.allocate(100));
    }

    @Test
    void copiesBytesBothWaysAndPassesHalfCloseOn() throws Exception {
        try (ServerSocketChannel runtime = runtime();
                CriShim shim = shim(Set.of());
                SocketChannel client = client();
                SocketChannel server = runtime.accept()) {
            client.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            assertThat(read(server)).isEqualTo(18);
            client.shutdownOutput();
            assertThat(read(server)).isEqualTo(-1);
            server.write(ByteBuffer.wrap("HTTP/1.1 400\r\n".getBytes(StandardCharsets.US_ASCII)));
            assertThat(read(client)).isEqualTo(14);
            server.shutdownOutput();
            assertThat(read(client)).isEqualTo(-1);
            assertThat(shim).isNotNull();
        }
    }

    @Test
    void moreConnectionsThanMayBeOpenWaitUntilOneHasEnded() throws Exception {
        ShimOptions one = new ShimOptions(TapOptions.defaults(), Duration.ofSeconds(5), 1);
        try (ServerSocketChannel runtime = runtime();
                CriShim shim = new CriShim(
                        folder.resolve("cri.sock"), folder.resolve("runtime.sock"), Set.of(), Map.of(), one);
                SocketChannel first = client();
                SocketChannel second = client()) {
            SocketChannel firsts = runtime.accept();
            runtime.configureBlocking(false);
            assertThat(runtime.accept()).as("the second waits").isNull();
            second.write(ByteBuffer.wrap(new byte[3]));
            runtime.configureBlocking(true);
            first.shutdownOutput();
            assertThat(read(firsts)).isEqualTo(-1);
            firsts.close();
            try (SocketChannel seconds = runtime.accept()) {
                assertThat(read(seconds)).isEqualTo(3);
            }
            assertThat(shim).isNotNull();
        }
    }

    @Test
    void whatARuntimeSaysLastArrivesWhateverItIs() throws Exception {
        try (ServerSocketChannel runtime = runtime();
                CriShim shim = shim(Set.of());
                SocketChannel client = client();
                SocketChannel server = runtime.accept()) {
            server.write(ByteBuffer.wrap(new byte[7]));
            server.shutdownOutput();
            assertThat(read(client)).isEqualTo(7);
            assertThat(read(client)).isEqualTo(-1);
            assertThat(shim).isNotNull();
        }
    }

    @Test
    void takesModeAndOwnerFromTheRuntimesSocket() throws Exception {
        try (ServerSocketChannel runtime = runtime()) {
            Files.setPosixFilePermissions(folder.resolve("runtime.sock"), PosixFilePermissions.fromString("rw-rw-rw-"));
            try (CriShim shim = shim(Set.of())) {
                assertThat(Files.getPosixFilePermissions(folder.resolve("cri.sock")))
                        .isEqualTo(PosixFilePermissions.fromString("rw-rw-rw-"));
                assertThat(shim).isNotNull();
            }
            assertThat(runtime.isOpen()).isTrue();
        }
    }

    @Test
    void withoutRuntimeTheSocketIsForRootAndItsGroup() throws Exception {
        try (CriShim shim = shim(Set.of())) {
            assertThat(Files.getPosixFilePermissions(folder.resolve("cri.sock")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
            assertThat(shim).isNotNull();
        }
    }

    @Test
    void aClientIsClosedAtOnceWhileTheRuntimeIsAbsentAndServedOnceItIsThere() throws Exception {
        try (CriShim shim = shim(Set.of())) {
            try (SocketChannel client = client()) {
                assertThat(read(client)).isEqualTo(-1);
            }
            try (ServerSocketChannel runtime = runtime();
                    SocketChannel client = client();
                    SocketChannel server = runtime.accept()) {
                server.write(ByteBuffer.wrap(new byte[9]));
                assertThat(read(client)).isEqualTo(9);
            }
            assertThat(shim).isNotNull();
        }
    }

    @Test
    void aStaleSocketIsReplaced() throws Exception {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve("cri.sock")))
                .close();
        try (ServerSocketChannel runtime = runtime();
                CriShim shim = shim(Set.of());
                SocketChannel client = client();
                SocketChannel server = runtime.accept()) {
            assertThat(server.isConnected() && client.isConnected()).isTrue();
            assertThat(shim).isNotNull();
        }
    }

    @Test
    void thePathMayBeAsLongAsTheKernelTakes() throws Exception {
        Path socket = folder.resolve("x".repeat(106 - folder.toString().length() - 1));
        assertThat(socket.toString()).hasSize(106);
        try (ServerSocketChannel runtime = runtime();
                CriShim shim = new CriShim(
                        socket, folder.resolve("runtime.sock"), Set.of(), Map.of(), ShimOptions.defaults());
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                SocketChannel server = runtime.accept()) {
            assertThat(server.isConnected() && client.isConnected()).isTrue();
            assertThat(shim).isNotNull();
        }
    }

    @Test
    void aLiveSocketIsRefused() throws Exception {
        try (CriShim shim = shim(Set.of())) {
            assertThatThrownBy(() -> shim(Set.of()))
                    .isInstanceOf(ListenException.class)
                    .hasMessageContaining("another process listens there already");
            assertThat(Files.exists(folder.resolve("cri.sock"))).isTrue();
            assertThat(shim).isNotNull();
        }
    }

    @Test
    void somethingThatIsNoSocketIsRefused() throws Exception {
        Files.createFile(folder.resolve("cri.sock"));
        assertThatThrownBy(() -> shim(Set.of()))
                .isInstanceOf(ListenException.class)
                .hasMessageContaining("is no socket");
    }

    @Test
    void closeRemovesTheSocketAndEndsConnections() throws Exception {
        try (ServerSocketChannel runtime = runtime()) {
            CriShim shim = shim(Set.of());
            try (SocketChannel client = client();
                    SocketChannel server = runtime.accept()) {
                shim.close();
                assertThat(read(client)).isEqualTo(-1);
                assertThat(read(server)).isEqualTo(-1);
                assertThat(Files.exists(folder.resolve("cri.sock"))).isFalse();
            }
        }
    }
}
