package io.podslice.integration.vm;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.node.CpuIsolation;
import io.podslice.node.NodeView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Random lives of pods whose exclusive CPUs are partitions, beside a busy system service and a busy container of
 * another runtime: no other process may run on them from the grant on, and at the end all CPUs are back. podslice alone
 * on the running kernel, without containerd.
 */
public final class Scenario8 {
    private static final int LIVES_BETWEEN_CHECKS = 100;
    private static final int GRANTS = 20;
    private static final CgroupPath FOREIGN = new CgroupPath("/foreign.slice/container");

    /** Busy for most of the time: a loop without a pause would keep real processors from emulating the others. */
    private static final String BUSY =
            "while :; do i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); done; sleep 0.02; done";

    private final Findings findings;
    private final Random random = new Random(20_261_129);
    private final ForeignThreads watch = new ForeignThreads();
    private final KernelNode node;
    private final CpuSet online = Linux.online();
    private int made;
    private int containers;
    private int refused;

    private Scenario8(Findings findings) throws IOException {
        this.findings = findings;
        this.node = new KernelNode(Files.createTempDirectory("state"), watch);
    }

    /**
     * Runs the scenario.
     *
     * @param args the file for the findings, the number of lives
     */
    public static void main(String[] args) throws Exception {
        Findings findings = new Findings(Path.of(args[0]));
        List<Process> busy = new ArrayList<>();
        try {
            new Scenario8(findings).run(Integer.parseInt(args[1]), busy);
        } finally {
            busy.forEach(Process::destroyForcibly);
        }
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void run(int lives, List<Process> busy) throws Exception {
        node.makeAll(FOREIGN);
        Linux.write(FOREIGN.value(), "cpuset.cpus", "2-5");
        for (CgroupPath path : List.of(new CgroupPath("/services.slice/parked"), FOREIGN)) {
            Process loop = new ProcessBuilder("/bin/sh", "-c", BUSY).start();
            busy.add(loop);
            Linux.write(path.value(), "cgroup.procs", Long.toString(loop.pid()));
        }
        control();
        timesToLeave(busy);
        long before = watch.seen();
        int valid = 0;
        // Besides the lives whose grants were timed.
        int last = made + lives;
        while (made < last) {
            valid += deed();
            if (made % LIVES_BETWEEN_CHECKS == 0) {
                allBack("after " + made + " lives");
                made++;
            }
        }
        allBack("at the end");
        watch.end();
        findings.equal(
                "no other process may run on exclusive CPUs, in " + watch.looks() + " looks", before, watch.seen());
        watch.noted().forEach(System.out::println);
        findings.check("partitions were made and kept", valid > lives, valid + " seen valid after deeds");
        findings.check("most pods were admitted", refused < made / 2, refused + " of " + made + " refused");
    }

    /** Shows that the watch sees what it must: with cpuset alone, the busy processes may run on exclusive CPUs. */
    private void control() throws IOException, InterruptedException {
        node.restart(CpuIsolation.CPUSET);
        arrive();
        NodeView.ContainerView container =
                node.view().pods().getFirst().containers().getFirst();
        long looks = watch.looks();
        watch.granted("control", container.cpus(), Set.of());
        while (watch.looks() < looks + 3) {
            Thread.sleep(10);
        }
        watch.ending("control");
        findings.check("with cpuset a system service may run on exclusive CPUs", watch.seen() > 0, watch.seen());
        node.restart(CpuIsolation.PARTITION);
        node.restart(CpuIsolation.CPUSET);
        findings.equal("cpuset in place of partitions gives all CPUs back", online, node.free());
        node.restart(CpuIsolation.PARTITION);
        findings.equal(
                "partitions in place of cpuset take the running container's CPUs",
                online.minus(container.cpus()),
                node.free());
    }

    /** Measures how soon busy processes are off the CPUs that a pod is given, by {@code cpuset.cpus} and by partitions. */
    private void timesToLeave(List<Process> busy) throws IOException, InterruptedException {
        node.pods().forEach(node::remove);
        Linux.write(FOREIGN.value(), "cpuset.cpus", "0-5");
        Process ofPod = new ProcessBuilder("/bin/sh", "-c", BUSY).start();
        Map<String, Long> processes = Map.of(
                "a system service", busy.getFirst().pid(),
                "a foreign container", busy.getLast().pid(),
                "another pod", ofPod.pid());
        for (CpuIsolation isolation : List.of(CpuIsolation.CPUSET, CpuIsolation.PARTITION)) {
            node.restart(isolation);
            Leavers leavers = new Leavers(processes);
            node.joinShared("burstable/other", ofPod.pid());
            for (int grant = 0; grant < GRANTS; grant++) {
                arrive();
                leavers.granted(
                        node.view().pods().getFirst().containers().getFirst().cpus());
                node.pods().forEach(node::remove);
            }
            for (String name : List.of("another pod", "a foreign container", "a system service")) {
                boolean must = isolation == CpuIsolation.PARTITION || name.equals("another pod");
                findings.check(
                        isolation.name().toLowerCase(Locale.ROOT) + ": " + name + (must ? " leaves" : " may stay"),
                        leavers.alwaysLeft(name) || !must,
                        leavers.text(name));
            }
        }
        ofPod.destroyForcibly().waitFor();
        Linux.write(FOREIGN.value(), "cpuset.cpus", "2-5");
    }

    /** Does something at random, and returns the number of valid partitions after it. */
    private int deed() throws IOException {
        List<String> pods = List.copyOf(node.pods());
        String pod = pods.isEmpty() ? "" : pods.get(random.nextInt(pods.size()));
        switch (pods.isEmpty() ? 0 : random.nextInt(12)) {
            case 0, 1, 2 -> arrive();
            case 3 -> node.resize(pod, 2 + random.nextInt(3), 1 + random.nextInt(2));
            case 4 -> node.end(pod, random.nextBoolean());
            case 5, 6 -> node.startAnew(pod, "a", containers++, random.nextBoolean());
            case 7 -> node.sweep();
            case 8 -> restart();
            case 9 -> {
                node.spoilOne();
                node.sweep();
            }
            default -> node.remove(pod);
        }
        node.grantedAgain();
        return (int) node.partitions();
    }

    private void restart() {
        if (random.nextInt(4) == 0) {
            node.restart(CpuIsolation.CPUSET);
        }
        node.restart(CpuIsolation.PARTITION);
    }

    private void arrive() throws IOException {
        String pod = "p" + made++;
        int own = 1 + random.nextInt(2);
        String amounts = "{\"cpu\":\"" + own + "\",\"memory\":\"64Mi\"}";
        String whole = "{\"cpu\":\"" + (own + 1) + "\",\"memory\":\"192Mi\"}";
        String spec =
                "{\"resources\":{\"requests\":" + whole + ",\"limits\":" + whole + "},\"containers\":[{\"name\":\"a\","
                        + "\"resources\":{\"requests\":" + amounts + ",\"limits\":" + amounts + "}},{\"name\":\"b\"}]}";
        CgroupPath parent = random.nextBoolean() ? KernelNode.KUBEPODS : KernelNode.KUBEPODS.child("burstable");
        boolean isolated = random.nextInt(3) == 0;
        Map<String, String> annotations = isolated ? Map.of("podslice.io/isolated.a", "true") : Map.of();
        if (!node.run(pod, parent, spec, annotations)) {
            refused++;
            return;
        }
        node.start(pod, "a", containers++);
        node.start(pod, "b", containers++);
    }

    /** Removes all pods, and checks that the kernel has given every CPU back. */
    private void allBack(String when) {
        node.pods().forEach(node::remove);
        node.sweep();
        boolean back = node.free().equals(online) && node.lists().isEmpty();
        if (!back || when.equals("at the end")) {
            findings.equal("all CPUs are back " + when, online, node.free());
            findings.equal("no exclusive list is left " + when, Map.of(), node.lists());
        }
    }
}
