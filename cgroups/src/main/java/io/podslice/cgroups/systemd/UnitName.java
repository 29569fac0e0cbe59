package io.podslice.cgroups.systemd;

import io.podslice.cgroups.CgroupPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name of a slice or scope, a unit of systemd that is a cgroup. A slice's name holds its place: {@code a-b.slice}
 * lies in {@code /a.slice/a-b.slice} (systemd.slice(5)). A scope's name says nothing of the slice that holds it.
 *
 * @param value e.g. {@code kubepods-burstable.slice}, {@code cri-containerd-0f5e.scope}
 */
public record UnitName(String value) {
    /** The slice of the root cgroup. */
    public static final UnitName ROOT_SLICE = new UnitName("-.slice");

    private static final String SLICE = ".slice";
    private static final String SCOPE = ".scope";
    private static final String ROOT = "-";
    private static final String POD = "pod";
    /** UNIT_NAME_MAX of systemd, in bytes. */
    private static final int MOST_CHARACTERS = 255;

    /** @throws IllegalArgumentException if systemd would not take it as the name of a slice or scope; says why */
    public UnitName {
        String problem = problem(value);
        if (problem != null) {
            throw new IllegalArgumentException("unit \"" + value + "\": " + problem);
        }
    }

    private static @Nullable String problem(String value) {
        if (!value.endsWith(SLICE) && !value.endsWith(SCOPE)) {
            return "is neither a slice nor a scope";
        }
        if (value.length() > MOST_CHARACTERS) {
            return "is longer than " + MOST_CHARACTERS + " characters";
        }
        String base = value.substring(0, value.length() - SLICE.length());
        if (base.isEmpty()) {
            return "has no name before the suffix";
        }
        for (int i = 0; i < base.length(); i++) {
            if (!isAllowed(base.charAt(i))) {
                return "the character at index " + i + " is not allowed";
            }
        }
        boolean empty = base.startsWith("-") || base.endsWith("-") || base.contains("--");
        if (value.endsWith(SLICE) && empty && !base.equals(ROOT)) {
            return "has an empty component";
        }
        return null;
    }

    /** Tells if systemd's VALID_CHARS has the character; {@code @} is left out, since neither slices nor scopes have instances. */
    private static boolean isAllowed(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || c == '.'
                || c == ':'
                || c == '\\';
    }

    /**
     * Returns the unit whose cgroup the directory is. Empty for a directory that is no unit: its name has neither
     * suffix or is no unit's name, or it does not lie where systemd has that slice, as in a tree that another systemd,
     * such as a container's, has made.
     */
    public static Optional<UnitName> ofPath(CgroupPath path) {
        if (path.equals(CgroupPath.ROOT)) {
            return Optional.of(ROOT_SLICE);
        }
        String name = path.name();
        if (problem(name) != null) {
            return Optional.empty();
        }
        UnitName unit = new UnitName(name);
        boolean inPlace = unit.isSlice()
                ? !name.equals(ROOT_SLICE.value) && unit.path().equals(path)
                : path.parent()
                        .flatMap(UnitName::ofPath)
                        .filter(UnitName::isSlice)
                        .isPresent();
        return inPlace ? Optional.of(unit) : Optional.empty();
    }

    /**
     * Returns the slice that the kubelet's systemd driver makes for a cgroup's internal name, e.g. {@code
     * kubepods-burstable-pod1234_ab.slice} for {@code kubepods}, {@code burstable}, {@code pod1234-ab}: in each
     * component {@code -} becomes {@code _}, since {@code -} parts components (pkg/kubelet/cm/cgroup_manager_linux.go).
     *
     * @param components none of them empty, or with {@code _} or {@code /}; none at all for the root slice
     * @throws IllegalArgumentException naming the component that cannot be escaped
     */
    public static UnitName ofComponents(List<String> components) {
        if (components.isEmpty()) {
            return ROOT_SLICE;
        }
        List<String> escaped = new ArrayList<>();
        for (String component : components) {
            if (component.isEmpty() || component.indexOf('_') >= 0 || component.indexOf('/') >= 0) {
                throw new IllegalArgumentException("cgroup name component \"" + component
                        + "\": must not be empty, nor have an underscore or a slash, under the systemd driver");
            }
            escaped.add(component.replace('-', '_'));
        }
        return new UnitName(String.join("-", escaped) + SLICE);
    }

