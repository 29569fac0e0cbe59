package io.podslice.simulator.kernel;

import io.podslice.cgroups.machine.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The scripts, Linux's answers to them, and the machine on which they were recorded. */
final class CgroupScripts {
    static final Path FOLDER = Path.of("src/test/resources/io/podslice/simulator/kernel");

    private CgroupScripts() {}

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

    /** Returns the simulated kernel's answers. */
    static String simulated(String name) throws IOException {
        Machine machine = Machine.regular(1, 2, 4, 1, 2L << 30)
                .withHugepages(0, 2L << 20, 0)
                .withHugepages(0, 1L << 30, 0);
        List<String> lines = Files.readAllLines(FOLDER.resolve(name + ".script"));
        return new CgroupScript(new SimulatedCgroups(machine)).run(lines);
    }

    /** Returns Linux's answers. */
    static String recorded(String name) throws IOException {
        return Files.readString(FOLDER.resolve(name + ".transcript"));
    }
}
