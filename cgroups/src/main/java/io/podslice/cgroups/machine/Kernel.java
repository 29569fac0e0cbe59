package io.podslice.cgroups.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The running kernel.
 *
 * @param release its release as in {@code uname -r}, e.g. {@code 6.12.43+deb13-cloud-amd64}
 * @param major first number of the release, 6 in the example
 * @param minor second number of the release, 12 in the example
 * @param pageBytes size of a memory page in bytes: 4096, or 65536 on some ARM kernels
 */
public record Kernel(String release, int major, int minor, long pageBytes) {
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,6})\\.(\\d{1,6}).*");

    /** The type of the auxiliary vector's entry that holds the page size (linux/auxvec.h). */
    private static final long AT_PAGESZ = 6;

    /**
     * Reads the kernel's release and page size from procfs.
     *
     * @param proc root of procfs, normally {@code /proc}
     * @throws IOException if a file is missing or its text cannot be understood; the message names the file
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

    /**
     * Reads the page size from the auxiliary vector, which is pairs of machine words. The JDK has no public method for
     * it.
     */
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

    /** Tells if this kernel is older than the version given. */
    public boolean isBefore(int thatMajor, int thatMinor) {
        return major < thatMajor || (major == thatMajor && minor < thatMinor);
    }
}
