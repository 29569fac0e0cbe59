package io.podslice.agent.cli;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.yaml.DocumentException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where the node API is, for every command that calls it. */
final class NodeSocketOptions {
    private static final String SCHEME = "unix://";

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "the node API's socket; default: the one that --config names")
    private @Nullable String socket;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the node's configuration file; default: the default configuration")
    private @Nullable Path config;

    /** The socket's path. */
    Path path() throws DocumentException {
        if (socket != null) {
            return Path.of(socket.startsWith(SCHEME) ? socket.substring(SCHEME.length()) : socket);
        }
        return configuration(config).api().listen();
    }

    /** The configuration file; null for none. */
    @Nullable
    Path config() {
        return config;
    }

    /** Reads a configuration file; the defaults for null. */
    static Configuration configuration(@Nullable Path config) throws DocumentException {
        if (config == null) {
            return Configuration.DEFAULT;
        }
        try {
            ConfigurationFile read = ConfigurationFile.read(config);
            if (!read.errors().isEmpty()) {
                throw new DocumentException(config.toString(), read.errors());
            }
            return read.configuration();
        } catch (IOException e) {
            throw new DocumentException(String.valueOf(e.getMessage()));
        }
    }
}
