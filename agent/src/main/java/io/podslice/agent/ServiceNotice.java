package io.podslice.agent;

import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the launcher of this process that clients can connect, and that podslice lives, by lines in a named pipe. The
 * launcher of an installed podslice passes them on to systemd (sd_notify(3)). The JDK has no datagram sockets for
 * systemd's address; to call the C library would cost 14 MiB of memory, to start a program costs 6 MiB.
 */
public final class ServiceNotice implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceNotice.class);

    /** The environment variable that names the pipe. */
    static final String PIPE = "PODSLICE_READY";

    /** systemd's environment variable: the microseconds without a sign of life after which it ends the process. */
    static final String WATCHDOG = "WATCHDOG_USEC";

    private final String pipe;
    private final OutputStream out;
    private boolean failed;

    private ServiceNotice(String pipe, OutputStream out) {
        this.pipe = pipe;
        this.out = out;
    }

    /**
     * Opens the pipe that the environment names; blocks until it is read. Empty where it names none, or the pipe cannot be
     * opened.
     *
     * @param environment of this process
     */
    public static Optional<ServiceNotice> open(Map<String, String> environment) {
        String pipe = environment.get(PIPE);
        if (pipe == null) {
            return Optional.empty();
        }
        try {
            OutputStream out = Files.newOutputStream(Path.of(pipe), StandardOpenOption.WRITE);
            return Optional.of(new ServiceNotice(pipe, out));
        } catch (IOException e) {
            LOG.error("{} {}: the launcher is not told that podslice is ready: {}", PIPE, pipe, e.getMessage());
            return Optional.empty();
        }
    }

    /** Tells if a launcher wants to be told, as below a service manager. */
    public static boolean isWanted(Map<String, String> environment) {
        return environment.containsKey(PIPE);
    }

    /** Returns the time without a sign of life after which systemd ends the process; empty where it has no watchdog. */
    public static Optional<Duration> watchdog(Map<String, String> environment) {
        String micros = environment.getOrDefault(WATCHDOG, "");
        return micros.matches("[1-9][0-9]{0,17}")
                ? Optional.of(Duration.of(Long.parseLong(micros), ChronoUnit.MICROS))
                : Optional.empty();
    }

    /** Tells that clients can connect. */
    public void ready() {
        tell("ready\n");
    }

    /** Tells administrators what {@code systemctl status} shows (STATUS=), in a line of printable text. */
    public void status(String text) {
        tell("status " + Printable.of(text) + "\n");
    }

    /** Tells that podslice lives. */
    public void alive() {
        tell("alive\n");
    }

    private synchronized void tell(String line) {
        try {
            out.write(line.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            if (!failed) {
                failed = true;
                LOG.error("{} {}: the launcher cannot be told: {}", PIPE, pipe, e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            LOG.debug("{}", e.getMessage());
        }
    }
}
