package io.podslice.cgroups.machine;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads memory and huge pages of one NUMA node, or of a machine without NUMA. */
final class SysfsMemory {
    /** A line such as {@code MemTotal: 4019896 kB}; a NUMA node's own file puts {@code Node 0} before it. */
    private static final Pattern TOTAL = Pattern.compile("(?:Node \\d+ )?MemTotal:\\s+(\\d{1,15}) kB");

    private static final Pattern POOL = Pattern.compile("hugepages-(\\d{1,12})kB");

    private SysfsMemory() {}

    /** Returns the total memory in bytes from the folder's {@code meminfo}, whose kB are units of 1024 bytes. */
    static long totalBytes(SysfsFolder folder) throws IOException {
        for (String line : folder.text("meminfo").split("\n", -1)) {
            Matcher total = TOTAL.matcher(line.strip());
            if (total.matches()) {
                return Long.parseLong(total.group(1)) * 1024;
            }
        }
        throw new IOException(folder.file("meminfo") + ": no line \"MemTotal: NUMBER kB\"");
    }

    /**
     * Returns the number of pre-allocated pages by page size in bytes, from a folder {@code hugepages}; empty where
     * there is no such folder.
     */
    static Map<Long, Long> hugepages(Path folder) throws IOException {
        Map<Long, Long> pages = new TreeMap<>();
        if (!Files.isDirectory(folder)) {
            return pages;
        }
        try (DirectoryStream<Path> pools = Files.newDirectoryStream(folder)) {
            for (Path pool : pools) {
                Matcher size = POOL.matcher(pool.getFileName().toString());
                if (size.matches()) {
                    int count = new SysfsFolder(pool).number("nr_hugepages");
                    pages.put(Long.parseLong(size.group(1)) * 1024, (long) count);
                }
            }
        }
        return pages;
    }
}
