package io.podslice.simulator.kernel;

/** A value that cpuset.cpus.partition can be set to. */
enum PartitionType {
    MEMBER("member"),
    ROOT("root"),
    ISOLATED("isolated");

    final String text;

    PartitionType(String text) {
        this.text = text;
    }
}
