package io.podslice.agent.config;

import io.podslice.agent.yaml.TextFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The last configuration file that was good, kept in the state folder with mode 0600. */
public final class LastGood {
    private static final String NAME = "config.good.yaml";

    private LastGood() {}

    /** Reads the file that a state folder has; empty where it has none that can be read. */
    public static Optional<ConfigurationFile> read(Path stateDir) {
        try {
            ConfigurationFile file =
                    ConfigurationFile.parse(TextFile.read(stateDir.resolve(NAME), 1, "a configuration file"));
            return file.isWhole() ? Optional.of(file) : Optional.empty();
        } catch (IOException none) {
            // Before the first start there is none.
            return Optional.empty();
        }
    }

    /**
     * Keeps the text of a file that is good, unless it is there already.
     *
     * @throws IOException if the disk does not take it; what was there stays
     */
    public static void keep(Path stateDir, String text) throws IOException {
        Files.createDirectories(stateDir); // a node without cgroup v2 has no state yet
        Path file = stateDir.resolve(NAME);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (Files.isRegularFile(file)
                && Files.size(file) == bytes.length
                && Arrays.equals(Files.readAllBytes(file), bytes)) {
            return;
        }
        Path beside = stateDir.resolve(NAME + ".new");
        write(beside, bytes);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Files.deleteIfExists(file);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }
}
