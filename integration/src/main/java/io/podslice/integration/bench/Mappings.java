package io.podslice.integration.bench;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The resident memory of a JVM by kind of mapping: the text of {@code /proc/PID/smaps} (proc_pid_smaps(5)) in a few sums. */
final class Mappings {
    private static final Pattern HEAD =
            Pattern.compile("(\\p{XDigit}+)-(\\p{XDigit}+) ([r-][w-][x-][ps]) \\S+ \\S+ \\S+ *(.*)");
    private static final Pattern RESIDENT = Pattern.compile("Rss: +(\\d+) kB");

    /** The JVM maps a heap of up to 4 GiB below that address, where its references need no arithmetic. */
    private static final long HEAP_BELOW = 1L << 32;

    private static final int HEX = 16;
    private static final double KIB_PER_MIB = 1_024;

    private Mappings() {}

    /** Returns MiB resident by kind of mapping, the largest first. */
    static Map<String, Double> mebibytes(String smaps) {
        Map<String, Double> sums = new LinkedHashMap<>();
        String kind = "";
        for (String line : smaps.lines().toList()) {
            Matcher head = HEAD.matcher(line);
            if (head.matches()) {
                kind = kind(Long.parseUnsignedLong(head.group(1), HEX), head.group(3), head.group(4));
            } else {
                Matcher resident = RESIDENT.matcher(line);
                if (resident.matches()) {
                    sums.merge(kind, Long.parseLong(resident.group(1)) / KIB_PER_MIB, Double::sum);
                }
            }
        }
        Map<String, Double> sorted = new LinkedHashMap<>();
        List<Map.Entry<String, Double>> entries = sums.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .toList();
        entries.forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    private static String kind(long start, String rights, String name) {
        if (name.endsWith(".aot")) {
            return "ahead-of-time cache";
        }
        if (name.endsWith(".jar")) {
            return "jars";
        }
        if (name.startsWith("/")) {
            return name.endsWith("libjvm.so") ? "libjvm" : "other files";
        }
        if (!name.isEmpty()) {
            return name.equals("[heap]") ? "C library's first arena" : "other";
        }
        if (rights.charAt(2) == 'x') {
            return "compiled code";
        }
        return start < HEAP_BELOW ? "Java heap" : "stacks, classes, other arenas";
    }
}
