package io.podslice.agent.doctor;

import java.util.List;
import java.util.function.Function;

/**
 * A check of a node: a pure function over what was read of it.
 *
 * @param name as the command prints it, e.g. {@code kubelet-endpoint}
 * @param look judges the record; its findings have the check's name
 */
record Check(String name, Function<NodeRecord, Finding> look) {
    /** All checks, in the order in which a request passes the node: machine, runtime, kubelet, podslice, pods. */
    static final List<Check> ALL = List.of(
            new Check("kernel", MachineChecks::kernel),
            new Check("cgroup-version", MachineChecks::version),
            new Check("cgroup-controllers", MachineChecks::controllers),
            new Check("cgroup-driver", MachineChecks::driver),
            new Check("pod-controllers", MachineChecks::podControllers),
            new Check("partitions", MachineChecks::partitions),
            new Check("runtime-socket", RuntimeChecks::socket),
            new Check("runtime-version", RuntimeChecks::version),
            new Check("nri", RuntimeChecks::nri),
            new Check("kubelet", KubeletChecks::present),
            new Check("kubelet-endpoint", KubeletChecks::endpoint),
            new Check("kubelet-restart", KubeletChecks::restart),
            new Check("kubelet-cpu-manager", KubeletChecks::cpuManager),
            new Check("kubelet-memory-manager", KubeletChecks::memoryManager),
            new Check("kubelet-topology-manager", KubeletChecks::topologyManager),
            new Check("kubelet-state-files", KubeletChecks::stateFiles),
            new Check("kubelet-cgroup-driver", KubeletChecks::cgroupDriver),
            new Check("kubelet-cgroup-root", KubeletChecks::cgroupRoot),
            new Check("kubelet-timeout", KubeletChecks::timeout),
            new Check("configuration", ServiceChecks::configuration),
            new Check("machine-fit", ServiceChecks::machineFit),
            new Check("sockets-differ", ServiceChecks::socketsDiffer),
            new Check("shim-socket", ServiceChecks::shimSocket),
            new Check("api-socket", ServiceChecks::apiSocket),
            new Check("ready", ServiceChecks::ready),
            new Check("version", ServiceChecks::version),
            new Check("boot", ServiceChecks::boot),
            new Check("state-folder", ServiceChecks::stateFolder),
            new Check("pods", ServiceChecks::pods),
            new Check("unreadable", ServiceChecks::unreadable));
}
