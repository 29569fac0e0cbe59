package io.podslice.agent.map;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Writes maps as an SVG picture. Each CPU is a group with the attributes {@code data-cpu}, {@code data-use} and, of a pod's
 * CPU, {@code data-pod}; a title says in words what the colours and letters say. It names no other resource and has no script.
 */
public final class SvgMap {
    private static final int MARGIN = 16;
    private static final int HEADING = 26;
    private static final int LONGEST_TITLE = 200;

    /** The number of CPUs above which a picture is about as wide as a screen. */
    private static final int MANY = 64;

    /** The width up to which maps stand beside each other. */
    private static final int NARROW = 900;

    private final List<Drawn> maps;
    private final SvgPen pen = new SvgPen();

    /** A map with its place. */
    private record Drawn(NodeMap map, Uses uses, Box machine) {}

    private SvgMap(List<NodeMap> maps) {
        List<Uses> uses = maps.stream().map(Uses::of).toList();
        int sign = uses.stream().mapToInt(Uses::longestSign).max().orElse(1);
        int left = MARGIN;
        int top = MARGIN;
        List<Drawn> all = new ArrayList<>();
        for (int i = 0; i < maps.size(); i++) {
            NodeMap map = maps.get(i);
            Metrics metrics = metrics(map, sign, uses.get(i).digits());
            int heading = map.heading().isEmpty() ? 0 : HEADING;
            Box machine = Layout.of(Nesting.of(map), metrics).at(left, top + heading);
            all.add(new Drawn(map, uses.get(i), machine));
            boolean isNarrow = (machine.width() + MARGIN) * maps.size() <= NARROW;
            left = isNarrow ? machine.right() + 2 * MARGIN : MARGIN;
            top = isNarrow ? top : machine.bottom() + MARGIN;
        }
        this.maps = List.copyOf(all);
    }

    /**
     * Writes maps beside or below each other, and the legend of the last.
     *
     * @param maps at least one map; each pod keeps its letter on all of them
     */
    public static String text(List<NodeMap> maps) {
        return new SvgMap(maps).text();
    }

    /** Writes a map without legend, for a page that has {@link SvgPen#STYLE}; it defines all hatchings. */
    static String bare(NodeMap map) {
        SvgMap writer = new SvgMap(List.of(map));
        Drawn drawn = writer.maps.getFirst();
        writer.pen.startInPage(drawn.machine.right() + MARGIN, drawn.machine.bottom() + MARGIN);
        hatchings(Palette.COLOURS).forEach(writer.pen::hatching);
        writer.box(drawn, map.owners(), drawn.machine);
        return writer.pen.end();
    }

    /**
     * @param sign characters of the longest sign
     * @param digits of the highest CPU
     */
    static Metrics metrics(NodeMap map, int sign, int digits) {
        int cell = (int) Math.ceil((sign + 1 + digits) * SvgPen.CHARACTER) + 10;
        Metrics.Frame group = new Metrics.Frame(22, 8, 8, 8, 8);
        Metrics.Frame core = new Metrics.Frame(3, 3, 3, 5, 5);
        Metrics.Frame cpu = new Metrics.Frame(0, 0, 0, 3, 2);
        double wanted = map.machine().cpus().size() > MANY ? 1.6 : 2.4;
        return new Metrics(
                cell,
                19,
                group,
                core,
                cpu,
                20,
                20,
                7,
                (width, height) -> Math.abs(Math.log((double) width / height / wanted)));
    }

    private String text() {
        Drawn last = maps.getLast();
        int right = maps.stream().mapToInt(map -> map.machine.right()).max().orElse(0);
        int bottom = maps.stream().mapToInt(map -> map.machine.bottom()).max().orElse(0);
        SvgLegend legend = SvgLegend.of(Legend.of(last.map, last.uses.all()), MARGIN, bottom + MARGIN, right - MARGIN);
        pen.start(Math.max(right, legend.right()) + MARGIN, legend.bottom() + MARGIN);
        hatchings(legend.legend().rows().size()).forEach(pen::hatching);
        for (Drawn drawn : maps) {
            if (!drawn.map.heading().isEmpty()) {
                pen.heading(drawn.machine.x(), drawn.machine.y() - 9, drawn.map.heading());
            }
            box(drawn, drawn.map.owners(), drawn.machine);
        }
        legend.draw(pen);
        return pen.end();
    }

    private static SortedSet<Integer> hatchings(int pods) {
        SortedSet<Integer> colours = new TreeSet<>();
        for (int pod = 0; pod < Math.clamp(pods, 1, Palette.COLOURS); pod++) {
            colours.add(pod);
        }
        return colours;
    }

    private void box(Drawn drawn, List<MappedPod> owners, Box box) {
        switch (box.part().kind()) {
            case CPU -> cpu(drawn.uses.of(box.part().id()), owners, box);
            case CORE -> pen.frame(box, "#f7f7f7", "#999999", 3);
            case NOTE -> pen.title(box, 2);
            case MACHINE -> titled(box, "#ffffff", "#333333");
            case SOCKET -> titled(box, "#ececec", "#555555");
            case NUMA_NODE -> titled(box, "#fbf8f1", "#777777");
            case L3 -> titled(box, "#ffffff", "#999999");
            case ABSENT -> titled(box, "#ffffff", "#777777");
        }
        box.boxes().forEach(inner -> box(drawn, owners, inner));
    }

    private void titled(Box box, String fill, String stroke) {
        pen.frame(box, fill, stroke, 4);
        pen.title(box, 8);
    }

    private void cpu(CpuUse use, List<MappedPod> owners, Box box) {
        int cpu = box.part().id();
        String pod = use.owner() < 0 ? "" : owners.get(use.owner()).name();
        pen.group(cpu, use, pod, words(use, owners, cpu));
        pen.cpu(use, box, " " + cpu);
        pen.endGroup();
    }

    private static String words(CpuUse use, List<MappedPod> owners, int cpu) {
        StringBuilder words = new StringBuilder("CPU ").append(cpu).append(": ");
        words.append(
                switch (use.kind()) {
                    case EXCLUSIVE -> "exclusive to " + containers(owners.get(use.owner()), cpu);
                    case POD_SHARED -> "shared pool of " + containers(owners.get(use.owner()), cpu);
                    case NODE_SHARED -> Sign.NODE_SHARED.meaning();
                    case CONTESTED -> Sign.CONTESTED.meaning();
                    case NONE -> Sign.NONE.meaning();
                });
        words.append(use.isReserved() ? "; reserved" : "")
                .append(use.isIsolated() ? "; isolated at boot" : "")
                .append(use.isGone() ? "; pods cannot use it" : "");
        return words.length() > LONGEST_TITLE ? words.substring(0, LONGEST_TITLE) : words.toString();
    }

    private static String containers(MappedPod pod, int cpu) {
        String containers = pod.containersOn(cpu);
        return containers.isEmpty() ? pod.name() : pod.name() + " (" + containers + ")";
    }
}
