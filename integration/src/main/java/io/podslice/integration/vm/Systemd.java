package io.podslice.integration.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Calls systemd's own programs, which speak D-Bus with nothing of podslice, and those of a walk-through. */
final class Systemd {
    private static final List<String> CALL = List.of(
            "busctl",
            "call",
            "--",
            "org.freedesktop.systemd1",
            "/org/freedesktop/systemd1",
            "org.freedesktop.systemd1.Manager");

    private Systemd() {}

    /**
     * Calls a method of systemd's manager.
     *
     * @param words the method, its signature, and its arguments as busctl reads them, separated by spaces
     * @throws IllegalStateException with what systemd answered if the call fails
     */
    static void call(String words) {
        List<String> command = new ArrayList<>(CALL);
        command.addAll(Arrays.asList(words.strip().split("\\s+")));
        var _ = run(command);
    }

    /**
     * Runs {@code systemctl}, and returns what it printed.
     *
     * @throws IllegalStateException with what it printed if it fails
     */
    static String ctl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("systemctl"));
        command.addAll(Arrays.asList(arguments));
        return run(command);
    }

    /**
     * Runs a program in the folder of the payload, and returns what it printed.
     *
     * @throws IllegalStateException with what it printed if it fails
     */
    static String run(List<String> command) {
        Ended ended = ended(command);
        if (ended.status() != 0) {
            throw new IllegalStateException(
                    String.join(" ", command) + ": status " + ended.status() + ": " + ended.printed());
        }
        return ended.printed();
    }

    /** A program that has ended: its exit status and what it printed. */
    record Ended(int status, String printed) {}

    /** Runs a program in the folder of the payload to its end, whatever its status. */
    static Ended ended(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), printed);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command.getFirst(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + command.getFirst() + " ran", e);
        }
    }
}
