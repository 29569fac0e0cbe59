package io.podslice.simulator.systemd;

import io.podslice.cgroups.machine.Machine;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The scripts, and the answers of each version of systemd to them. */
final class SystemdScripts {
    static final Path FOLDER = Path.of("src/test/resources/io/podslice/simulator/systemd");

    private SystemdScripts() {}

    static List<String> names() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".script"))
                    .map(name -> name.substring(0, name.length() - ".script".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the answers of the simulated systemd, as that version. */
    static String simulated(String name, int version) throws IOException {
        Machine machine = Machine.regular(1, 2, 4, 1, 2L << 30).withHugepages(0, 2L << 20, 4);
        List<String> lines = Files.readAllLines(FOLDER.resolve(name + ".script"));
        return new SystemdScript(new SimulatedCgroups(machine), version).run(lines);
    }

    /** Returns the answers of a version. */
    static String recorded(String name, int version) throws IOException {
        return Files.readString(FOLDER.resolve(name + "." + version));
    }
}
