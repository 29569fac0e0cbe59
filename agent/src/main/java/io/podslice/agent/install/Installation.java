package io.podslice.agent.install;

import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.host.HostFiles;
import io.podslice.agent.kubelet.EndpointSwitch;
import io.podslice.cgroups.systemd.SystemdException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;

/**
 * Puts a release of podslice on a node and starts it, or takes the node from an earlier release to this one. Each step is one that
 * can be done again, and is decided by what the node has: an installation that was killed in the middle is finished by the next
 * one. For one thread.
 */
public final class Installation {
    private final HostFiles files;
    private final HostUnits units;
    private final InstallLayout layout;
    private final PrintWriter out;
    private final HostWriter writer;
    private final ReleaseStore releases;
    private final InstallRecordStore store;

    /** @param out is told each step in a line */
    public Installation(HostFiles files, HostUnits units, InstallLayout layout, PrintWriter out) {
        this.files = files;
        this.units = units;
        this.layout = layout;
        this.out = out;
        this.writer = new HostWriter(files);
        this.releases = new ReleaseStore(files, writer, layout);
        this.store = new InstallRecordStore(files, writer, layout);
    }

    /**
     * The desired podslice of a node.
     *
     * @param release the program
     * @param config the text of podslice.yaml
     * @param attach true to point the kubelet at podslice once it runs
     */
    public record Wanted(Release release, String config, boolean attach) {}

    /**
     * Tells why a configuration cannot be the service's; empty if it can. The units have the socket and the state's folder.
     *
     * @param config the text of podslice.yaml
     */
    public static List<String> problems(String config) {
        ConfigurationFile read = ConfigurationFile.parse(config);
        if (!read.errors().isEmpty()) {
            return read.errors().stream()
                    .map(error -> error.text("podslice.yaml"))
                    .toList();
        }
        String socket = InstallLayout.RUN + "/cri.sock";
        if (!read.configuration().shim().listen().toString().equals(socket)) {
            return List.of("shim.listen: podslice.socket listens at " + socket + ", so this must be unix://" + socket);
        }
        if (!read.configuration().stateDir().toString().equals(InstallLayout.STATE)) {
            return List.of("state.dir: podslice.service may write to " + InstallLayout.STATE + " alone");
        }
        return List.of();
    }

    /** Tells if a release is the one with which the service on the node was started. */
    public static boolean isDone(HostFiles files, InstallLayout layout, Release release)
            throws IOException, InstallException {
        return new InstallRecordStore(files, new HostWriter(files), layout)
                .read()
                .filter(record -> record.started().equals(release.id()) && !record.isUnfinished())
                .isPresent();
    }

    /**
     * Installs.
     *
     * @throws InstallException if the node does not run the release; the message says what it runs
     * @throws IOException if a file cannot be read or written
     */
    public void run(Wanted wanted) throws InstallException, IOException {
        Optional<InstallRecord> kept = store.read();
        Ownership.require(files, layout, kept.isPresent());
        InstallRecord record = kept.orElse(InstallRecord.NONE);
        if (kept.isEmpty()) {
            store.write(record); // From now on what is there is this installation's.
        }
        Release release = wanted.release();
        if (releases.has(release)) {
            out.println(release.id() + " is on the node already");
        } else {
            out.println("copying " + release.id() + " to " + layout.releases());
            releases.copy(release);
        }
        String before = releases.current().orElse("");
        OwnedFiles owned = new OwnedFiles(files, writer, store, record);
        boolean config = put(owned, InstallLayout.CONFIG, wanted.config());
        boolean unitFiles = putUnits(owned, release.id());
        releases.use(release.id());
        if (unitFiles || owned.record().isUnfinished() || !record.started().equals(release.id())) {
            units.reload();
            units.run("podslice-slices", List.of(layout.slices()));
        }
        units.enable(InstallLayout.units());
        if (record.started().equals(release.id()) && units.isActive(InstallLayout.SERVICE)) {
            if (config || owned.record().isUnfinished()) {
                reloadConfiguration();
            }
        } else {
            start(owned, release, before);
        }
        owned.finish(release.id());
        releases.keepOnly(release.id());
        out.println("podslice " + release.id() + " runs on this node");
        if (wanted.attach()) {
            attach(owned, release);
        }
    }

