package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The users that may connect, by the peer credentials that the kernel gives. */
class PeersTest {
    private static final int ANOTHER_UID = 61_234; // no user of that number need exist

    @TempDir
    private Path folder;

    @BeforeEach
    void letEverybodyIn() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Path shimSocket() {
        return folder.resolve("cri.sock");
    }

    private CriShim shim(Set<Integer> uids) {
        return new CriShim(shimSocket(), folder.resolve("runtime.sock"), uids, Map.of(), ShimOptions.defaults());
    }

    /** Says a frame's length to everybody who comes. */
    private ServerSocketChannel greetingRuntime() throws IOException {
        Path socket = folder.resolve("runtime.sock");
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(socket));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        Thread.ofVirtual().start(() -> {
            while (listening.isOpen()) {
                try (SocketChannel client = listening.accept()) {
                    client.write(ByteBuffer.allocate(9));
                } catch (IOException e) {
                    return; // the end of the test
                }
            }
        });
        return listening;
    }

    private String connectAs(int uid) throws IOException, InterruptedException {
        assumeTrue(Files.getOwner(Path.of("/proc/self")).getName().equals("root"), "only root can connect as another");
        Path program = folder.resolve("io/podslice/shim/Connecting.class");
        if (!Files.exists(program)) {
            Files.createDirectories(
                    program.getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            try (InputStream compiled = Connecting.class.getResourceAsStream("Connecting.class")) {
                Files.copy(compiled, program);
            }
        }
        Process process = new ProcessBuilder(
                        "setpriv",
                        "--reuid=" + uid,
                        "--regid=" + uid,
                        "--clear-groups",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        folder.toString(),
                        Connecting.class.getName(),
                        shimSocket().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(process.waitFor()).isZero();
        return output;
    }

    @Test
    void anotherUserIsClosedBeforeTheRuntimeHearsOfIt() throws Exception {
        try (ServerSocketChannel runtime = greetingRuntime();
                CriShim shim = shim(Set.of(ANOTHER_UID + 1))) {
            assertThat(connectAs(ANOTHER_UID)).isEqualTo("read -1");
            assertThat(shim).isNotNull();
            assertThat(runtime.isOpen()).isTrue();
        }
    }

    @Test
    void anAllowedUserIsServed() throws Exception {
        try (ServerSocketChannel runtime = greetingRuntime();
                CriShim shim = shim(Set.of(ANOTHER_UID))) {
            assertThat(connectAs(ANOTHER_UID)).isEqualTo("read 9");
            assertThat(shim).isNotNull();
            assertThat(runtime.isOpen()).isTrue();
        }
    }

    /** Also where that is not root: the demo and the benchmarks are for everybody. */
    @Test
    void theUserThatPodsliceRunsAsIsServed() throws Exception {
        try (ServerSocketChannel runtime = greetingRuntime();
                CriShim shim = shim(Set.of());
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(shimSocket()))) {
            assertThat(client.read(ByteBuffer.allocate(100))).isEqualTo(9);
            assertThat(shim).isNotNull();
            assertThat(runtime.isOpen()).isTrue();
        }
    }
}
