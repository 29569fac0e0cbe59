package io.podslice.agent.kubelet;

import java.util.List;

/** The distributions that start the kubelet themselves, from a configuration of their own. */
public enum Distribution {
    /** The kubelet is a unit of its own, as with kubeadm. */
    NONE("kubelet"),
    K3S("k3s"),
    RKE2("rke2");

    private final String program;

    Distribution(String program) {
        this.program = program;
    }

    /** Returns the name of the program that the unit starts. */
    String program() {
        return program;
    }

    /** Returns the units that may start the kubelet. */
    List<String> units() {
        return switch (this) {
            case NONE -> List.of("kubelet.service");
            case K3S -> List.of("k3s-agent.service", "k3s.service");
            case RKE2 -> List.of("rke2-agent.service", "rke2-server.service");
        };
    }

    /** Returns the folder of a distribution's configuration. */
    String folder() {
        return "/etc/rancher/" + program;
    }
}
