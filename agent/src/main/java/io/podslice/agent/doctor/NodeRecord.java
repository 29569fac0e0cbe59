package io.podslice.agent.doctor;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.kubelet.Kubelet;
import io.podslice.cgroups.CgroupDriver;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node as it was read, for checks that do no I/O.
 *
 * @param configuration podslice's, with defaults in place of wrong values
 * @param kernel the kernel's release, e.g. {@code 6.12.1-amd64}; empty if it cannot be read
 * @param cgroups the cgroup tree
 * @param runtime the container runtime
 * @param kubelet the kubelet; empty if it could not be read, which {@code unreadable} then says
 * @param managerStates the policies in the kubelet's state files, by file
 * @param service podslice's own files, sockets and unit
 * @param pods running pods, and those that would be refused
 * @param unreadable files that are there and cannot be read, a line each
 */
public record NodeRecord(
        Configuration configuration,
        String kernel,
        Cgroups cgroups,
        ContainerRuntime runtime,
        Optional<Kubelet> kubelet,
        Map<String, String> managerStates,
        Service service,
        Pods pods,
        List<String> unreadable) {

    public NodeRecord {
        managerStates = Map.copyOf(managerStates);
        unreadable = List.copyOf(unreadable);
    }

    /**
     * The cgroup tree.
     *
     * @param isVersion2 if the root is a cgroup v2 mount
     * @param controllers those of the root; empty where it is not cgroup v2
     * @param kubepods the cgroup of all pods by the driver that made it; empty where the kubelet has never run. Both where the
     *     driver was changed without a reboot
     * @param podControllers the controllers in the cgroup of all pods
     * @param hasPartitions if the kernel has {@code cpuset.cpus.exclusive} there
     * @param hasSlicesDropIn if the drop-in is there that keeps the cpuset controller in pods' slices
     */
    public record Cgroups(
            boolean isVersion2,
            List<String> controllers,
            Map<CgroupDriver, String> kubepods,
            List<String> podControllers,
            boolean hasPartitions,
            boolean hasSlicesDropIn) {
        public Cgroups {
            controllers = List.copyOf(controllers);
            kubepods = Map.copyOf(kubepods);
            podControllers = List.copyOf(podControllers);
        }
    }

    /**
     * A Unix socket.
     *
     * @param path on the node
     * @param exists if there is a file
     * @param mode its permissions as {@code rw-rw----}; empty if there is none
     * @param problem the reason for which it cannot be connected to; empty if it can
     */
    public record Socket(String path, boolean exists, String mode, String problem) {
        /** Tells if every user may connect as far as the file's mode goes. */
        boolean isOpenToAll() {
            return mode.length() == 9 && mode.charAt(7) == 'w';
        }

        /** Tells if a client can connect. */
        boolean answers() {
            return exists && problem.isEmpty();
        }
    }

    /**
     * The container runtime.
     *
     * @param socket the socket that podslice is configured to connect to
     * @param name e.g. {@code containerd}; empty if it did not answer
     * @param version e.g. {@code v2.1.9}
     * @param driver its cgroup driver; empty if it does not tell, as containerd before 2.0
     * @param nriSocket its NRI socket
     */
    public record ContainerRuntime(
            Socket socket, String name, String version, Optional<CgroupDriver> driver, Socket nriSocket) {}

    /**
     * podslice's own parts.
     *
     * @param configFile the path of the configuration; empty for the defaults
     * @param configErrors the mistakes in it, a line each
     * @param misfits what it asks for that the machine cannot give, a line each
     * @param shim the socket for the kubelet
     * @param api the node API's socket
     * @param stateFolder the permissions of {@code state.dir} as {@code rwx------}; empty if there is none
     * @param isInstalled if there is a unit
     * @param isEnabled if the unit or its socket is started at boot
     * @param version the version of the podslice that runs; empty if it did not answer
     * @param notReady the reason for which the running podslice manages no pods; empty if it does, or did not answer
     * @param ownVersion the version of this program
     */
    public record Service(
            String configFile,
            List<String> configErrors,
            List<String> misfits,
            Socket shim,
            Socket api,
            String stateFolder,
            boolean isInstalled,
            boolean isEnabled,
            String version,
            String notReady,
            String ownVersion) {
        public Service {
            configErrors = List.copyOf(configErrors);
            misfits = List.copyOf(misfits);
        }
    }

    /**
     * The pods that run.
     *
     * @param running the number of pods; -1 if the runtime does not tell
     * @param asking the number of those whose annotations ask something of podslice
     * @param refused those of them that podslice would refuse if they came anew, in the order of their creation, with the reason
     */
    public record Pods(int running, int asking, Map<String, String> refused) {
        public Pods {
            refused = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(refused));
        }
    }
}
