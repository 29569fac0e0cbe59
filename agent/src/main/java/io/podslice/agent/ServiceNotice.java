package io.podslice.agent;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd, where it has started this process, that clients can connect now (sd_notify(3)); what is ordered after
 * podslice starts then. {@code systemd-notify} does it, which comes with systemd: the JDK has no datagram sockets for
 * such an address.
 */
public final class ServiceNotice {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceNotice.class);

    /** The environment variable that systemd sets for services that it expects a notice of. */
    static final String SOCKET = "NOTIFY_SOCKET";

    private static final long MOST_SECONDS = 20;

    private final List<String> command;

    /** Tells by the tool of that name. */
    public ServiceNotice() {
        this(List.of("systemd-notify", "--ready"));
    }

    ServiceNotice(List<String> command) {
        this.command = command;
    }

    /**
     * Tells, if anybody waits for it. What goes wrong is logged: systemd ends a service that it hears nothing of.
     *
     * @param environment of this process
     */
    public void ready(Map<String, String> environment) {
        if (!environment.containsKey(SOCKET)) {
            return;
        }
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                LOG.error("systemd does not know that podslice is ready: {} does not end", command);
            } else if (process.exitValue() != 0) {
                LOG.error(
                        "systemd does not know that podslice is ready: {} ended with status {}",
                        command,
                        process.exitValue());
            }
        } catch (IOException e) {
            LOG.error("systemd does not know that podslice is ready: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
