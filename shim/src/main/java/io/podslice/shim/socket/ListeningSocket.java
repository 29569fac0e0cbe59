package io.podslice.shim.socket;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket that clients connect to: one of this process's own, or one that its service manager listens on too.
 *
 * <p>The file of an own one is bound under a name beside its own, gets mode and owner there, and
 * then takes its place by a rename: no client can connect before the mode is right, and a stale socket is replaced in
 * one step.
 *
 * <p>One that the service manager has handed down (systemd.socket(5)) stays when this process ends: connections wait in
 * its backlog for the next one. It is never closed here, for the JDK would put /dev/null in the place of standard error
 * with it; its file is left alone too.
 */
public final class ListeningSocket implements AutoCloseable {
    private static final Set<PosixFilePermission> ROOT_AND_GROUP = PosixFilePermissions.fromString("rw-rw----");
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

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
    /** The file's identity; null where the file is the service manager's. */
    private final @Nullable Object inode;
    /** Waits for connections of a channel that is never closed; null for an own one. */
    private final @Nullable Selector selector;

    private volatile boolean closed;
    private volatile @Nullable Semaphore places;
    private boolean saidFull;

    private ListeningSocket(
            Path path, ServerSocketChannel channel, @Nullable Object inode, @Nullable Selector selector) {
        this.path = path;
        this.channel = channel;
        this.inode = inode;
        this.selector = selector;
    }

    /**
     * Takes over a socket that the service manager listens on.
     *
     * @param field the configuration's field that names the path, e.g. {@code shim.listen}
     * @param path where the configuration wants to listen
     * @param channel the socket; stays open
     * @throws ListenException if it listens at another address, or cannot be waited on
     */
    public static ListeningSocket inherited(String field, Path path, ServerSocketChannel channel) {
        try {
            String there = address(channel.getLocalAddress());
            if (!leads(there, path)) {
                throw new ListenException(field, path, elsewhere(field, there), null);
            }
            channel.configureBlocking(false);
            Selector selector = Selector.open();
            channel.register(selector, SelectionKey.OP_ACCEPT);
            return new ListeningSocket(path, channel, null, selector);
        } catch (IOException e) {
            throw new ListenException(field, path, "the service manager's socket is of no use: " + why(e), e);
        }
    }

    /**
     * Says why this process could not listen on another path after a restart; empty where it could, as far as can be told.
     *
     * @param field the configuration's field that names the path
     */
    public Optional<String> refuses(String field, Path other) {
        return selector == null || leads(path.toString(), other)
                ? Optional.empty()
                : Optional.of(field + " unix://" + other + ": " + elsewhere(field, path.toString()));
    }

    private static String elsewhere(String field, String there) {
        return "the service manager has handed down a socket that listens on " + there
                + "; set ListenStream= of podslice.socket or " + field + " to the other's path";
    }

    private static String address(@Nullable SocketAddress address) {
        return address instanceof UnixDomainSocketAddress unix
                ? unix.getPath().toString()
                : "the address " + address + ", which is none of a Unix socket";
    }

    /** Tells if two paths lead to one socket, as /run and /var/run do. */
    private static boolean leads(String there, Path path) {
        if (there.equals(path.toString())) {
            return true;
        }
        try {
            return there.startsWith("/") && Files.isSameFile(Path.of(there), path);
        } catch (IOException missing) {
            return false;
        }
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
        return bound(field, path, socket -> copyAccess(like, socket));
    }

    /**
     * Listens on a socket of mode 0600: only this process's user, and root, can connect.
     *
     * @param field the configuration's field that names the path, e.g. {@code api.page}
     * @param path of the socket file; its folder is made if need be
     * @throws ListenException if another process listens there, something that is no socket is there, or it cannot be
     *     made
     */
    public static ListeningSocket bindForOwner(String field, Path path) {
        return bound(field, path, socket -> Files.setPosixFilePermissions(socket, OWNER));
    }

    /** Gives a socket's file its mode and owner. */
    @FunctionalInterface
    private interface Access {
        void give(Path socket) throws IOException;
    }

    private static ListeningSocket bound(String field, Path path, Access access) {
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
            access.give(beside);
            Object inode = attributes(beside).fileKey();
            Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new ListeningSocket(path, channel, inode, null);
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

    /**
     * Waits for the next connection.
     *
     * @throws ClosedChannelException once it is closed
     * @throws IOException if this connection cannot be had; another one may
     */
    public SocketChannel accept() throws IOException {
        Semaphore its = places;
        if (its == null) {
            return next();
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
            return next();
        } catch (IOException e) {
            its.release();
            throw e;
        }
    }

    private SocketChannel next() throws IOException {
        if (selector == null) {
            return channel.accept();
        }
        while (true) {
            if (closed) {
                throw new ClosedChannelException();
            }
            SocketChannel next = channel.accept();
            if (next != null) {
                return next;
            }
            selector.select();
            selector.selectedKeys().clear();
        }
    }

    /**
     * Accepts no more. An own socket is closed and its file removed, unless another file has taken its place; of the service
     * manager's the backlog is left to the next process.
     */
    @Override
    public void close() throws IOException {
        closed = true;
        if (selector != null) {
            selector.wakeup();
            return;
        }
        channel.close();
        try {
            if (inode != null && inode.equals(attributes(path).fileKey())) {
                Files.delete(path);
            }
        } catch (NoSuchFileException gone) {
            return;
        }
    }
}
