package io.podslice.agent.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A process of the node.
 *
 * @param pid its number
 * @param args its command line, the program first; not empty
 */
public record HostProcess(int pid, List<String> args) {
    public HostProcess {
        args = List.copyOf(args);
    }

    /** Returns the last part of the program's path, e.g. {@code kubelet}. */
    public String program() {
        String path = args.getFirst();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /**
     * Lists the processes that have a command line, by number. A process that ends meanwhile is left out.
     *
     * @throws IOException if {@code /proc} cannot be listed
     */
    public static List<HostProcess> all(HostFiles files) throws IOException {
        List<HostProcess> all = new ArrayList<>();
        for (String name : files.names("/proc")) {
            if (!name.isEmpty() && name.chars().allMatch(Character::isDigit) && name.length() < 10) {
                of(files, Integer.parseInt(name)).ifPresent(all::add);
            }
        }
        return all;
    }

    private static Optional<HostProcess> of(HostFiles files, int pid) {
        String line;
        try {
            line = files.text("/proc/" + pid + "/cmdline").orElse("");
        } catch (IOException ended) {
            // The kernel answers ESRCH for a process that has ended since its folder was listed.
            return Optional.empty();
        }
        if (line.isEmpty()) {
            return Optional.empty();
        }
        String text = line.endsWith("\0") ? line.substring(0, line.length() - 1) : line;
        List<String> args = List.of(text.split("\0", -1));
        // k3s puts its whole command line into one argument.
        return Optional.of(new HostProcess(
                pid,
                args.size() == 1 && text.indexOf(' ') > 0 ? List.of(text.strip().split(" +", -1)) : args));
    }
}
