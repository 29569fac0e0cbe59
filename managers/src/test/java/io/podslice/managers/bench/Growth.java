package io.podslice.managers.bench;

import java.io.PrintStream;
import java.util.Locale;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.openjdk.jmh.runner.RunnerException;

/**
 * The cost of a benchmark as one of its parameters grows.
 *
 * @param table its first key grows; the others name the lines
 * @param axis the growing parameter, in words
 */
record Growth(CostTable table, String axis) {

    GrowthPlot.Panel measure(boolean quick, PrintStream out) throws RunnerException {
        SortedMap<String, SortedMap<Integer, Double>> lines = new TreeMap<>();
        for (CostTable.Cost cost : table.run(quick, out).rows()) {
            String size = cost.parameters().getOrDefault(table.keys().getFirst(), "");
            lines.computeIfAbsent(name(cost), name -> new TreeMap<>()).put(Integer.valueOf(size), cost.micros());
        }
        return new GrowthPlot.Panel(table.title(), axis, table.micros(), lines);
    }

    private String name(CostTable.Cost cost) {
        StringJoiner name = new StringJoiner(", ");
        for (String key : table.keys().subList(1, table.keys().size())) {
            String value = cost.parameters().getOrDefault(key, "").toLowerCase(Locale.ROOT);
            switch (value) {
                case "true" -> name.add(key);
                case "false" -> {
                    // The line's name leaves the key out.
                }
                default -> name.add((key.equals("strategy") ? "" : key + " ") + value.replace('_', '-'));
            }
        }
        return name.toString();
    }
}