    private boolean putUnits(OwnedFiles owned, String id) throws IOException {
        boolean written = false;
        for (String unit : InstallLayout.units()) {
            String text = layout.placed(Release.unit(releases.folder(id), unit));
            written |= put(owned, InstallLayout.unit(unit), text);
        }
        return written;
    }

    /** Writes a file by the conffile rule, and says what became of it; returns true if it was written. */
    private boolean put(OwnedFiles owned, String path, String text) throws IOException {
        OwnedFiles.Outcome outcome = owned.put(path, text);
        switch (outcome) {
            case WRITTEN -> out.println("wrote " + path);
            case OFFERED ->
                out.println(
                        path + ": has changes that are not podslice install's, and stays as it is; what it would have"
                                + " written is in " + path + OwnedFiles.OFFER);
            case KEPT -> out.println(path + ": has changes that are not podslice install's, and stays as it is");
            case SAME -> {
                // Nothing to do, and nothing to say.
            }
        }
        return outcome == OwnedFiles.Outcome.WRITTEN;
    }

    /** Starts the release, or goes back to the one before. The socket is started once, and restarted never. */
    private void start(OwnedFiles owned, Release release, String before) throws InstallException, IOException {
        units.start(InstallLayout.SOCKET);
        boolean upgrade = units.isActive(InstallLayout.SERVICE);
        try {
            if (upgrade) {
                out.println("restarting " + InstallLayout.SERVICE);
                units.restart(InstallLayout.SERVICE);
            } else {
                out.println("starting " + InstallLayout.SERVICE);
                units.start(InstallLayout.SERVICE);
            }
        } catch (SystemdException e) {
            String problem = release.id() + " does not start (" + e.getMessage() + "; journalctl -u podslice says why)";
            if (before.isEmpty() || before.equals(release.id()) || !goBack(owned, before)) {
                throw new InstallException(problem, e);
            }
            throw new InstallException(problem + ". " + before + " runs again", e);
        }
    }

    private boolean goBack(OwnedFiles owned, String before) throws IOException {
        out.println("going back to " + before);
        releases.use(before);
        putUnits(owned, before);
        try {
            units.reload();
            units.restart(InstallLayout.SERVICE);
            return true;
        } catch (SystemdException e) {
            out.println(before + " does not start either: " + e.getMessage());
            return false;
        }
    }

    private void reloadConfiguration() throws InstallException {
        out.println("reloading the configuration");
        try {
            units.reload(InstallLayout.SERVICE);
        } catch (SystemdException e) {
            throw new InstallException(
                    "the configuration was not taken over (" + e.getMessage() + "; journalctl -u podslice says why)."
                            + " podslice goes on with the last good one",
                    e);
        }
    }

    /** Attaches the kubelet. What has made a node unsound once is not tried again: each time restarts its kubelet twice. */
    private void attach(OwnedFiles owned, Release release) throws InstallException, IOException {
        if (owned.record().notAttached().equals(release.id()) && !files.exists(InstallLayout.ATTACHMENT)) {
            throw new InstallException(
                    "the kubelet was attached to " + release.id() + " before, the node was not sound, and"
                            + " everything was put back; it is not tried again with this release. On the node, "
                            + layout.program() + " kubelet attach shows what is wrong");
        }
        out.println("attaching the kubelet");
        try {
            units.run("podslice-attach", List.of(layout.program(), "kubelet", "attach", "--program", layout.program()));
        } catch (InstallException e) {
            if (String.valueOf(e.getMessage()).contains(EndpointSwitch.PUT_BACK)) {
                owned.notAttached(release.id());
            }
            throw e;
        }
        owned.notAttached("");
        out.println("the kubelet of this node goes through podslice");
    }
}
