package io.podslice.agent.doctor;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.config.MachineFit;
import io.podslice.agent.host.HostFiles;
import io.podslice.agent.kubelet.Kubelet;
import io.podslice.agent.kubelet.KubeletKey;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.machine.SysfsMachine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a node for its checks. A file that is there and cannot be read is named in the record. For one thread. */
public final class NodeReader {
    /** The configuration of a node where podslice is a service. */
    public static final String CONFIG = "/etc/podslice/podslice.yaml";

    private static final Pattern POLICY = Pattern.compile("\"policyName\"\\s*:\\s*\"([^\"]*)\"");

    private final HostFiles files;
    private final Probes probes;
    private final String ownVersion;
    private final List<String> unreadable = new ArrayList<>();

    /** @param ownVersion the version of this program; empty if it is not known */
    public NodeReader(HostFiles files, Probes probes, String ownVersion) {
        this.files = files;
        this.probes = probes;
        this.ownVersion = ownVersion;
    }

    /**
     * Reads everything.
     *
     * @param config the configuration's path on the node; null: {@value #CONFIG} if it is there, else the defaults
     */
    public NodeRecord read(@Nullable String config) {
        String configFile = config != null ? config : files.exists(CONFIG) ? CONFIG : "";
        List<String> errors = new ArrayList<>();
        Configuration configuration = configuration(configFile, errors);
        CgroupTreeReader tree = new CgroupTreeReader(files, configuration.cgroups(), unreadable);
        NodeRecord.Cgroups cgroups = tree.read();
        SocketReader sockets = new SocketReader(files, probes);
        NodeRecord.ContainerRuntime runtime = sockets.runtime(configuration);
        Optional<Machine> machine = machine(configuration);
        List<String> misfits =
                machine.map(one -> MachineFit.problems(configuration, one)).orElse(List.of());
        boolean isUsable = errors.isEmpty() && misfits.isEmpty();
        NodeRecord.Pods pods = machine.isPresent() && isUsable
                ? new PodsReader(files, probes, unreadable).read(configuration, machine.get(), cgroups, runtime)
                : new NodeRecord.Pods(-1, 0, Map.of());
        Optional<Kubelet> kubelet = kubelet();
        return new NodeRecord(
                configuration,
                text("/proc/sys/kernel/osrelease").strip(),
                cgroups,
                runtime,
                kubelet,
                managerStates(kubelet),
                new ServiceReader(files, sockets, unreadable)
                        .read(configFile, configuration, errors, misfits, ownVersion),
                pods,
                unreadable);
    }

    private Configuration configuration(String path, List<String> errors) {
        if (path.isEmpty()) {
            return Configuration.DEFAULT;
        }
        Optional<String> text;
        try {
            text = files.text(path);
        } catch (IOException e) {
            errors.add(String.valueOf(e.getMessage()));
            return Configuration.DEFAULT;
        }
        if (text.isEmpty()) {
            errors.add(path + ": no such file");
            return Configuration.DEFAULT;
        }
        ConfigurationFile read = ConfigurationFile.parse(text.get());
        read.errors().forEach(error -> errors.add(error.text(path)));
        return read.configuration();
    }

    private Optional<Machine> machine(Configuration configuration) {
        Configuration.Cgroups paths = configuration.cgroups();
        try {
            return Optional.of(SysfsMachine.read(
                    files.at(paths.sysfs().toString()), files.at(paths.procfs().toString())));
        } catch (IOException e) {
            unreadable.add("the machine: " + e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<Kubelet> kubelet() {
        try {
            return Optional.of(Kubelet.read(files));
        } catch (IOException e) {
            unreadable.add("the kubelet: " + e.getMessage());
            return Optional.empty();
        }
    }

    private Map<String, String> managerStates(Optional<Kubelet> kubelet) {
        String folder =
                kubelet.map(one -> one.running(KubeletKey.ROOT_DIR).value()).orElse("/var/lib/kubelet");
        Map<String, String> policies = new LinkedHashMap<>();
        for (String name : List.of("cpu_manager_state", "memory_manager_state")) {
            String path = folder + "/" + name;
            Matcher policy = POLICY.matcher(text(path));
            if (policy.find()) {
                policies.put(path, policy.group(1));
            }
        }
        return policies;
    }

    private String text(String path) {
        try {
            return files.text(path).orElse("");
        } catch (IOException e) {
            unreadable.add(String.valueOf(e.getMessage()));
            return "";
        }
    }
}
