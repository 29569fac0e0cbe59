package io.podslice.simulator.kernel;

/** A reason why a partition is invalid, with the text that cpuset.cpus.partition gives. */
enum PartitionFault {
    CPU_LIST("Invalid cpu list in cpuset.cpus.exclusive"),
    PARENT_INVALID("Parent is an invalid partition root"),
    PARENT_MEMBER("Parent is not a partition root"),
    NOT_EXCLUSIVE("Cpu list in cpuset.cpus not exclusive"),
    NO_CPUS_LEFT("Parent unable to distribute cpu downstream"),
    NO_CPUS_ASKED("cpuset.cpus and cpuset.cpus.exclusive are empty"),
    HOUSEKEEPING("partition config conflicts with housekeeping setup"),
    REMOTE_BELOW("Have remote partition underneath");

    final String text;

    PartitionFault(String text) {
        this.text = text;
    }
}
