package io.podslice.cluster.apiserver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * This node's name in the cluster: the configured one, else the one in the client's certificate, else the host name in lower
 * case, as the kubelet has it.
 */
public final class NodeName {
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    private final Optional<String> configured;
    private final Optional<ApiServer> server;
    private final Path hostName;

    /**
     * @param configured the name in the configuration; empty where it has none
     * @param server has the certificate; empty where podslice has no access to the API server
     */
    public NodeName(Optional<String> configured, Optional<ApiServer> server) {
        this(configured, server, HOST_NAME);
    }

    /** @param hostName the file that has the host name */
    NodeName(Optional<String> configured, Optional<ApiServer> server, Path hostName) {
        this.configured = configured;
        this.server = server;
        this.hostName = hostName;
    }

    /**
     * Returns the name. A client certificate may come later than podslice; until it can be read the host name counts, since
     * static pods run before it is there.
     *
     * @throws IOException if the host name cannot be read
     */
    public String get() throws IOException {
        if (configured.isPresent()) {
            return configured.get();
        }
        Optional<String> certified = server.flatMap(NodeName::certified);
        return certified.isPresent()
                ? certified.get()
                : Files.readString(hostName).strip().toLowerCase(Locale.ROOT);
    }

    private static Optional<String> certified(ApiServer server) {
        try {
            return server.nodeName();
        } catch (IOException unreadable) {
            // The credentials themselves have said so in the log, and say it to every call.
            return Optional.empty();
        }
    }
}
