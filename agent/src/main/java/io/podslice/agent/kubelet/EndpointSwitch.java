package io.podslice.agent.kubelet;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Points a node's kubelet at podslice, and back. What is changed is on disk before the first change, and a timer of systemd's puts it
 * back when this process ends in the middle and the node is not sound. For one thread.
 */
public final class EndpointSwitch {
    /** The timer that puts the node back. */
    public static final String TIMER = "podslice-kubelet-undo";

    /** Said of an attach that has restarted the kubelet in vain. */
    public static final String PUT_BACK = "putting everything back";

    /** The time that the timer leaves this process to put the node back by itself. */
    private static final Duration GRACE = Duration.ofSeconds(60);

    private static final String SCHEME = "unix://";

    private static final String UNIT = "podslice.service";

    /** Folders into which a package and systemd/install put its units. */
    private static final List<String> UNIT_FOLDERS = List.of("/usr/lib/systemd/system", "/etc/systemd/system");

    private final HostFiles files;
    private final ServiceManager services;
    private final Health health;
    private final NodeClock clock;
    private final AttachmentStore store;
    private final ChangedFiles changed;
    private final PrintWriter out;

    /**
     * @param stateDir podslice's {@code state.dir} on the node
     * @param out is told each step in a line
     */
    public EndpointSwitch(
            HostFiles files,
            ServiceManager services,
            Health health,
            NodeClock clock,
            String stateDir,
            PrintWriter out) {
        this.files = files;
        this.services = services;
        this.health = health;
        this.clock = clock;
        this.store = new AttachmentStore(files, stateDir);
        this.changed = new ChangedFiles(files);
        this.out = out;
    }

    /**
     * The way in which a kubelet is attached.
     *
     * @param socket podslice's socket on the node
     * @param timeout the time after which a node that does not come back is put back
     * @param settle the time for which a node must be sound before it counts as such
     * @param undo the command that the timer runs
     * @param force to attach a kubelet whose own managers are on
     */
    public record Options(String socket, Duration timeout, Duration settle, List<String> undo, boolean force) {
        public Options {
            undo = List.copyOf(undo);
        }
    }

    /**
     * Attaches the kubelet, once podslice runs, and puts everything back if the node is not sound in time.
     *
     * @throws KubeletException if it was not attached; the node is as before then, or the message says what it is not
     * @throws IOException if a file cannot be read or written; what was changed is put back by the timer, or by detach
     */
    public void attach(Options options) throws IOException, KubeletException {
        Kubelet kubelet = Kubelet.read(files);
        String endpoint = SCHEME + options.socket();
        Optional<Attachment> earlier = store.read();
        if (earlier.isPresent() && earlier.get().isConfirmed() && isAt(kubelet, endpoint)) {
            out.println("attached already: the kubelet runs with " + endpoint);
            return;
        }
        if (earlier.isPresent()) {
            throw new KubeletException(store.path()
                    + ": an earlier attach has not been undone; podslice kubelet detach puts everything back");
        }
        startPodslice(options.socket());
        require(kubelet, endpoint, options);
        Attachment attachment = prepare(kubelet, endpoint);
        services.schedule(TIMER, options.timeout().plus(GRACE), options.undo());
        store.write(attachment);
        String problem;
        try {
            problem = change(attachment).or(() -> sound(endpoint, options)).orElse("");
        } catch (IOException e) {
            problem = String.valueOf(e.getMessage());
        }
        if (problem.isEmpty()) {
            store.write(attachment.confirmed());
            services.cancel(TIMER);
            out.println("attached: the kubelet runs with " + endpoint + ", and the node is sound");
            return;
        }
        out.println("not attached: " + problem + "; " + PUT_BACK);
        restore(attachment, options.timeout());
        throw new KubeletException("not attached: " + problem + ". The kubelet has " + attachment.before() + " again");
    }

    /** A package starts nothing when it is installed: podslice is started when it is wanted, and at each boot from then on. */
    private void startPodslice(String socket) throws IOException {
        if (files.exists(socket) || UNIT_FOLDERS.stream().noneMatch(folder -> files.exists(folder + "/" + UNIT))) {
            return;
        }
        services.enable(UNIT);
        out.println("started " + UNIT + ", and enabled it: it starts with the node from now on");
    }

    private static boolean isAt(Kubelet kubelet, String endpoint) {
        return kubelet.running(KubeletKey.ENDPOINT).value().equals(endpoint)
                && kubelet.next(KubeletKey.ENDPOINT).value().equals(endpoint);
    }

    private void require(Kubelet kubelet, String endpoint, Options options) throws KubeletException {
        if (!kubelet.unit().exists()) {
            throw new KubeletException("no unit of systemd starts a kubelet on this node (kubelet.service, k3s, RKE2):"
                    + " start yours with --" + KubeletKey.ENDPOINT.flag() + "=" + endpoint);
        }
        if (isAt(kubelet, endpoint)) {
            throw new KubeletException("the kubelet runs with " + endpoint + " already, which "
                    + kubelet.running(KubeletKey.ENDPOINT).where()
                    + " says; it was not attached by this command, so there is nothing to undo");
        }
        if (!files.exists(options.socket())) {
            throw new KubeletException(options.socket()
                    + ": no such socket: start podslice first (systemctl enable --now podslice), else the kubelet would have"
                    + " no runtime");
        }
        if (!options.force()) {
            requireManagersOff(kubelet);
        }
    }

