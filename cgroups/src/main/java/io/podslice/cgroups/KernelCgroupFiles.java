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
 * refused with ELOOP. (cgroup v2 itself has none; a link is somebody's trick, or the mount is not what it should be.)
 *
 * <p>Files are opened for writing only, never created and never cut: a cgroup file appears and goes with its cgroup.
 */
public final class KernelCgroupFiles implements CgroupFiles {
    private static final int MOST_LOOKED = 4096;
    private static final int MOST_LISTED = 64;

    /**
     * Cgroups that were no symbolic links, nor reached by one. Looking once is enough: the kernel's tree has no symbolic
     * links, and nobody can make one there.
     */
    private final Set<CgroupPath> looked = ConcurrentHashMap.newKeySet();

    /**
     * By cgroup, names in it that are files, so that a listing looks at nothing twice: they are the kernel's own, and no cgroup
     * takes the name of one. Only what has been listed is here: the cgroups above pods, and some pods'.
     */
    private final Map<CgroupPath, Set<String>> plainFiles = new ConcurrentHashMap<>();

    private final Path root;

    /**
     * @param root where cgroup v2 is mounted, normally {@code /sys/fs/cgroup}; see {@link Cgroup2Mount} for a check
     * @throws CgroupException if there is no such folder
     */
    public KernelCgroupFiles(Path root) {
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

    /** The value is written with a newline, as by echo: the kernel drops it, and a write of no bytes is no write. */
    @Override
    public void write(CgroupPath dir, String file, String value) {
        byte[] bytes = (value + "\n").getBytes(StandardCharsets.UTF_8);
        // This stream passes the bytes to one write(2), and is not closed by an interrupt as a channel would be.
        try (OutputStream out = Files.newOutputStream(
                checked(dir).resolve(plain(dir, file)), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            write(out, bytes, dir, file, value);
        } catch (IOException e) {
            throw SystemErrors.of(e, Step.fileOf(dir, file), value, "writing");
        }
    }

    /** A stream of the JDK takes EAGAIN for a channel that does not block: no IOException, nothing written. */
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

    /** Whether what is there is a cgroup: looked at the first time, and then remembered as such or as a file. */
    private boolean isCgroup(CgroupPath path, Path entry, Set<String> plain) {
        if (looked.contains(path)) {
            return true;
        }
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
            remember(path);
            return true;
        }
        // A cgroup may have gone meanwhile, and come again.
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

    /** The cgroup's folder, looked at the first time. If it has gone since, opening a file in it says so. */
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

    /** The cgroup's folder, null where there is none; each component looked at without following it. */
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
