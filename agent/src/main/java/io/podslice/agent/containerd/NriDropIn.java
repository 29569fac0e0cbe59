package io.podslice.agent.containerd;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns containerd's NRI on by a drop-in of podslice's own, and takes it away again. containerd is never restarted. */
public final class NriDropIn {
    /** containerd's configuration where it is not told another. */
    public static final String CONFIG = "/etc/containerd/config.toml";

    /** The drop-in's name: after all that begin with two digits, as containerd takes the last. */
    static final String NAME = "99-podslice-nri.toml";

    private static final String HEADER = "[plugins.\"io.containerd.nri.v1.nri\"]";
    private static final String OFF = "disable = false";

    private final HostFiles files;
    private final String path;

    /** @param path of containerd's configuration on the node */
    public NriDropIn(HostFiles files, String path) {
        this.files = files;
        this.path = path;
    }

    /**
     * The outcome.
     *
     * @param isDone true if NRI is on, or will be with the next start of containerd
     * @param lines what was done, or what is to do by hand
     */
    public record Outcome(boolean isDone, List<String> lines) {
        public Outcome {
            lines = List.copyOf(lines);
        }
    }

    /**
     * Turns NRI on.
     *
     * @param major the major version of the containerd that runs, by which the default is known; 0 if it is not known
     * @throws IOException if a file cannot be read or written
     */
    public Outcome enable(int major) throws IOException {
        Optional<ContainerdConfig> read = ContainerdConfig.read(files, path);
        int known = major != 0
                ? major
                : read.map(config -> config.version() >= 3 ? 2 : 1).orElse(2);
        boolean isOff = read.flatMap(ContainerdConfig::isNriDisabled).orElse(known < 2);
        if (!isOff) {
            return new Outcome(
                    true,
                    List.of("NRI is on already: "
                            + read.flatMap(ContainerdConfig::nriFile)
                                    .map(file -> file + " says so")
                                    .orElse("the default of containerd " + known)));
        }
        if (read.isEmpty() || known < 2) {
            return byHand(read);
        }
        ContainerdConfig config = read.get();
        Optional<String> folder = config.dropInFolder();
        if (folder.isEmpty()) {
            return new Outcome(
                    false,
                    List.of(
                            path
                                    + " imports no folder of drop-ins, and podslice does not rewrite it. Add before its first"
                                    + " table",
                            "  imports = [\"/etc/containerd/conf.d/*.toml\"]",
                            "and run this command again; or set there",
                            "  " + HEADER,
                            "    " + OFF,
                            "Then restart containerd: containers run on."));
        }
        String dropIn = folder.get() + "/" + NAME;
        String last = config.nriFile().orElse(path);
        if (last.compareTo(dropIn) > 0 && last.startsWith(folder.get() + "/")) {
            return new Outcome(
                    false, List.of(last + " comes after " + dropIn + " and turns NRI off: set \"" + OFF + "\" there"));
        }
        write(dropIn, text(config));
        return new Outcome(
                true,
                List.of(
                        "wrote " + dropIn + ", with the NRI settings of " + last + " and \"" + OFF + "\"",
                        "NRI is on once containerd is started anew; this command does not do that:",
                        "  systemctl restart containerd      # containers run on"));
    }

    private Outcome byHand(Optional<ContainerdConfig> config) {
        List<String> lines = new ArrayList<>();
        lines.add("containerd 1.7 has NRI off by default. Set in " + path
                + (config.isEmpty() ? ", which does not exist" : ""));
        if (config.isEmpty()) {
            lines.add("  version = 2");
        }
        lines.add("  " + HEADER);
        lines.add("    " + OFF);
        lines.add("Then restart containerd: systemctl restart containerd; containers run on.");
        return new Outcome(false, lines);
    }

    /**
     * The drop-in repeats all settings of the table, since a file's table takes the place of an earlier file's. Its version must
     * not be above the main file's: containerd would not start.
     */
    private static String text(ContainerdConfig config) {
        StringBuilder text =
                new StringBuilder("# Written by podslice nri enable; podslice nri disable takes it away.\n");
        if (config.version() > 0) {
            text.append("version = ").append(config.version()).append('\n');
        }
        text.append('\n').append(HEADER).append('\n').append("  ").append(OFF).append('\n');
        boolean isOwn = true;
        List<String> table = config.nriTable();
        for (String line : table.subList(Math.min(1, table.size()), table.size())) {
            isOwn &= !line.startsWith("[");
            if (!(isOwn && line.matches("disable\\s*=.*"))) {
                text.append(line.startsWith("[") ? "\n" : "  ").append(line).append('\n');
            }
        }
        return text.toString();
    }

    /**
     * Takes the drop-in away; NRI is then as the other files say.
     *
     * @throws IOException if a file cannot be read or removed
     */
    public Outcome disable() throws IOException {
        Optional<String> dropIn = ContainerdConfig.read(files, path)
                .flatMap(ContainerdConfig::dropInFolder)
                .map(folder -> folder + "/" + NAME)
                .filter(files::exists);
        if (dropIn.isEmpty()) {
            return new Outcome(true, List.of("nothing to undo: podslice nri enable has written no drop-in"));
        }
        Files.delete(files.at(dropIn.get()));
        return new Outcome(
                true,
                List.of(
                        "removed " + dropIn.get(),
                        "NRI is as before once containerd is started anew; this command does not do that:",
                        "  systemctl restart containerd      # containers run on"));
    }

    private void write(String dropIn, String text) throws IOException {
        Path target = files.at(dropIn);
        Files.createDirectories(target.resolveSibling(""));
        Path beside = target.resolveSibling(NAME + ".new"); // Not imported: its name does not end in .toml.
        Files.writeString(beside, text);
        Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    }
}
