package io.podslice.agent.doctor;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.node.PodSandboxRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The questions that are asked of a node's sockets. */
public interface Probes {

    /** The runtime's answer about itself; the driver is empty if it does not tell. */
    record RuntimeAnswer(String name, String version, Optional<CgroupDriver> driver) {}

    /** The node API's answer: its version, and the reason for which it manages no pods, empty if it does. */
    record ApiAnswer(String version, String notReady) {}

    /** Returns the reason for which a socket cannot be connected to; empty if it can. */
    String connect(Path socket);

    /**
     * Asks a runtime for its name, version and cgroup driver.
     *
     * @throws IOException if it does not answer within seconds
     */
    RuntimeAnswer runtime(Path socket) throws IOException;

    /**
     * Asks a runtime for the pods that run, the oldest first.
     *
     * @throws IOException if it does not answer within seconds
     */
    List<PodSandboxRequest> pods(Path socket) throws IOException;

    /**
     * Asks the running podslice for its version and condition.
     *
     * @throws IOException if it does not answer within seconds
     */
    ApiAnswer api(Path socket) throws IOException;
}
