package io.podslice.agent.cli;

import io.podslice.agent.host.HostFiles;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option of commands that read a node's files, of this node or of a copy of them. */
final class RootOption {
    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/",
            description = "the folder that is the node's root; default: /")
    private Path root = Path.of("/");

    /** Returns the folder that is the node's root. */
    Path folder() {
        return root;
    }

    /** Returns the node's files. */
    HostFiles files() {
        return new HostFiles(root);
    }
}
