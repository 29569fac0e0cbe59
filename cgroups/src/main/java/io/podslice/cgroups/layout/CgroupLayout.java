package io.podslice.cgroups.layout;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.systemd.UnitName;
import java.util.Optional;

/**
 * The places of the cgroups of QoS classes, pods and containers on a node: the one place that knows how each driver names
 * them. Everything else asks it, and treats the answer as a path.
 *
 * <table> <caption>The kubelet's and containerd's names</caption> <tr><th></th><th>cgroupfs</th><th>systemd</th></tr>
 * <tr><td>all pods</td><td>{@code /kubepods}</td><td>{@code /kubepods.slice}</td></tr> <tr><td>a class</td><td>{@code
 * .../burstable}</td><td>{@code .../kubepods-burstable.slice}</td></tr> <tr><td>a pod</td><td>{@code
 * .../pod12-34}</td><td>{@code .../kubepods-burstable-pod12_34.slice}</td></tr> <tr><td>a container, a
 * sandbox</td><td>{@code .../ID}</td><td>{@code .../cri-containerd-ID.scope}</td></tr> </table>
 *
 * @param kubepods the root cgroup of all pods; a slice under the systemd driver, and no slice under cgroupfs
 */
public record CgroupLayout(CgroupPath kubepods) {
    private static final String POD = "pod";

    /** The prefix that containerd gives the scopes of containers and sandboxes. */
    private static final String SCOPE_PREFIX = "cri-containerd-";

    private static final String SCOPE_SUFFIX = ".scope";

    public CgroupLayout {
        if (kubepods.equals(CgroupPath.ROOT)) {
            throw new IllegalArgumentException("the root cgroup cannot be that of all pods");
        }
    }

    /** Returns the layout below a root of all pods that has this name, under a driver. */
    public static CgroupLayout of(CgroupName kubepods, CgroupDriver driver) {
        return new CgroupLayout(kubepods.path(driver));
    }

    /** Returns the driver whose names these are. */
    public CgroupDriver driver() {
        return isSlice(kubepods) ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
    }

    /** Reads the pod's own cgroup from CRI's {@code linux.cgroup_parent}. */
    public CgroupParent podOf(String cgroupParent) {
        return CgroupParent.parse(cgroupParent, driver());
    }

    /**
     * Returns the cgroup of a QoS class.
     *
     * @param name the class's own name for it: {@code burstable}, {@code besteffort}, or empty for Guaranteed, whose
     *     pods are directly below the root of all pods
     */
    public CgroupPath ofClass(String name) {
        return name.isEmpty() ? kubepods : child(kubepods, name);
    }

    /**
     * Returns the name that the kubelet gives a cgroup directly below the root of all pods, e.g. {@code burstable} or
     * {@code pod12-34}; empty for a cgroup elsewhere, and for one that has no such name.
     */
    public Optional<String> nameBelowRoot(CgroupPath path) {
        if (!path.parent().map(kubepods::equals).orElse(false)) {
            return Optional.empty();
        }
        return driver() == CgroupDriver.CGROUPFS
                ? Optional.of(path.name())
                : UnitName.ofPath(path)
                        .filter(UnitName::isSlice)
                        .map(unit -> unit.components().getLast());
    }

    /**
     * Returns the cgroup of the pod with that uid below the cgroup of its QoS class; empty where the driver has no name for
     * the uid, which is then not one of the kubelet's.
     */
    public Optional<CgroupPath> ofPod(CgroupPath ofClass, String uid) {
        try {
            return Optional.of(child(ofClass, POD + uid));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns the uid in the name of a pod's cgroup; empty for a cgroup that the kubelet has not named. */
    public static Optional<String> uidOf(CgroupPath pod) {
        if (isSlice(pod)) {
            return UnitName.ofPath(pod).flatMap(UnitName::podUid);
        }
        String name = pod.name();
        return name.startsWith(POD) && name.length() > POD.length()
                ? Optional.of(name.substring(POD.length()))
                : Optional.empty();
    }

    /**
     * Returns the cgroup of a container or sandbox in a pod's cgroup. By the pod's name alone, as containerd does it: a
     * slice's containers are scopes.
     *
     * @param id the runtime's id
     */
    public static CgroupPath containerOf(CgroupPath pod, String id) {
        return isSlice(pod) ? pod.child(SCOPE_PREFIX + id + SCOPE_SUFFIX) : pod.child(id);
    }

    private static boolean isSlice(CgroupPath path) {
        return path.value().endsWith(CgroupParent.SLICE);
    }

    private static CgroupPath child(CgroupPath parent, String name) {
        return isSlice(parent)
                ? parent.child(new UnitName(parent.name()).child(name).value())
                : parent.child(name);
    }
}
