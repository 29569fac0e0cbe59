package io.podslice.agent.install;

import io.podslice.agent.host.HostFiles;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/** The podslice that a node has already, by its files. */
final class Ownership {
    private static final List<String> PACKAGED = List.of(
            "/usr/lib/systemd/system/podslice.service",
            "/lib/systemd/system/podslice.service",
            "/usr/lib/podslice/bin/podslice");

    private Ownership() {}

    /** Returns the file by which a Debian package or an rpm is known; empty if there is none. */
    static Optional<String> packaged(HostFiles files) {
        return PACKAGED.stream().filter(files::exists).findFirst();
    }

    /**
     * Refuses a node whose podslice is another installation's.
     *
     * @param recorded true if this installation has a record there
     * @throws InstallException naming the file
     */
    static void require(HostFiles files, InstallLayout layout, boolean recorded) throws InstallException {
        Optional<String> packaged = packaged(files);
        if (packaged.isPresent()) {
            throw new InstallException(
                    packaged.get()
                            + ": a package of podslice is installed on this node, and is left alone: upgrade it with apt or rpm, or"
                            + " remove it (podslice kubelet detach, apt purge podslice) before podslice is installed from its image");
        }
        if (recorded) {
            return;
        }
        if (files.exists(layout.home() + "/jvm/bin/java") || isFolder(files, layout.bin())) {
            throw new InstallException(layout.home()
                    + ": has a podslice that systemd/install has put there, and is left alone: remove it first, or choose"
                    + " another folder (--folder, in the chart host.install)");
        }
        for (String unit : InstallLayout.units()) {
            if (files.exists(InstallLayout.unit(unit))) {
                throw new InstallException(
                        InstallLayout.unit(unit)
                                + ": is there already, and was not put there by podslice install; it is left alone: remove it first");
            }
        }
    }

    private static boolean isFolder(HostFiles files, String path) {
        return Files.isDirectory(files.at(path)) && !Files.isSymbolicLink(files.at(path));
    }
}
