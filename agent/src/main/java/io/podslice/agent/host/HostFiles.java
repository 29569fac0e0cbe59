package io.podslice.agent.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files of a node by their paths there. On the node itself the root is {@code /}; a copy of a node's files, or a test's
 * folder, has them below another root.
 *
 * @param root the folder that is the node's {@code /}; absolute
 */
public record HostFiles(Path root) {
    /** The most bytes that are read of one file; configuration files and those of the kernel have far fewer. */
    private static final int MOST_BYTES = 1 << 20;

    /** The most names that are listed of one folder. */
    private static final int MOST_NAMES = 100_000;

    public HostFiles {
        root = root.toAbsolutePath().normalize();
    }

    /** Returns the files of the node on which this process runs. */
    public static HostFiles here() {
        return new HostFiles(Path.of("/"));
    }

    /** Tells if the root is {@code /}, so that the node is the one on which this process runs. */
    public boolean isHere() {
        return root.equals(Path.of("/"));
    }

    /**
     * Returns the place of a file.
     *
     * @param path on the node, absolute
     */
    public Path at(String path) {
        return root.resolve(path.substring(1));
    }

    /** Tells if there is a file, folder or socket with that path on the node. */
    public boolean exists(String path) {
        return Files.exists(at(path));
    }

    /**
     * Reads a file as UTF-8; bytes that are not are replaced. Empty if there is no such file.
     *
     * @param path on the node, absolute
     * @throws IOException if it is larger than 1 MiB or cannot be read; the message names it
     */
    public Optional<String> text(String path) throws IOException {
        return bytes(path).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    /**
     * Reads a file. Empty if there is no such file.
     *
     * @param path on the node, absolute
     * @throws IOException if it is larger than 1 MiB or cannot be read; the message names it
     */
    public Optional<byte[]> bytes(String path) throws IOException {
        try (InputStream in = Files.newInputStream(at(path))) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IOException("is larger than 1 MiB");
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException | NotDirectoryException absent) {
            return Optional.empty();
        } catch (IOException e) {
            throw new IOException(path + ": " + why(e), e);
        }
    }

    /**
     * Reads the end of a file as UTF-8; bytes that are not are replaced. Empty if there is no such file.
     *
     * @param path on the node, absolute
     * @param most the most bytes that are read
     * @throws IOException if it cannot be read; the message names it
     */
    public Optional<String> tail(String path, int most) throws IOException {
        try (SeekableByteChannel file = Files.newByteChannel(at(path))) {
            file.position(Math.max(0, file.size() - most));
            ByteBuffer bytes = ByteBuffer.allocate(most);
            while (bytes.hasRemaining() && file.read(bytes) > 0) {
                // Until the end, or until the file has grown by more than there is room for.
            }
            return Optional.of(new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8));
        } catch (NoSuchFileException | NotDirectoryException absent) {
            return Optional.empty();
        } catch (IOException e) {
            throw new IOException(path + ": " + why(e), e);
        }
    }

    /**
     * Lists the names in a folder, sorted; empty if there is no such folder.
     *
     * @param path on the node, absolute
     * @throws IOException if it cannot be listed; the message names it
     */
    public List<String> names(String path) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> folder = Files.newDirectoryStream(at(path))) {
            for (Path entry : folder) {
                if (names.size() == MOST_NAMES) {
                    throw new IOException("has more than " + MOST_NAMES + " entries");
                }
                names.add(String.valueOf(entry.getFileName()));
            }
        } catch (NoSuchFileException | NotDirectoryException absent) {
            return List.of();
        } catch (IOException e) {
            throw new IOException(path + ": " + why(e), e);
        }
        names.sort(null);
        return names;
    }

    private static String why(IOException e) {
        return e instanceof java.nio.file.AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }
}
