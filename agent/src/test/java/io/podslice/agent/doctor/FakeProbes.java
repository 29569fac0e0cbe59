package io.podslice.agent.doctor;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.node.PodSandboxRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What listens on a node's sockets, as a test says. */
public final class FakeProbes implements Probes {
    private final Set<String> refusing = new HashSet<>();
    private final List<PodSandboxRequest> pods = new ArrayList<>();
    private RuntimeAnswer runtime = new RuntimeAnswer("containerd", "v2.1.9", Optional.of(CgroupDriver.SYSTEMD));
    private ApiAnswer api = new ApiAnswer("0.1.0", "");

    /** Lets nothing listen on the socket with that name. */
    public void refuse(String name) {
        refusing.add(name);
    }

    /** Lets a process listen there again. */
    public void accept(String name) {
        refusing.remove(name);
    }

    void runtime(RuntimeAnswer answer) {
        runtime = answer;
    }

    void api(ApiAnswer answer) {
        api = answer;
    }

    void run(PodSandboxRequest pod) {
        pods.add(pod);
    }

    @Override
    public String connect(Path socket) {
        return refusing.contains(String.valueOf(socket.getFileName())) ? "Connection refused" : "";
    }

    private void require(Path socket) throws IOException {
        if (!connect(socket).isEmpty()) {
            throw new IOException(connect(socket));
        }
    }

    @Override
    public RuntimeAnswer runtime(Path socket) throws IOException {
        require(socket);
        return runtime;
    }

    @Override
    public List<PodSandboxRequest> pods(Path socket) throws IOException {
        require(socket);
        return List.copyOf(pods);
    }

    @Override
    public ApiAnswer api(Path socket) throws IOException {
        require(socket);
        return api;
    }
}
