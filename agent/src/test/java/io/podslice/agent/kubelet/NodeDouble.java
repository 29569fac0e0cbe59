package io.podslice.agent.kubelet;

import io.podslice.agent.host.NodeFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Stands in for systemd, the kubelet and the clock of a node: a restart lets the kubelet run with the command line that its unit
 * has, and time passes when it is waited for.
 */
final class NodeDouble implements ServiceManager, Health, NodeClock {
    private final NodeFolder node;
    private final Set<String> broken = new HashSet<>();
    private final List<String> calls = new ArrayList<>();
    private Optional<List<String>> scheduled = Optional.empty();
    private long now;
    private boolean dies;

    NodeDouble(NodeFolder node) {
        this.node = node;
    }

    /** Lets the kubelet be unsound with an endpoint. */
    void breakWith(String endpoint) {
        broken.add(endpoint);
    }

    /** Lets this process end at the next restart, as a kill would. */
    void dieAtRestart(boolean does) {
        dies = does;
    }

    /** Returns the calls of the service manager, in their order. */
    List<String> calls() {
        return calls;
    }

    /** Returns the command of the timer, if one is set. */
    Optional<List<String>> scheduled() {
        return scheduled;
    }

    @Override
    public void reload() {
        calls.add("daemon-reload");
    }

    @Override
    public void restart(String unit) throws IOException {
        if (dies) {
            throw new IllegalStateException("killed");
        }
        calls.add("restart " + unit);
        if (unit.equals("kubelet.service")) {
            List<String> words = KubeletUnit.read(node.files(), unit).words().stream()
                    .map(KubeletUnit.Word::text)
                    .toList();
            node.put("/proc/" + NodeFolder.KUBELET + "/cmdline", String.join("\0", words) + "\0");
        }
    }

    /** Starts podslice, whose socket is there from then on. */
    @Override
    public void enable(String unit) {
        calls.add("enable " + unit);
        node.put("/run/podslice/cri.sock", "");
    }

    @Override
    public boolean isActive(String unit) {
        return true;
    }

    @Override
    public void schedule(String name, Duration after, List<String> command) {
        calls.add("schedule " + name + " after " + after.toSeconds());
        scheduled = Optional.of(command);
    }

    @Override
    public void cancel(String name) {
        calls.add("cancel " + name);
        scheduled = Optional.empty();
    }

    @Override
    public Optional<String> problem(String endpoint) {
        String runs;
        try {
            runs = Kubelet.read(node.files()).running(KubeletKey.ENDPOINT).value();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        if (!runs.equals(endpoint)) {
            return Optional.of("the kubelet runs with " + runs);
        }
        return broken.contains(endpoint) ? Optional.of("healthz: status 500") : Optional.empty();
    }

    @Override
    public long seconds() {
        return now;
    }

    @Override
    public void pause(long seconds) {
        now += seconds;
    }
}
