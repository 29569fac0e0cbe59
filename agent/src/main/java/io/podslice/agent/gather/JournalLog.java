package io.podslice.agent.gather;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The last lines of podslice's log in systemd's journal, by journalctl. */
public final class JournalLog {
    private static final int MOST_LINES = 5000;
    private static final int MOST_BYTES = 4 << 20;
    private static final long PATIENCE_SECONDS = 30;

    private JournalLog() {}

    /**
     * Reads the log of the service, and of a podslice that the runtime has started.
     *
     * @throws IOException if journalctl cannot be run, fails, or has not ended in 30 s
     */
    public static String read() throws IOException {
        List<String> command = List.of(
                "journalctl",
                "--no-pager",
                "--output=short-iso-precise",
                "--lines=" + MOST_LINES,
                "--unit=podslice.service",
                "+",
                "SYSLOG_IDENTIFIER=podslice");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try (InputStream output = process.getInputStream()) {
            String text = new String(output.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("journalctl has not ended within " + PATIENCE_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException("journalctl: status " + process.exitValue() + ": " + text.strip());
            }
            return text;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while journalctl runs");
        } finally {
            process.destroyForcibly();
        }
    }
}
