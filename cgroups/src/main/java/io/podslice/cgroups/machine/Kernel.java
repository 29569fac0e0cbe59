package io.podslice.cgroups.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The kernel that runs.
 *
 * @param release as {@code uname -r} says it, e.g. {@code 6.12.43+deb13-cloud-amd64}
 * @param major 6 of that
 * @param minor 12 of that
 * @param pageBytes size of a memory page: 4096, or 65536 on some ARM kernels
 */
public record Kernel(String release, int major, int minor, long pageBytes) {
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,6})\\.(\\d{1,6}).*");

    /** linux/auxvec.h: the entry that holds the page size. */
    private static final long AT_PAGESZ = 6;

    /**
     * Reads what procfs says.
     *
     * @param proc root of procfs, normally {@code /proc}
     * @throws IOException if a file is not there or says what cannot be understood; the message names the file
     */
    public static Kernel read(Path proc) throws IOException {
        String release = new SysfsFolder(proc).text("sys/kernel/osrelease");
        Matcher version = RELEASE.matcher(release);
        if (!version.matches()) {
            throw new IOException(
                    proc.resolve("sys/kernel/osrelease") + ": \"" + release + "\" does not begin with a version");
        }
        return new Kernel(
                release,
                Integer.parseInt(version.group(1)),
                Integer.parseInt(version.group(2)),
                pageBytes(proc.resolve("self/auxv")));
    }

    /** The auxiliary vector: pairs of machine words. The JDK tells the page size nowhere that is not internal. */
    private static long pageBytes(Path auxv) throws IOException {
        ByteBuffer words = ByteBuffer.wrap(Files.readAllBytes(auxv)).order(ByteOrder.nativeOrder());
        while (words.remaining() >= 2 * Long.BYTES) {
            long type = words.getLong();
            long value = words.getLong();
            if (type == AT_PAGESZ && value > 0) {
                return value;
            }
        }
        throw new IOException(auxv + ": does not tell the page size");
    }

    /** Whether it is older than that version. */
    public boolean isBefore(int thatMajor, int thatMinor) {
        return major < thatMajor || (major == thatMajor && minor < thatMinor);
    }
}
