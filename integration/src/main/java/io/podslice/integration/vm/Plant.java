package io.podslice.integration.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Supplier;

/**
 * A fault that is planted on a node for a while.
 *
 * @param name the fault, in words
 * @param check the doctor's check that must find it
 * @param planting plants it, and returns what takes it back
 */
record Plant(String name, String check, Supplier<Runnable> planting) {

    /** Adds a line to a file, which is made where there is none. */
    static Plant line(String name, String check, Path file, String line) {
        return new Plant(name, check, () -> edited(file, read(file) + line + "\n"));
    }

    /** Replaces a part of a file. */
    static Plant replaced(String name, String check, Path file, String pattern, String text) {
        return new Plant(name, check, () -> {
            String before = read(file);
            String after = before.replaceFirst(pattern, text);
            if (after.equals(before)) {
                throw new IllegalStateException(file + ": no " + pattern);
            }
            return edited(file, after);
        });
    }

    /** Gives a file or folder another mode. */
    static Plant mode(String name, String check, Path file, String mode) {
        return new Plant(name, check, () -> {
            try {
                var before = Files.getPosixFilePermissions(file);
                var _ = Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
                return () -> put(file, PosixFilePermissions.toString(before));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot change " + file, e);
            }
        });
    }

    /** Calls systemctl once for the fault and once to take it back. */
    static Plant service(String name, String check, List<String> call, List<String> back) {
        return new Plant(name, check, () -> {
            var _ = Systemd.ctl(call.toArray(String[]::new));
            return () -> {
                var _ = Systemd.ctl(back.toArray(String[]::new));
            };
        });
    }

    private static void put(Path file, String mode) {
        try {
            var _ = Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot change " + file, e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static Runnable edited(Path file, String text) {
        boolean existed = Files.exists(file);
        String before = read(file);
        write(file, text);
        return () -> {
            if (existed) {
                write(file, before);
            } else {
                delete(file);
            }
        };
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }
}
