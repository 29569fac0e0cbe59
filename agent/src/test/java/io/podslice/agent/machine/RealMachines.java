package io.podslice.agent.machine;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.machine.SysfsMachine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Real machines among the test resources: their sysfs, and the XML that lstopo makes of it. */
public final class RealMachines {
    /** The names of all machines. */
    public static final List<String> NAMES = List.of(
            "2s-8numa-pmem-112cpu", "2s-pmem-112cpu", "2s-snc2-80cpu", "4s-144cpu", "desktop-20cpu", "hybrid-16cpu");

    private static final Path SYSFS =
            Path.of("..", "cgroups", "src", "test", "resources", "io", "podslice", "cgroups", "machine");

    private RealMachines() {}

    /**
     * Reads a machine from its XML.
     *
     * @param version of hwloc, 1 or 2
     */
    public static Machine ofXml(String name, int version) throws IOException, DocumentException {
        return HwlocReader.read(name, xml(name, version));
    }

    static String xml(String name, int version) throws IOException {
        try (InputStream packed = RealMachines.class.getResourceAsStream(name + ".v" + version + ".xml.gz")) {
            if (packed == null) {
                throw new IOException("no XML of " + name + " among the test resources");
            }
            return new String(new GZIPInputStream(packed).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** @param scratch an empty folder */
    static Machine ofSysfs(String name, Path scratch) throws IOException {
        try (FileSystem archive = FileSystems.newFileSystem(scratch.resolve(name + ".zip"), Map.of("create", "true"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(
                        new GZIPInputStream(Files.newInputStream(SYSFS.resolve(name + ".sysfs.gz"))),
                        StandardCharsets.UTF_8))) {
            Path sys = archive.getPath("/sys");
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int tab = line.indexOf('\t');
                Path file = sys.resolve(line.substring(0, tab));
                Files.createDirectories(file.getParent());
                Files.writeString(file, line.substring(tab + 1).replace("\\n", "\n") + "\n");
            }
            return SysfsMachine.read(sys, archive.getPath("/proc"));
        }
    }
}
