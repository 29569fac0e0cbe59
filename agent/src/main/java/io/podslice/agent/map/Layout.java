package io.podslice.agent.map;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the places of a machine's parts. All parts of a kind hold what is within them in grids of an equal number of columns;
 * of all such numbers the picture of the lowest cost is taken. Pure.
 */
final class Layout {
    /** The most columns of a grid. */
    private static final int MOST_COLUMNS = 64;

    /** The cost of a grid whose last row is not full, for each kind of part. */
    private static final double RAGGED = 1;

    private final Metrics metrics;
    private final Map<Part.Kind, Integer> columns = new EnumMap<>(Part.Kind.class);

    private Layout(Metrics metrics) {
        this.metrics = metrics;
    }

    /** Returns the box of the machine; its upper left corner is at 0, 0. */
    static Box of(Part machine, Metrics metrics) {
        Map<Part.Kind, Integer> most = new EnumMap<>(Part.Kind.class);
        count(machine, most);
        return new Layout(metrics)
                .best(machine, most, new ArrayList<>(most.keySet()))
                .absolute();
    }

    /** Counts the most parts that a part of each kind holds in a grid. */
    private static void count(Part part, Map<Part.Kind, Integer> most) {
        if (part.kind() != Part.Kind.CORE && !part.grid().isEmpty()) {
            most.merge(part.kind(), part.grid().size(), Math::max);
            part.grid().forEach(inner -> count(inner, most));
        }
    }

    private Box best(Part machine, Map<Part.Kind, Integer> most, List<Part.Kind> open) {
        if (open.isEmpty()) {
            return arranged(machine);
        }
        Part.Kind kind = open.getLast();
        List<Part.Kind> rest = open.subList(0, open.size() - 1);
        Box best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int count : choices(most.getOrDefault(kind, 1))) {
            columns.put(kind, count);
            Box box = best(machine, most, rest);
            double cost = cost(box, most);
            if (best == null || cost < least) {
                best = box;
                least = cost;
            }
        }
        return best == null ? arranged(machine) : best;
    }

    private double cost(Box box, Map<Part.Kind, Integer> most) {
        double cost = metrics.taste().cost(box.width(), box.height());
        for (Map.Entry<Part.Kind, Integer> entry : most.entrySet()) {
            cost += entry.getValue() % columns.getOrDefault(entry.getKey(), 1) == 0 ? 0 : RAGGED;
        }
        return cost;
    }

    /** Returns the numbers of columns that leave the fewest gaps for their number of rows. */
    private static List<Integer> choices(int parts) {
        List<Integer> choices = new ArrayList<>();
        for (int count = Math.min(parts, MOST_COLUMNS); count >= 1; count--) {
            int rows = (parts + count - 1) / count;
            if ((parts + rows - 1) / rows == count) {
                choices.add(count);
            }
        }
        return choices;
    }

    /** Returns the box of a part at 0, 0, with the places within each box relative to it. */
    private Box arranged(Part part) {
        if (part.kind() == Part.Kind.CPU) {
            return new Box(part, 0, 0, metrics.cellWidth(), metrics.cellHeight(), List.of());
        }
        Metrics.Frame frame = metrics.frame(part.kind());
        int top = frame.top() + part.notes().size() * metrics.noteHeight();
        List<Box> boxes = new ArrayList<>();
        List<Part> grid = part.grid();
        int count = part.kind() == Part.Kind.CORE ? 1 : columns.getOrDefault(part.kind(), 1);
        Extent extent = place(arranged(grid), count, frame, top, boxes);
        int wide = Math.max(extent.width, widest(part));
        int high = extent.height;
        List<Box> all = new ArrayList<>();
        int noteTop = frame.top();
        for (Part note : part.notes()) {
            all.add(new Box(note, frame.side(), noteTop, wide - 2 * frame.side(), metrics.noteHeight(), List.of()));
            noteTop += metrics.noteHeight();
        }
        all.addAll(boxes);
        for (Part absent : part.absent()) {
            high += high > top ? metrics.group().rowGap() : 0;
            Box box = absent(absent, wide - 2 * frame.side()).moved(frame.side(), high);
            all.add(box);
            high = box.bottom();
        }
        return new Box(part, 0, 0, wide, high + frame.bottom(), all);
    }

    /** Returns the width that the titles and notes of a part, and of those that are as wide as it, need. */
    private int widest(Part part) {
        int widest = metrics.titleWidth(part.title());
        int sides = 2 * metrics.frame(part.kind()).side();
        for (Part note : part.notes()) {
            widest = Math.max(widest, sides + metrics.titleWidth(note.title()));
        }
        for (Part absent : part.absent()) {
            int oneCpu = metrics.cellWidth() + 2 * metrics.group().side();
            widest = Math.max(widest, sides + Math.max(oneCpu, metrics.titleWidth(absent.title())));
        }
        return widest;
    }

    private record Extent(int width, int height) {}

    /** Places boxes in a grid whose columns and rows are as wide and high as their largest box; boxes fill their places. */
    private Extent place(List<Box> boxes, int columns, Metrics.Frame frame, int top, List<Box> placed) {
        int[] widths = new int[columns];
        int[] heights = new int[(boxes.size() + columns - 1) / columns];
        for (int i = 0; i < boxes.size(); i++) {
            widths[i % columns] = Math.max(widths[i % columns], boxes.get(i).width());
            heights[i / columns] = Math.max(heights[i / columns], boxes.get(i).height());
        }
        Metrics.Frame each = metrics.frame(
                boxes.isEmpty() ? Part.Kind.CORE : boxes.getFirst().part().kind());
        int right = 0;
        int y = top;
        for (int row = 0; row < heights.length; row++) {
            int x = frame.side();
            for (int i = row * columns; i < Math.min(boxes.size(), (row + 1) * columns); i++) {
                int width = widths[i % columns];
                placed.add(boxes.get(i).sized(width, heights[row]).moved(x, y));
                x += width;
                right = Math.max(right, x);
                x += each.columnGap();
            }
            y += heights[row] + (row == heights.length - 1 ? 0 : each.rowGap());
        }
        return new Extent(Math.max(right, frame.side()) + frame.side(), y);
    }

    private List<Box> arranged(List<Part> parts) {
        return parts.stream().map(this::arranged).toList();
    }

    /** Places CPUs without a core in rows of that width. */
    private Box absent(Part part, int width) {
        Metrics.Frame frame = metrics.group();
        int gap = metrics.cpu().columnGap();
        int count = Math.max(1, (width - 2 * frame.side() + gap) / (metrics.cellWidth() + gap));
        List<Box> boxes = new ArrayList<>();
        Extent extent = place(arranged(part.parts()), count, frame, frame.top(), boxes);
        return new Box(part, 0, 0, Math.max(width, extent.width), extent.height + frame.bottom(), boxes);
    }
}