    private static void requireManagersOff(Kubelet kubelet) throws KubeletException {
        for (KubeletKey key : List.of(KubeletKey.CPU_MANAGER, KubeletKey.MEMORY_MANAGER, KubeletKey.TOPOLOGY_MANAGER)) {
            Setting setting = kubelet.next(key);
            if (!setting.value().equalsIgnoreCase("none")) {
                throw new KubeletException(
                        key.key() + " is " + setting.value() + " (" + setting.where()
                                + "): beside podslice the kubelet's managers must be none. Drain the node, change it, remove"
                                + " cpu_manager_state and memory_manager_state, and restart the kubelet; or attach with --force");
            }
        }
    }

    private Attachment prepare(Kubelet kubelet, String endpoint) throws IOException {
        List<Attachment.ChangedFile> planned = new ArrayList<>();
        List<String> folders = new ArrayList<>();
        for (FileEdit edit : EndpointPlan.of(files, kubelet, endpoint)) {
            planned.add(changed.described(edit));
            for (String folder : changed.missingFolders(edit.path())) {
                if (!folders.contains(folder)) {
                    folders.add(folder);
                }
            }
        }
        return new Attachment(
                kubelet.next(KubeletKey.ENDPOINT).value(), endpoint, kubelet.unitName(), false, planned, folders);
    }

    /** Writes the files and restarts the kubelet; returns what keeps the endpoint from being the one that counts. */
    private Optional<String> change(Attachment attachment) throws IOException {
        for (Attachment.ChangedFile file : attachment.files()) {
            changed.apply(file);
            out.println("wrote " + file.edit().path());
        }
        Setting next = Kubelet.read(files).next(KubeletKey.ENDPOINT);
        if (!next.value().equals(attachment.endpoint())) {
            return Optional.of(next.where() + " still gives the kubelet the endpoint " + next.value());
        }
        services.reload();
        out.println("restarting " + attachment.unit());
        services.restart(attachment.unit());
        return Optional.empty();
    }

    /** Waits until the node has been sound for a while; returns what was wrong last if it is not so in time. */
    private Optional<String> sound(String endpoint, Options options) {
        return awaited(endpoint, options.timeout(), options.settle());
    }

    private Optional<String> awaited(String endpoint, Duration timeout, Duration settle) {
        long begun = clock.seconds();
        long soundSince = -1;
        Optional<String> last = Optional.of("the node was not looked at");
        try {
            while (clock.seconds() - begun < timeout.toSeconds()) {
                last = health.problem(endpoint);
                if (last.isPresent()) {
                    soundSince = -1;
                } else if (soundSince < 0) {
                    soundSince = clock.seconds();
                }
                if (soundSince >= 0 && clock.seconds() - soundSince >= settle.toSeconds()) {
                    return Optional.empty();
                }
                clock.pause(1);
            }
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        return Optional.of(last.orElse("the node was not sound for " + settle.toSeconds() + " s on end") + " (after "
                + timeout.toSeconds() + " s)");
    }

    /**
     * Puts back what attach has changed.
     *
     * @param onlyIfUnsound to leave the kubelet attached if the node is sound, as the timer does
     * @param timeout the time within which the node must be sound again
     * @throws KubeletException if there is nothing to put back and the kubelet is attached, or the node is not sound
     *     afterwards
     * @throws IOException if a file cannot be read or written
     */
    public void detach(boolean onlyIfUnsound, Duration timeout) throws IOException, KubeletException {
        Optional<Attachment> kept = store.read();
        if (kept.isEmpty()) {
            Setting now = Kubelet.read(files).next(KubeletKey.ENDPOINT);
            if (now.value().endsWith("/podslice/cri.sock")) {
                throw new KubeletException("the kubelet has " + now.value() + " by " + now.where()
                        + ", and there is no " + store.path()
                        + ": it was not attached by podslice kubelet attach. Change it"
                        + " there and restart the kubelet");
            }
            out.println("not attached: the kubelet has " + now.value());
            return;
        }
        Attachment attachment = kept.get();
        if (onlyIfUnsound
                && awaited(attachment.endpoint(), Duration.ofSeconds(30), Duration.ofSeconds(5))
                        .isEmpty()) {
            store.write(attachment.confirmed());
            out.println("the node is sound with " + attachment.endpoint() + ": the kubelet stays attached");
            return;
        }
        restore(attachment, timeout);
        out.println("detached: the kubelet runs with " + attachment.before() + ", and the node is sound");
    }

    private void restore(Attachment attachment, Duration timeout) throws IOException, KubeletException {
        for (Attachment.ChangedFile file : attachment.files().reversed()) {
            changed.restore(file, attachment).ifPresent(out::println);
        }
        changed.removeFolders(attachment.folders());
        services.reload();
        out.println("restarting " + attachment.unit());
        services.restart(attachment.unit());
        Optional<String> problem = awaited(attachment.before(), timeout, Duration.ofSeconds(3));
        services.cancel(TIMER);
        store.delete();
        if (problem.isPresent()) {
            throw new KubeletException("the files are as they were, and the node is not sound: " + problem.get()
                    + "; look at journalctl -u " + attachment.unit());
        }
    }

    /** Returns the attachment's state in words, for {@code status}; empty if nothing is kept. */
    public Optional<String> kept() throws IOException {
        return store.read()
                .map(kept -> kept.isConfirmed()
                        ? "attached by podslice kubelet attach; before: " + kept.before()
                        : "an attach was begun and not finished; podslice kubelet detach puts everything back");
    }
}