    /**
     * Returns the components of a slice's internal name, the inverse of {@link #ofComponents}; none for the root slice.
     *
     * @throws IllegalStateException if this is a scope
     */
    public List<String> components() {
        if (this.equals(ROOT_SLICE)) {
            return List.of();
        }
        List<String> components = new ArrayList<>();
        for (String escaped : sliceBase().split("-", -1)) {
            components.add(escaped.replace('_', '-'));
        }
        return components;
    }

    /**
     * Returns the slice of a pod within this slice, e.g. {@code kubepods-burstable-pod1234_ab.slice}.
     *
     * @param uid the pod's uid; a static pod's is hexadecimal digits without a dash
     * @throws IllegalArgumentException if a unit's name cannot hold the uid
     * @throws IllegalStateException if this is a scope
     */
    public UnitName pod(String uid) {
        return child(POD + uid);
    }

    /**
     * Returns the slice of that internal name within this slice: {@code kubepods-burstable.slice} for {@code
     * burstable}.
     *
     * @throws IllegalArgumentException if the name cannot be escaped
     * @throws IllegalStateException if this is a scope
     */
    public UnitName child(String component) {
        List<String> components = new ArrayList<>(components());
        components.add(component);
        return ofComponents(components);
    }

    /** Returns the uid of the pod whose slice this is; empty for any other unit. */
    public Optional<String> podUid() {
        if (!isSlice() || this.equals(ROOT_SLICE)) {
            return Optional.empty();
        }
        String last = sliceBase().substring(sliceBase().lastIndexOf('-') + 1);
        return last.startsWith(POD) && last.length() > POD.length()
                ? Optional.of(last.substring(POD.length()).replace('_', '-'))
                : Optional.empty();
    }

    /**
     * Returns the scope that runc makes for the last two parts of a cgroupsPath {@code slice:prefix:name}, e.g. {@code
     * cri-containerd-0f5e.scope}.
     *
     * @param prefix {@code cri-containerd} for containerd, {@code crio} for CRI-O
     * @param id the container's id
     * @throws IllegalArgumentException if a unit's name cannot hold them
     */
    public static UnitName ofContainer(String prefix, String id) {
        return new UnitName(prefix + "-" + id + SCOPE);
    }

    /** Returns the id of the container whose scope this is, made with that prefix; empty for any other unit. */
    public Optional<String> containerId(String prefix) {
        String start = prefix + "-";
        String end = SCOPE;
        return value.startsWith(start) && value.endsWith(end) && value.length() > start.length() + end.length()
                ? Optional.of(value.substring(start.length(), value.length() - end.length()))
                : Optional.empty();
    }

    /** Tells if this is a slice; else it is a scope. */
    public boolean isSlice() {
        return value.endsWith(SLICE);
    }

    /**
     * Returns the cgroup of a slice: {@code /a.slice/a-b.slice} for {@code a-b.slice}, and the root for {@code -.slice}.
     *
     * @throws IllegalStateException if this is a scope
     */
    public CgroupPath path() {
        CgroupPath path = CgroupPath.ROOT;
        if (this.equals(ROOT_SLICE)) {
            return path;
        }
        String base = sliceBase();
        for (int dash = base.indexOf('-'); dash >= 0; dash = base.indexOf('-', dash + 1)) {
            path = path.child(base.substring(0, dash) + SLICE);
        }
        return path.child(value);
    }

    /** Returns the slice that holds this slice; empty for the root slice and for a scope. */
    public Optional<UnitName> parent() {
        if (!isSlice() || this.equals(ROOT_SLICE)) {
            return Optional.empty();
        }
        String base = sliceBase();
        int dash = base.lastIndexOf('-');
        return Optional.of(dash < 0 ? ROOT_SLICE : new UnitName(base.substring(0, dash) + SLICE));
    }

    /**
     * Returns the unit's object path on D-Bus: {@code /org/freedesktop/systemd1/unit/kubepods_2eslice}. Each byte that
     * is no letter or digit, and a digit at the beginning, becomes {@code _} and two hexadecimal digits.
     */
    public String objectPath() {
        StringBuilder path = new StringBuilder("/org/freedesktop/systemd1/unit/");
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < bytes.length; i++) {
            char c = (char) bytes[i];
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (letter || (i > 0 && c >= '0' && c <= '9')) {
                path.append(c);
            } else {
                path.append('_').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        return path.toString();
    }

    private String sliceBase() {
        if (!isSlice()) {
            throw new IllegalStateException("unit \"" + value + "\" is a scope: its name has no place");
        }
        return value.substring(0, value.length() - SLICE.length());
    }

    @Override
    public String toString() {
        return value;
    }
}
