package io.podslice.shim.socket;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket file that belongs to this process. It is bound under a name beside its own, gets mode and owner there, and
 * then takes its place by a rename: no client can connect before the mode is right, and a stale socket is replaced in
 * one step.
 */
public final class ListeningSocket implements AutoCloseable {
    private static final Set<PosixFilePermission> ROOT_AND_GROUP = PosixFilePermissions.fromString("rw-rw----");

    /**
     * Connections that may wait to be accepted: as many as the kernel lets any socket have (net.core.somaxconn, to which
     * listen(2) lowers a larger number). A client that does not block is refused with EAGAIN once there are more.
     */
    private static final int BACKLOG = Integer.MAX_VALUE;

    private static final Set<PosixFilePermission> OPEN_TO_ALL_TO_LOOK_INTO =
            PosixFilePermissions.fromString("rwxr-xr-x");

    private static final Logger LOG = LoggerFactory.getLogger(ListeningSocket.class);

    private final Path path;
    private final ServerSocketChannel channel;
    private final Object inode;
    private volatile @Nullable Semaphore places;
    private boolean saidFull;

    private ListeningSocket(Path path, ServerSocketChannel channel, Object inode) {
        this.path = path;
        this.channel = channel;
        this.inode = inode;
    }

    /**
     * Listens.
     *
     * @param field the configuration's field that names the path, e.g. {@code shim.listen}
     * @param path of the socket file; its folder is made if need be
     * @param like a socket whose mode and owner are taken over; where it is null or does not exist, 0660 and the own
     *     user
     * @throws ListenException if another process listens there, something that is no socket is there, or it cannot be
     *     made
     */
    public static ListeningSocket bind(String field, Path path, @Nullable Path like) {
        refuseUnlessFree(field, path);
        Path beside = beside(path);
        ServerSocketChannel channel = null;
        try {
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null && !Files.isDirectory(folder)) {
                Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OPEN_TO_ALL_TO_LOOK_INTO));
            }
            Files.deleteIfExists(beside);
            channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            channel.bind(UnixDomainSocketAddress.of(beside), BACKLOG);
            copyAccess(like, beside);
            Object inode = attributes(beside).fileKey();
            Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new ListeningSocket(path, channel, inode);
        } catch (IOException e) {
            ListenException failure = new ListenException(field, path, "cannot listen: " + why(e), e);
            closeQuietly(channel, failure);
            throw failure;
        }
    }

    /** A name no longer than the socket's own: the JDK takes 106 bytes of path. */
    private static Path beside(Path path) {
        String name = path.getFileName().toString();
        String end = name.endsWith("~") ? "-" : "~";
        return path.resolveSibling(name.substring(0, name.length() - 1) + end);
    }

    private static String why(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "no such file or folder: " + missing.getFile();
            case AccessDeniedException denied -> "permission denied: " + denied.getFile();
            case FileAlreadyExistsException there -> there.getFile() + " is there and is no folder";
            default -> String.valueOf(e.getMessage());
        };
    }

    private static void closeQuietly(@Nullable ServerSocketChannel channel, Throwable why) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                why.addSuppressed(e);
            }
        }
    }

    private static void refuseUnlessFree(String field, Path path) {
        try {
            if (!attributes(path).isOther()) {
                throw new ListenException(
                        field, path, "is there and is no socket; remove it or set another " + field, null);
            }
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw new ListenException(field, path, "cannot be looked at: " + why(e), e);
        }
        if (accepts(path)) {
            throw new ListenException(
                    field,
                    path,
                    "another process listens there already (is podslice running?); stop it or set another " + field,
                    null);
        }
    }

    private static boolean accepts(Path path) {
        try {
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
            return true;
        } catch (IOException refused) {
            // The process that made it is gone: the rename replaces it.
            return false;
        }
    }

    private static void copyAccess(@Nullable Path like, Path socket) throws IOException {
        if (like == null) {
            Files.setPosixFilePermissions(socket, ROOT_AND_GROUP);
            return;
        }
        PosixFileAttributeView view =
                Files.getFileAttributeView(socket, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        try {
            PosixFileAttributes wanted = Files.readAttributes(like, PosixFileAttributes.class);
            PosixFileAttributes own = attributes(socket);
            if (!own.owner().equals(wanted.owner())) {
                view.setOwner(wanted.owner());
            }
            if (!own.group().equals(wanted.group())) {
                view.setGroup(wanted.group());
            }
            Files.setPosixFilePermissions(socket, wanted.permissions());
        } catch (NoSuchFileException e) {
            Files.setPosixFilePermissions(socket, ROOT_AND_GROUP);
        }
    }

    private static PosixFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** Returns the path on which it listens. */
    public Path path() {
        return path;
    }

    /**
     * Accepts a connection only while there is a place for it; it takes one, which is released when it has ended. The others
     * wait in the backlog.
     */
    public ListeningSocket with(Semaphore places) {
        this.places = places;
        return this;
    }

    /** Waits for the next connection. */
    SocketChannel accept() throws IOException {
        Semaphore its = places;
        if (its == null) {
            return channel.accept();
        }
        if (its.tryAcquire()) {
            saidFull &= its.availablePermits() == 0;
        } else {
            if (!saidFull) {
                saidFull = true;
                LOG.warn("{}: as many connections are open as may be; others wait until one has ended", path);
            }
            its.acquireUninterruptibly();
        }
        try {
            return channel.accept();
        } catch (IOException e) {
            its.release();
            throw e;
        }
    }

    /** Stops listening and removes the socket file, unless another file has taken its place. */
    @Override
    public void close() throws IOException {
        channel.close();
        try {
            if (inode.equals(attributes(path).fileKey())) {
                Files.delete(path);
            }
        } catch (NoSuchFileException gone) {
            return;
        }
    }
}
