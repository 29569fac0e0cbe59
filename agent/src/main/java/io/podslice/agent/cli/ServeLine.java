package io.podslice.agent.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The two spellings of {@code podslice serve} that units and manifests use, recognised without picocli: building its
 * model takes longer than everything else that podslice does before it listens.
 *
 * @param config the configuration file; null where the line names none
 */
record ServeLine(@Nullable Path config) {
    private static final String OPTION = "--config";

    /** Reads a command line; empty for every other command, and for one with a mistake. */
    public static Optional<ServeLine> of(String[] args) {
        if (args.length == 0 || !args[0].equals("serve")) {
            return Optional.empty();
        }
        if (args.length == 1) {
            return Optional.of(new ServeLine(null));
        }
        if (args.length == 2 && args[1].startsWith(OPTION + "=")) {
            return file(args[1].substring(OPTION.length() + 1));
        }
        if (args.length == 3 && args[1].equals(OPTION)) {
            return file(args[2]);
        }
        return Optional.empty();
    }

    private static Optional<ServeLine> file(String name) {
        try {
            return name.isEmpty() ? Optional.empty() : Optional.of(new ServeLine(Path.of(name)));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
