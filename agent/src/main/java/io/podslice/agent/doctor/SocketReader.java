package io.podslice.agent.doctor;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** Looks at sockets and asks what listens there. */
final class SocketReader {
    private final HostFiles files;
    private final Probes probes;

    SocketReader(HostFiles files, Probes probes) {
        this.files = files;
        this.probes = probes;
    }

    /** Returns the probes that this reader asks. */
    Probes probes() {
        return probes;
    }

    /** Returns the place of a socket, for a question. */
    Path at(Path path) {
        return files.at(path.toString());
    }

    NodeRecord.Socket socket(Path path) {
        Path file = at(path);
        if (!Files.exists(file)) {
            return new NodeRecord.Socket(path.toString(), false, "", "no such file");
        }
        String mode;
        try {
            mode = mode(file);
        } catch (IOException e) {
            return new NodeRecord.Socket(path.toString(), true, "", String.valueOf(e.getMessage()));
        }
        return new NodeRecord.Socket(path.toString(), true, mode, probes.connect(file));
    }

    /** Returns a file's permissions as {@code rw-rw----}. */
    static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    NodeRecord.ContainerRuntime runtime(Configuration configuration) {
        Path path = configuration.shim().runtime();
        NodeRecord.Socket socket = socket(path);
        NodeRecord.Socket nri = socket(configuration.nri().socket());
        if (!socket.answers()) {
            return new NodeRecord.ContainerRuntime(socket, "", "", Optional.empty(), nri);
        }
        try {
            Probes.RuntimeAnswer answer = probes.runtime(at(path));
            return new NodeRecord.ContainerRuntime(socket, answer.name(), answer.version(), answer.driver(), nri);
        } catch (IOException e) {
            NodeRecord.Socket silent =
                    new NodeRecord.Socket(socket.path(), true, socket.mode(), String.valueOf(e.getMessage()));
            return new NodeRecord.ContainerRuntime(silent, "", "", Optional.empty(), nri);
        }
    }
}
