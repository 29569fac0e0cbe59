package io.podslice.integration.demo;

import io.podslice.agent.map.Letters;
import io.podslice.agent.map.TextMap;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.integration.demo.PodView.ContainerView;
import io.podslice.simulator.journal.Deed;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import java.util.List;

/** Writes the demo's result as text for a terminal. */
final class TextReport {
    private static final int COLUMNS = 98;

    private final DemoResult result;
    private final Paint paint;
    private final StringBuilder out = new StringBuilder();

    TextReport(DemoResult result, Paint paint) {
        this.result = result;
        this.paint = paint;
    }

    String text(double seconds) {
        title("CPUs of each pod on a simulated node, with the real podslice in front of its runtime");
        map(result.started());
        out.append('\n');
        owners();
        out.append("\n  podslice learned each pod's spec from ")
                .append(result.source().words())
                .append("\n");
        if (result.driver() == CgroupDriver.SYSTEMD) {
            out.append("  cgroups are units of systemd ")
                    .append(DemoCgroups.SYSTEMD_VERSION)
                    .append(", simulated too\n");
        }
        title("Limits that the kernel enforces");
        table();
        title(resizeTitle());
        steps();
        out.append('\n');
        map(result.resized());
        out.append('\n');
        verdict(seconds);
        return out.toString();
    }

    private void title(String text) {
        out.append('\n').append(paint.bold(text)).append("\n\n");
    }

    private void map(List<PodView> pods) {
        out.append(TextMap.picture(DemoMap.of(result.machine(), pods), COLUMNS, paint.on())
                .indent(2));
    }

    private void owners() {
        for (int i = 0; i < result.started().size(); i++) {
            PodView pod = result.started().get(i);
            Amounts budget = pod.manifest().wants().limits();
            out.append("  %s  %s%n"
                    .formatted(
                            paint.bold("%-27s".formatted(pod.name())),
                            "budget %s CPUs, %s; NUMA node %s%s"
                                    .formatted(
                                            PodSpecAnnotation.cpu(budget.cpuMillis()),
                                            PodSpecAnnotation.memory(budget.memoryBytes()),
                                            result.machine().nodesOf(pod.cpus()),
                                            pod.usesDevices() ? ", beside its GPU" : "")));
            for (ContainerView container : pod.containers()) {
                out.append(owner(i, container));
            }
        }
        out.append("  ")
                .append(paint.nobodys(" . "))
                .append(" %-23s %s%n"
                        .formatted("every other pod", result.machine().cpuSet().minus(all(result.started()))));
    }

    private static CpuSet all(List<PodView> pods) {
        return pods.stream().map(PodView::cpus).reduce(CpuSet.empty(), CpuSet::union);
    }

    private String owner(int pod, ContainerView container) {
        boolean own = container.wantsOwnCpus();
        String mark = own
                ? paint.own(pod, " " + Letters.capital(pod) + " ")
                : paint.shared(pod, " " + Letters.small(pod) + " ");
        return "  %s %-23s %-14s %s%n"
                .formatted(
                        mark,
                        container.name(),
                        container.cpus(),
                        paint.dim(own ? "its own, never throttled" : "shared within the pod, up to the pod's budget"));
    }

    private void table() {
        out.append(paint.dim("  %-27s %-22s %-20s %s%n".formatted("", "", "runtime alone", "with podslice")));
        for (int i = 0; i < result.started().size(); i++) {
            PodView before = result.before().get(i);
            PodView after = result.started().get(i);
            String name = after.name();
            for (String file : List.of(Reading.CPU_MAX, Reading.MEMORY_MAX, Reading.CPU_WEIGHT)) {
                row(
                        paint.bold("%-27s".formatted(name)),
                        file,
                        before.cgroup().get(file),
                        after.cgroup().get(file));
                name = "";
            }
            for (ContainerView container : after.containers()) {
                row(
                        "%-27s".formatted("  " + container.name()),
                        Reading.CPUS,
                        before.container(container.name()).cgroup().get(Reading.CPUS),
                        container.cgroup().get(Reading.CPUS));
            }
        }
    }

    private void row(String name, String file, String before, String after) {
        out.append("  %s %-22s %-20s %s%n"
                .formatted(name, file, before, before.equals(after) ? after : paint.bold(after)));
    }

    private String resizeTitle() {
        PodView before = result.started().getLast();
        PodView after = result.resized().getLast();
        return "%s grows from %s to %s CPUs while it runs"
                .formatted(
                        after.name(),
                        PodSpecAnnotation.cpu(before.manifest().wants().limits().cpuMillis()),
                        PodSpecAnnotation.cpu(after.manifest().wants().limits().cpuMillis()));
    }

    private void steps() {
        int number = 0;
        for (Deed deed : result.steps()) {
            number++;
            out.append("  %2d  %-9s %s%n".formatted(number, deed.actor(), step(deed)));
        }
    }

    private String step(Deed deed) {
        return switch (deed) {
            case Deed.Call call ->
                paint.dim("calls " + call.method() + " for " + call.subject() + ": " + call.detail());
            case Deed.Write write ->
                "%-36s %-12s %s -> %s"
                        .formatted(
                                label(write.cgroup()),
                                write.file(),
                                write.before().isEmpty() ? "(all)" : write.before(),
                                write.after().isEmpty() ? "(all)" : write.after());
            case Deed.Made made -> label(made.cgroup()) + " made";
            case Deed.Removed removed -> label(removed.cgroup()) + " removed";
        };
    }

    /** Returns the name of the pod or container that has the cgroup; else the cgroup's path. */
    private String label(CgroupPath cgroup) {
        for (PodView pod : result.resized()) {
            if (pod.cgroup().cgroup().equals(cgroup)) {
                return pod.name();
            }
            for (ContainerView container : pod.containers()) {
                if (container.cgroup().cgroup().equals(cgroup)) {
                    return pod.name() + "/" + container.name();
                }
            }
            if (cgroup.isWithin(pod.cgroup().cgroup())) {
                return pod.name() + "/(pause)";
            }
        }
        return cgroup.value();
    }

    private void verdict(double seconds) {
        List<Check> failed =
                result.checks().stream().filter(check -> !check.holds()).toList();
        for (Check check : failed) {
            out.append("  %s %s: %s%n".formatted(paint.bad("no "), check.what(), check.seen()));
        }
        int all = result.checks().size();
        out.append("  %s %s%n"
                .formatted(
                        failed.isEmpty() ? paint.good("yes") : paint.bad("no "),
                        failed.isEmpty()
                                ? "the cgroup files say what was asked for: %d of %d checks, %.1f s"
                                        .formatted(all, all, seconds)
                                : "%d of %d checks of the cgroup files failed, %.1f s"
                                        .formatted(failed.size(), all, seconds)));
    }
}
