package io.podslice.agent.kubelet;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** systemd by its own commands, systemctl and systemd-run. */
public final class Systemd implements ServiceManager {
    private static final Logger LOG = LoggerFactory.getLogger(Systemd.class);

    /** A unit's stop and start may each take as long as systemd lets them by default. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final int MOST_OUTPUT = 4096;

    @Override
    public void reload() throws IOException {
        run(List.of("systemctl", "daemon-reload"));
    }

    @Override
    public void restart(String unit) throws IOException {
        run(List.of("systemctl", "restart", unit));
    }

    @Override
    public void enable(String unit) throws IOException {
        run(List.of("systemctl", "enable", "--quiet", "--now", unit));
    }

    @Override
    public boolean isActive(String unit) {
        try {
            run(List.of("systemctl", "is-active", "--quiet", unit));
            return true;
        } catch (IOException e) {
            LOG.debug("{}", e.getMessage());
            return false;
        }
    }

    @Override
    public void schedule(String name, Duration after, List<String> command) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                "systemd-run",
                "--quiet",
                "--collect",
                "--unit=" + name,
                "--on-active=" + after.toSeconds() + "s",
                "--timer-property=AccuracySec=1s"));
        line.addAll(command);
        run(line);
    }

    @Override
    public void cancel(String name) {
        try {
            run(List.of("systemctl", "stop", name + ".timer"));
        } catch (IOException e) {
            LOG.debug("{}", e.getMessage());
        }
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try (InputStream output = process.getInputStream()) {
            String said = new String(output.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(
                        String.join(" ", command) + ": has not ended within " + PATIENCE.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": status " + process.exitValue()
                        + (said.isEmpty() ? "" : ": " + said));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new InterruptedIOException("interrupted while " + command.getFirst() + " runs");
        }
    }
}
