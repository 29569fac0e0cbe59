package io.podslice.agent.machine;

import io.podslice.agent.yaml.DocumentException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One matrix of NUMA distances in hwloc's XML, as it is read: {@code distances2} of version 2 with lists of indexes and values, or
 * {@code distances} of version 1 with a value in each of its elements.
 */
final class HwlocDistances {
    private static final int FARTHEST = 255;
    private static final int MOST_NODES = 1024;

    private final HwlocElement element;
    private final int count;
    private final List<Long> indexes = new ArrayList<>();
    private final List<Double> values = new ArrayList<>();

    private HwlocDistances(HwlocElement element, int count) {
        this.element = element;
        this.count = count;
    }

    /** Returns the matrix that an element begins; null if it holds no distances between NUMA nodes. */
    static @Nullable HwlocDistances of(HwlocElement element) throws DocumentException {
        boolean isLatency = element.name().equals("distances")
                || (element.name().equals("distances2")
                        && element.text("type").equals("NUMANode")
                        && (!element.has("name") || element.text("name").equals("NUMALatency")));
        return isLatency ? new HwlocDistances(element, (int) element.required("nbobjs", 1, MOST_NODES)) : null;
    }

    /** Takes the text of an element within it. */
    void text(HwlocElement inner, String text) throws DocumentException {
        if (inner.name().equals("indexes") || inner.name().equals("u64values")) {
            for (String word : text.strip().split("\\s+", -1)) {
                if (!word.matches("[0-9]{1,18}")) {
                    throw inner.wrong("\"" + word + "\": must be numbers with spaces between them");
                }
                if (inner.name().equals("indexes")) {
                    indexes.add(Long.valueOf(word));
                } else {
                    values.add(Double.valueOf(word));
                }
            }
        }
    }

    /** Takes a value in an element of its own, as version 1 has it: a multiple of the matrix's base. */
    void latency(HwlocElement inner) throws DocumentException {
        values.add(decimal(inner, "value") * (element.has("latency_base") ? decimal(element, "latency_base") : 1));
    }

    private static double decimal(HwlocElement element, String attribute) throws DocumentException {
        String text = element.text(attribute);
        if (!text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            throw element.wrong(attribute + " \"" + text + "\": must be a number");
        }
        return Double.parseDouble(text);
    }

    /**
     * Returns the distances by NUMA node; empty where the matrix is not of all nodes.
     *
     * @param inOrder the ids of all NUMA nodes in the file's order
     * @param byIndex their ids by hwloc's own index of objects
     */
    SortedMap<Integer, List<Integer>> distances(List<Integer> inOrder, Map<Long, Integer> byIndex)
            throws DocumentException {
        SortedMap<Integer, List<Integer>> distances = new TreeMap<>();
        if (count != inOrder.size()) {
            return distances;
        }
        if (values.size() != count * count) {
            throw element.wrong("has " + values.size() + " values; nbobjs \"" + count + "\" asks for " + count * count);
        }
        Map<Integer, Integer> at = new HashMap<>();
        for (int i = 0; i < count; i++) {
            at.put(node(i, inOrder, byIndex), i);
        }
        if (!at.keySet().containsAll(inOrder)) {
            throw element.wrong("indexes " + indexes + ": must name each NUMA node once; there are " + inOrder);
        }
        List<Integer> ids = inOrder.stream().sorted().toList();
        for (int from : ids) {
            List<Integer> row = new ArrayList<>();
            for (int to : ids) {
                row.add(distance(values.get(at.getOrDefault(from, 0) * count + at.getOrDefault(to, 0))));
            }
            distances.put(from, row);
        }
        return distances;
    }

    private int node(int index, List<Integer> inOrder, Map<Long, Integer> byIndex) throws DocumentException {
        if (indexes.isEmpty()) {
            return inOrder.get(index);
        }
        if (indexes.size() != count) {
            throw element.wrong("has " + indexes.size() + " indexes; nbobjs \"" + count + "\" asks for " + count);
        }
        long given = indexes.get(index);
        return element.text("indexing").equals("gp")
                ? byIndex.getOrDefault(given, -1)
                : (int) Math.min(given, Integer.MAX_VALUE);
    }

    private int distance(double value) throws DocumentException {
        long rounded = Math.round(value);
        if (rounded < 1 || rounded > FARTHEST) {
            throw element.wrong("distance \"" + value + "\": must be 1 to " + FARTHEST);
        }
        return (int) rounded;
    }
}
