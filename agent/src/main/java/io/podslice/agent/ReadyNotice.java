package io.podslice.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the launcher of this process that clients can connect now, by a line in a named pipe. The launcher of an
 * installed podslice passes it on to systemd (sd_notify(3)), which then starts the kubelet. The JDK has no datagram
 * sockets for systemd's address; to call the C library would cost 14 MiB of memory, to start a program costs 6 MiB.
 */
public final class ReadyNotice {
    private static final Logger LOG = LoggerFactory.getLogger(ReadyNotice.class);

    /** The environment variable that names the pipe. */
    static final String PIPE = "PODSLICE_READY";

    private ReadyNotice() {}

    /**
     * Writes the line if the environment names a pipe; blocks until the pipe is read.
     *
     * @param environment of this process
     */
    public static void give(Map<String, String> environment) {
        String pipe = environment.get(PIPE);
        if (pipe == null) {
            return;
        }
        try {
            var _ = Files.writeString(Path.of(pipe), "ready\n", StandardOpenOption.WRITE);
        } catch (IOException e) {
            LOG.error("{} {}: the launcher is not told that podslice is ready: {}", PIPE, pipe, e.getMessage());
        }
    }
}
