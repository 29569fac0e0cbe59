package io.podslice.node.state;

import io.podslice.node.StateDisk;
import io.podslice.node.StateException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A folder on a disk. The file that is appended to stays open. Not safe for use by several threads. */
public final class FolderDisk implements StateDisk {
    private static final int PIECE_BYTES = 16 << 10;

    private final Path folder;
    private @Nullable Open open;

    /** The mode of every file: what pods there are and what they ask for is not for other users. */
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private record Open(String name, FileChannel channel) {}

    /**
     * Makes the folder if there is none. A folder that cannot be written fails each write, not this call: disks come
     * back.
     *
     * @throws StateException if the path is no folder, or the folder cannot be made
     */
    public FolderDisk(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (FileAlreadyExistsException e) {
            throw new StateException(folder.toString(), e.getFile() + " is there and is no folder", e);
        } catch (NoSuchFileException e) {
            throw new StateException(folder.toString(), "cannot make the folder: no such folder: " + e.getFile(), e);
        } catch (AccessDeniedException e) {
            throw new StateException(folder.toString(), "cannot make the folder: permission denied", e);
        } catch (IOException e) {
            throw new StateException(folder.toString(), "cannot make the folder: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<InputStream> read(String name) throws IOException {
        Path file = folder.resolve(name);
        try {
            if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
                throw new IOException("it is no regular file");
            }
            return Optional.of(Files.newInputStream(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public void replace(String name, Content content) throws IOException {
        close(name);
        Path temporary = folder.resolve(name + ".new");
        Files.deleteIfExists(temporary); // it would keep its mode
        try (FileChannel channel =
                FileChannel.open(temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNERS)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), PIECE_BYTES);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
        Files.move(
                temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    @Override
    public void append(String name, long good, byte[] bytes, boolean sync) throws IOException {
        FileChannel channel = opened(name);
        try {
            if (channel.size() > good) {
                channel.truncate(good);
            }
            write(channel, good, bytes);
            if (sync) {
                channel.force(false);
            }
        } catch (IOException e) {
            close(name);
            throw e;
        }
    }

    private FileChannel opened(String name) throws IOException {
        Open now = open;
        if (now != null && now.name().equals(name)) {
            return now.channel();
        }
        if (now != null) {
            close(now.name());
        }
        Path file = folder.resolve(name);
        boolean isNew = !Files.exists(file);
        FileChannel channel =
                FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNERS);
        open = new Open(name, channel);
        if (isNew) {
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
        return channel;
    }

    private static void write(FileChannel channel, long at, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer, at + buffer.position());
        }
    }

    private void close(String name) throws IOException {
        Open now = open;
        if (now != null && now.name().equals(name)) {
            open = null;
            now.channel().close();
        }
    }

    @Override
    public void keep(String name, String other) throws IOException {
        Files.createLink(folder.resolve(other), folder.resolve(name));
    }

    @Override
    public void rename(String name, String other) throws IOException {
        close(name);
        Files.move(folder.resolve(name), folder.resolve(other), StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public String path(String name) {
        return folder.resolve(name).toString();
    }
}
