package io.podslice.agent.cli;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.doctor.NodeReader;
import io.podslice.agent.host.HostFiles;
import io.podslice.agent.kubelet.EndpointSwitch;
import io.podslice.agent.kubelet.Health;
import io.podslice.agent.kubelet.LiveHealth;
import io.podslice.agent.kubelet.NodeClock;
import io.podslice.agent.kubelet.ServiceManager;
import io.podslice.agent.kubelet.Systemd;
import io.podslice.agent.yaml.DocumentException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says where podslice's socket and state are, for the commands about the kubelet. */
final class KubeletOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the node's configuration file; default: " + NodeReader.CONFIG
                    + ", or the default configuration where that is not there")
    private @Nullable Path config;

    /** Returns the configuration's path; null for the default configuration. */
    @Nullable
    Path file() {
        Path usual = Path.of(NodeReader.CONFIG);
        return config != null ? config : Files.exists(usual) ? usual : null;
    }

    /** Reads the configuration. */
    Configuration read() throws DocumentException {
        return NodeSocketOptions.configuration(file());
    }

    /** Returns what changes this node's kubelet. */
    static EndpointSwitch here(Configuration configuration, PrintWriter out) {
        HostFiles files = HostFiles.here();
        ServiceManager services = new Systemd();
        Health health = new LiveHealth(files, services);
        return new EndpointSwitch(
                files,
                services,
                health,
                NodeClock.SYSTEM,
                configuration.stateDir().toString(),
                out);
    }
}
