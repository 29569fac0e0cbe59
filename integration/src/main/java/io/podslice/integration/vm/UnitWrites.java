package io.podslice.integration.vm;

/** Writes of units' properties as the kubelet and runc make them, which change nothing and make systemd write everything. */
final class UnitWrites {
    private UnitWrites() {}

    /** Sets the CPU weight of a unit to the value that it has. */
    static void weighAgain(String cgroup) {
        String unit = cgroup.substring(cgroup.lastIndexOf('/') + 1);
        Systemd.call("SetUnitProperties sba(sv) " + unit + " true 1 CPUWeight t " + Linux.cgroup(cgroup, "cpu.weight"));
    }
}
