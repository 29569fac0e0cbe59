package io.podslice.integration.crash;

import io.podslice.cgroups.CgroupPath;

/**
 * An attribute of a kind of cgroup, such as {@code Burstable pod memory.low}: a row of the tables of what systemd rewrites.
 *
 * @param place the kind of cgroup, in words
 * @param file the attribute's file
 */
record RewriteRow(String place, String file) implements Comparable<RewriteRow> {
    private static final String GUARANTEED = "Guaranteed ";
    private static final String BURSTABLE = "Burstable ";

    /** @param attribute the path of the file, such as {@code /kubepods.slice/memory.min} */
    static RewriteRow of(String attribute) {
        CgroupPath path = new CgroupPath(attribute.substring(0, attribute.lastIndexOf('/')));
        return new RewriteRow(placeOf(path), attribute.substring(attribute.lastIndexOf('/') + 1));
    }

    private static String placeOf(CgroupPath path) {
        String name = path.name();
        if (name.contains("-pod")) {
            return (name.contains("-burstable-") ? BURSTABLE : GUARANTEED) + "pod";
        }
        if (!name.endsWith(".scope")) {
            return name.replace(".slice", "");
        }
        String pod = placeOf(path.parent().orElseThrow());
        return pod.substring(0, pod.lastIndexOf(' ') + 1) + (name.contains("sandbox-") ? "sandbox" : "container");
    }

    /** Returns the row of a pod of any QoS class: systemd does not know the classes. */
    RewriteRow ofAnyPod() {
        return new RewriteRow(place.replace(GUARANTEED, "").replace(BURSTABLE, ""), file);
    }

    @Override
    public int compareTo(RewriteRow other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return place + " " + file;
    }
}
