package io.podslice.integration.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process of its own that serves a Unix socket: the fake runtime, or the program under test. */
final class Peer implements AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long POLL_NANOS = 500_000;
    /** USER_HZ, the unit of times in /proc on every Linux. */
    static final double TICKS_PER_SECOND = 100;

    private final Process process;
    private final Path socket;
    private final double startMillis;

    private Peer(Process process, Path socket, double startMillis) {
        this.process = process;
        this.socket = socket;
        this.startMillis = startMillis;
    }

    /**
     * Starts the command and waits until its socket accepts a connection.
     *
     * @param log the file that gets its output
     */
    static Peer start(List<String> command, Path socket, Path log) {
        try {
            Files.deleteIfExists(socket);
            long start = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            while (!accepts(socket)) {
                if (!process.isAlive() || System.nanoTime() - start > PATIENCE_NANOS) {
                    process.destroyForcibly();
                    throw new BenchException("%s does not serve %s; its output:%n%s"
                            .formatted(String.join(" ", command), socket, Files.readString(log)));
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
            return new Peer(process, socket, (System.nanoTime() - start) / 1e6);
        } catch (IOException e) {
            throw new BenchException("cannot start %s".formatted(command), e);
        }
    }

    private static boolean accepts(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }

    Path socket() {
        return socket;
    }

    /** Returns the time from the exec to the first connection accepted, in milliseconds. */
    double startMillis() {
        return startMillis;
    }

    /** Returns the user and system time spent so far by all threads, in seconds, to a hundredth. */
    double cpuSeconds() {
        String stat = proc("stat");
        // The command name, in parentheses, may hold blanks; utime and stime are fields 14 and 15, 12 and 13 after it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /** Returns a size from {@code /proc/PID/status}, in MiB, e.g. {@code VmRSS}. */
    double mebibytes(String field) {
        return proc("status")
                        .lines()
                        .filter(line -> line.startsWith(field + ":"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow(() -> new BenchException("no " + field + " in /proc/PID/status"))
                / 1024.0;
    }

    /** Returns what is resident by kind of mapping, in MiB, the largest first. */
    Map<String, Double> mappings() {
        return Mappings.mebibytes(proc("smaps"));
    }

    /** Returns the number of threads of the process, not counting virtual ones. */
    int threads() {
        return Integer.parseInt(proc("status")
                .lines()
                .filter(line -> line.startsWith("Threads:"))
                .findFirst()
                .orElseThrow()
                .replaceAll("\\D", ""));
    }

    private String proc(String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), file));
        } catch (IOException e) {
            throw new BenchException("process %d has ended".formatted(process.pid()), e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
