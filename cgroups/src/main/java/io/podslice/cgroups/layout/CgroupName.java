package io.podslice.cgroups.layout;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.systemd.UnitName;
import java.util.List;

/**
 * A cgroup by the kubelet's internal name, which does not depend on the driver: {@code [a, kubepods]} is
 * {@code /a/kubepods} under cgroupfs, and {@code /a.slice/a-kubepods.slice} under systemd.
 *
 * @param components from the root on, at least one
 */
public record CgroupName(List<String> components) {
    public CgroupName {
        components = List.copyOf(components);
        if (components.isEmpty()) {
            throw new IllegalArgumentException("must be a cgroup below the root, e.g. /kubepods");
        }
    }

    /**
     * Reads a name from its path in either spelling.
     *
     * @throws IllegalArgumentException if the path is the root, is not in normal form, or is that of a slice in a place
     *     where systemd does not have it; the message says why
     */
    public static CgroupName parse(String text) {
        CgroupPath path = new CgroupPath(text);
        if (path.equals(CgroupPath.ROOT)) {
            return new CgroupName(List.of());
        }
        if (!text.endsWith(CgroupParent.SLICE)) {
            return new CgroupName(List.of(text.substring(1).split("/", -1)));
        }
        UnitName unit = new UnitName(path.name());
        if (!unit.path().equals(path)) {
            throw new IllegalArgumentException("systemd has the slice " + unit + " at " + unit.path());
        }
        return new CgroupName(unit.components());
    }

    /**
     * Returns the cgroup's path under a driver.
     *
     * @throws IllegalArgumentException if the driver cannot spell the name: with the systemd driver the kubelet refuses
     *     an underscore, which stands for a hyphen there
     */
    public CgroupPath path(CgroupDriver driver) {
        return switch (driver) {
            case CGROUPFS -> new CgroupPath("/" + String.join("/", components));
            case SYSTEMD -> UnitName.ofComponents(components).path();
        };
    }

    /** Returns the cgroup's path under cgroupfs, which is how the kubelet's settings spell it. */
    @Override
    public String toString() {
        return path(CgroupDriver.CGROUPFS).value();
    }
}
