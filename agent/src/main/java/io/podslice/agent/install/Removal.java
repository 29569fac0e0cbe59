package io.podslice.agent.install;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes a podslice that {@link Installation} has put on a node off again: the kubelet and the cgroups first, files last, so that a
 * removal that was killed in the middle can be done again. For one thread.
 */
public final class Removal {
    private final HostFiles files;
    private final HostUnits units;
    private final InstallLayout layout;
    private final PrintWriter out;
    private final HostWriter writer;
    private final InstallRecordStore store;

    /** @param out is told each step in a line */
    public Removal(HostFiles files, HostUnits units, InstallLayout layout, PrintWriter out) {
        this.files = files;
        this.units = units;
        this.layout = layout;
        this.out = out;
        this.writer = new HostWriter(files);
        this.store = new InstallRecordStore(files, writer, layout);
    }

    /** Tells if the node has nothing of an installation's. */
    public static boolean isDone(HostFiles files, InstallLayout layout) {
        return !files.exists(layout.record()) && !files.exists(layout.releases());
    }

    /**
     * Removes podslice.
     *
     * @throws InstallException if the kubelet could not be detached, or the cgroups not be released; podslice stays then
     * @throws IOException if a file cannot be read or removed
     */
    public void run() throws InstallException, IOException {
        Optional<InstallRecord> record = store.read();
        if (record.isEmpty()) {
            Ownership.packaged(files)
                    .ifPresent(path ->
                            out.println(path + ": a package of podslice is installed on this node, and is left alone"));
            out.println("podslice install has put nothing on this node");
            removeFolders();
            return;
        }
        if (files.exists(layout.program())) {
            giveBack();
        }
        removeFiles(new OwnedFiles(files, writer, store, record.get()));
        removeFolders();
        out.println("podslice is off this node");
    }

    /** Lets kubelet and cgroups be as without podslice, by the podslice on the node. */
    private void giveBack() throws InstallException {
        out.println("detaching the kubelet, if it is attached");
        units.run("podslice-detach", List.of(layout.program(), "kubelet", "detach"));
        // The service first: a connection to the socket would start it again.
        units.stop(InstallLayout.SERVICE);
        units.stop(InstallLayout.SOCKET);
        out.println("stopped podslice; giving the cgroups of all pods back");
        units.run("podslice-release", List.of(layout.program(), "release"));
        units.run("podslice-slices", List.of(layout.slices(), "--remove"));
        for (String unit : InstallLayout.units()) {
            if (files.exists(InstallLayout.unit(unit))) {
                units.disable(List.of(unit));
            }
        }
    }

    private void removeFiles(OwnedFiles owned) throws IOException {
        for (String unit : InstallLayout.units()) {
            remove(owned, InstallLayout.unit(unit));
        }
        units.reload();
        remove(owned, InstallLayout.CONFIG);
        writer.empty(InstallLayout.STATE);
        writer.empty(InstallLayout.RUN);
        new ReleaseStore(files, writer, layout).removeAll();
        // The record goes with the rest, last of what a later removal needs.
        writer.empty(layout.home());
    }

    private void remove(OwnedFiles owned, String path) throws IOException {
        if (!owned.remove(path)) {
            out.println(path + ": has changes that are not podslice install's, and stays");
        }
    }

    /** Removes folders that are empty; those that are mounts of a container are removed on the node, which has no such mounts. */
    private void removeFolders() throws InstallException, IOException {
        List<String> left = new ArrayList<>();
        String config = InstallLayout.CONFIG;
        for (String folder : List.of(
                layout.home(), config.substring(0, config.lastIndexOf('/')), InstallLayout.STATE, InstallLayout.RUN)) {
            if (!writer.removedIfEmpty(folder)) {
                left.add(folder);
            }
        }
        if (!left.isEmpty()) {
            units.remove(left);
        }
    }
}
