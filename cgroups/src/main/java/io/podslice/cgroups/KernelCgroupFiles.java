package io.podslice.cgroups;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's cgroup v2 tree, mounted at a folder. Never leaves that folder: a path that meets a symbolic link is
 * refused with ELOOP. cgroup v2 itself has no symbolic links, so a link is either an attack or the sign of a wrong
 * mount.
 *
 * <p>Files are opened for writing only, never created and never truncated: a cgroup file appears and goes with its
 * cgroup.
 */
public final class KernelCgroupFiles implements CgroupFiles {
    private static final int MOST_LOOKED = 4096;
    private static final int MOST_LISTED = 64;

    /**
     * Cgroups that were found to be neither symbolic links nor reached by one. One check of each is enough: the
     * kernel's tree has no symbolic links, and no process can make one there.
     */
    private final Set<CgroupPath> looked = ConcurrentHashMap.newKeySet();

    /**
     * The names of plain files by cgroup, so that a listing examines no entry twice: the files are the kernel's own,
     * and no cgroup can take the name of one. Holds only the cgroups that were listed: those above pods, and some
     * pods'.
     */
    private final Map<CgroupPath, Set<String>> plainFiles = new ConcurrentHashMap<>();

    private final Path root;
    private final long pageBytes;

    /**
     * The tree of a kernel with memory pages of 4 KiB.
     *
     * @param root mount point of cgroup v2, normally {@code /sys/fs/cgroup}; see {@link Cgroup2Mount} for a check
     * @throws CgroupException if there is no such folder
     */
    public KernelCgroupFiles(Path root) {
        this(root, 4096);
    }

    /**
     * @param root mount point of cgroup v2
     * @param pageBytes size of a memory page in bytes
     * @throws CgroupException if there is no such folder
     */
    public KernelCgroupFiles(Path root, long pageBytes) {
        this.pageBytes = pageBytes;
        try {
            this.root = root.toRealPath();
        } catch (IOException e) {
            throw SystemErrors.of(e, root.toString(), null, "finding the root of the cgroup tree");
        }
    }

    @Override
    public String read(CgroupPath dir, String file) {
        try (InputStream in = Files.newInputStream(
                checked(dir).resolve(plain(dir, file)), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        } catch (IOException e) {
            throw SystemErrors.of(e, Step.fileOf(dir, file), null, "reading");
        }
    }

    /**
     * Writes the value with a newline, as echo does: the kernel drops the newline, and a write of no bytes would have
     * no effect.
     */
    @Override
    public void write(CgroupPath dir, String file, String value) {
        byte[] bytes = (value + "\n").getBytes(StandardCharsets.UTF_8);
        // This stream passes the bytes to one write(2), and an interrupt does not close it as it would close a channel.
        try (OutputStream out = Files.newOutputStream(
                checked(dir).resolve(plain(dir, file)), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            write(out, bytes, dir, file, value);
        } catch (IOException e) {
            throw SystemErrors.of(e, Step.fileOf(dir, file), value, "writing");
        }
    }

    /**
     * Writes the bytes. On EAGAIN the JDK's stream throws no IOException but a RuntimeException, as for a channel in
     * non-blocking mode, and has written nothing.
     */
    private static void write(OutputStream out, byte[] bytes, CgroupPath dir, String file, String value)
            throws IOException {
        try {
            out.write(bytes);
        } catch (RuntimeException e) {
            CgroupException again =
                    new CgroupException(Errno.EAGAIN, Step.fileOf(dir, file), value, "writing: " + e.getMessage());
            again.initCause(e);
            throw again;
        }
    }

    @Override
    public long pageBytes() {
        return pageBytes;
    }

    @Override
    public boolean exists(CgroupPath dir) {
        return folder(dir) != null;
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        Path folder = folder(dir);
        return folder != null && Files.isRegularFile(folder.resolve(plain(dir, file)), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void create(CgroupPath dir) {
        Path parent = checked(dir.parent()
                .orElseThrow(() -> new CgroupException(Errno.EEXIST, dir.value(), null, "creating the root")));
        try {
            Files.createDirectory(parent.resolve(dir.name()));
        } catch (IOException e) {
            throw SystemErrors.of(e, dir.value(), null, "creating");
        }
    }

    @Override
    public void remove(CgroupPath dir) {
        if (dir.equals(CgroupPath.ROOT)) {
            throw new CgroupException(Errno.EBUSY, dir.value(), null, "removing the root");
        }
        try {
            Files.delete(checked(dir));
        } catch (IOException e) {
            throw SystemErrors.of(e, dir.value(), null, "removing");
        }
    }

    @Override
    public List<String> children(CgroupPath dir) {
        List<String> names = new ArrayList<>();
        Path folder = checked(dir);
        if (plainFiles.size() >= MOST_LISTED) {
            plainFiles.clear();
        }
        Set<String> plain = plainFiles.computeIfAbsent(dir, _ -> ConcurrentHashMap.newKeySet());
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!plain.contains(name) && isCgroup(dir.child(name), entry, plain)) {
                    names.add(name);
                }
            }
        } catch (IOException e) {
            throw SystemErrors.of(e, dir.value(), null, "listing");
        }
        Collections.sort(names);
        return names;
    }

    /** Tells if the entry is a cgroup: examines it the first time, and then remembers it as a cgroup or as a file. */
    private boolean isCgroup(CgroupPath path, Path entry, Set<String> plain) {
        if (looked.contains(path)) {
            return true;
        }
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
            remember(path);
            return true;
        }
        // What is neither may be a cgroup that has gone and comes again: it is not remembered.
        if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
            plain.add(path.name());
        }
        return false;
    }

    private void remember(CgroupPath dir) {
        if (looked.size() >= MOST_LOOKED) {
            looked.clear();
        }
        looked.add(dir);
    }

    /** Returns the cgroup's folder, examined the first time. If it has gone since, opening a file in it fails. */
    private Path checked(CgroupPath dir) {
        if (looked.contains(dir)) {
            return root.resolve(dir.value().substring(1));
        }
        Path folder = folder(dir);
        if (folder == null) {
            throw new CgroupException(Errno.ENOENT, dir.value(), null, "no such cgroup");
        }
        remember(dir);
        return folder;
    }

    /** Returns the cgroup's folder, null where there is none; examines each component without following links. */
    private @Nullable Path folder(CgroupPath dir) {
        Path folder = root;
        if (dir.equals(CgroupPath.ROOT)) {
            return folder;
        }
        for (String name : dir.value().substring(1).split("/", -1)) {
            folder = folder.resolve(name);
            BasicFileAttributes attributes;
            try {
                attributes = Files.readAttributes(folder, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            } catch (IOException e) {
                CgroupException refused = SystemErrors.of(e, dir.value(), null, "finding");
                if (refused.errno() == Errno.ENOENT) {
                    return null;
                }
                throw refused;
            }
            if (attributes.isSymbolicLink()) {
                throw new CgroupException(
                        Errno.ELOOP, dir.value(), null, "\"" + name + "\" is a symbolic link: not followed");
            }
            if (!attributes.isDirectory()) {
                throw new CgroupException(Errno.ENOTDIR, dir.value(), null, "\"" + name + "\" is no cgroup");
            }
        }
        return folder;
    }

    private static String plain(CgroupPath dir, String file) {
        if (file.isEmpty() || file.equals(".") || file.equals("..") || file.indexOf('/') >= 0) {
            throw new CgroupException(Errno.EINVAL, dir.value(), null, "\"" + file + "\" is no file's name");
        }
        return file;
    }
}
