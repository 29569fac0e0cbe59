package io.podslice.agent.machine;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.agent.yaml.TextFile;
import io.podslice.cgroups.machine.Kernel;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.machine.SysfsMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the argument by which a command line names a machine. */
public final class MachineArgument {
    /** The argument that names the machine on which the command runs. */
    public static final String THIS = "this";

    private static final int MOST_MEBIBYTES = 32;

    private MachineArgument() {}

    /**
     * Reads a machine.
     *
     * @param argument {@value #THIS}; a folder with a copy of {@code /sys}, or of {@code /} with {@code sys} in it; a
     *     {@link MachineFile}; or hwloc's XML ({@link HwlocReader})
     * @throws DocumentException if it is none of these; the message names it and says why
     */
    public static Machine read(String argument) throws DocumentException {
        try {
            if (argument.equals(THIS)) {
                return SysfsMachine.read(Path.of("/sys"), Path.of("/proc"));
            }
            Path path = Path.of(argument);
            if (Files.isDirectory(path)) {
                return folder(path);
            }
            String text = TextFile.read(path, MOST_MEBIBYTES, "a machine file");
            return HwlocReader.isXml(text) ? HwlocReader.read(argument, text) : MachineFile.read(argument, text);
        } catch (IOException e) {
            throw new DocumentException(String.valueOf(e.getMessage()));
        }
    }

    private static Machine folder(Path folder) throws IOException, DocumentException {
        for (Path sys : new Path[] {folder, folder.resolve("sys")}) {
            if (Files.isDirectory(sys.resolve("devices/system/cpu"))) {
                Path beside = sys.resolveSibling("proc");
                return SysfsMachine.read(sys, Files.isDirectory(beside) ? beside : sys.resolve("proc"));
            }
        }
        throw new DocumentException(folder + ": has no devices/system/cpu, so it is no copy of /sys");
    }

    /**
     * Returns the size in bytes of the machine's memory pages. Neither a machine file nor sysfs tells it, so a machine
     * other than this one gets the size that most machines have.
     *
     * @throws DocumentException if this machine does not tell it
     */
    public static long pageBytes(String argument) throws DocumentException {
        try {
            return argument.equals(THIS) ? Kernel.read(Path.of("/proc")).pageBytes() : 4096;
        } catch (IOException e) {
            throw new DocumentException(String.valueOf(e.getMessage()));
        }
    }
}
