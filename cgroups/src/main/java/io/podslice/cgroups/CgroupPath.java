package io.podslice.cgroups;

import java.util.Optional;

/**
 * A cgroup's path from the root of the cgroup v2 mount, in normal form: it begins with a slash and has no empty,
 * {@code .} or {@code ..} component, so that it cannot leave the mount.
 *
 * @param value e.g. {@code /kubepods/burstable/pod0f5e}; {@code /} is the root
 */
public record CgroupPath(String value) implements Comparable<CgroupPath> {

    /** The root cgroup. */
    public static final CgroupPath ROOT = new CgroupPath("/");

    /** @throws IllegalArgumentException if the value is not in normal form; the message says why */
    public CgroupPath {
        if (!value.startsWith("/")) {
            throw new IllegalArgumentException("cgroup path \"" + value + "\": must begin with a slash");
        }
        if (value.length() > 1) {
            for (int start = 1; start <= value.length(); ) {
                int slash = value.indexOf('/', start);
                int end = slash < 0 ? value.length() : slash;
                checkComponent(value, start, end);
                start = end + 1;
            }
        }
    }

    private static void checkComponent(String value, int start, int end) {
        int length = end - start;
        boolean dots = length > 0 && length <= 2 && value.startsWith("..".substring(0, length), start);
        if (length == 0 || dots) {
            throw new IllegalArgumentException(
                    "cgroup path \"" + value + "\": component \"" + value.substring(start, end) + "\" is not allowed");
        }
        if (length > 255) { // NAME_MAX
            throw new IllegalArgumentException(
                    "cgroup path \"" + value + "\": a component is longer than 255 characters");
        }
        for (int i = start; i < end; i++) {
            if (value.charAt(i) < ' ' || value.charAt(i) == 127) {
                throw new IllegalArgumentException(
                        "cgroup path: control character at a component's index " + (i - start));
            }
        }
    }

    /** This cgroup's child of that name. */
    public CgroupPath child(String name) {
        if (name.indexOf('/') >= 0) {
            throw new IllegalArgumentException("cgroup name \"" + name + "\": a slash is not allowed");
        }
        return new CgroupPath(value.equals("/") ? "/" + name : value + "/" + name);
    }

    /** The parent; empty for the root. */
    public Optional<CgroupPath> parent() {
        if (value.equals("/")) {
            return Optional.empty();
        }
        int slash = value.lastIndexOf('/');
        return Optional.of(slash == 0 ? ROOT : new CgroupPath(value.substring(0, slash)));
    }

    /** The last component; empty for the root. */
    public String name() {
        return value.substring(value.lastIndexOf('/') + 1);
    }

    /** Tells if this cgroup is the ancestor itself or lies below it. */
    public boolean isWithin(CgroupPath ancestor) {
        int length = ancestor.value.length();
        return length == 1
                || (value.startsWith(ancestor.value) && (value.length() == length || value.charAt(length) == '/'));
    }

    @Override
    public int compareTo(CgroupPath other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
