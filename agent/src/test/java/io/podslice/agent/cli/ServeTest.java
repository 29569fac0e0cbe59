package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The messages of a {@code podslice serve} that cannot start. */
class ServeTest {
    @TempDir
    private Path folder;

    private final StringWriter err = new StringWriter();

    private Path file(String listen) throws IOException {
        return Files.writeString(folder.resolve("podslice.yaml"), """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                shim: {listen: "unix://%s"}
                """.formatted(listen));
    }

    private void expect(int status, String line, Path file) {
        assertThat(new Serve(new PrintWriter(err, true)).run(file)).isEqualTo(status);
        assertThat(err.toString().lines()).containsExactly("podslice serve: " + line);
    }

    @Test
    void withoutTheFile() {
        expect(2, folder.resolve("no.yaml") + ": no such file", folder.resolve("no.yaml"));
    }

    @Test
    void withAFolder() {
        expect(2, folder + ": is a directory, not a configuration file", folder);
    }

    @Test
    void withAMistakeInTheFile() throws IOException {
        Path file = file("/run/x.sock");
        Files.writeString(file, "cpuManagerPolicy: dynamic\n", StandardOpenOption.APPEND);
        expect(2, file + ":4:19: cpuManagerPolicy: \"dynamic\": must be one of none, static", file);
    }

    @Test
    void wherePodsliceListensAlready() throws IOException {
        Path socket = folder.resolve("cri.sock");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            expect(
                    1,
                    "shim.listen unix://" + socket
                            + ": another process listens there already (is podslice running?); stop it"
                            + " or set another shim.listen",
                    file(socket.toString()));
        }
    }

    @Test
    void whereAFileIs() throws IOException {
        Path there = Files.createFile(folder.resolve("there"));
        expect(
                1,
                "shim.listen unix://" + there + ": is there and is no socket; remove it or set another shim.listen",
                file(there.toString()));
    }

    @Test
    void whereNoFolderCanBe() throws IOException {
        Path there = Files.createFile(folder.resolve("there"));
        Path socket = there.resolve("cri.sock");
        expect(
                1,
                "shim.listen unix://" + socket + ": cannot listen: " + there + " is there and is no folder",
                file(socket.toString()));
    }

    @Test
    void whereNobodyMayMakeAFolder() throws IOException {
        expect(
                1,
                "shim.listen unix:///proc/podslice/cri.sock: cannot listen: no such file or folder: /proc/podslice",
                file("/proc/podslice/cri.sock"));
    }
}
