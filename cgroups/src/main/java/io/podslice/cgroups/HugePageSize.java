package io.podslice.cgroups;

/**
 * A huge page's size in bytes, and how the kernel's hugetlb controller (and CRI) names it: {@code 64KB}, {@code 2MB},
 * {@code 1GB}, in powers of 1024.
 *
 * @param bytes a positive multiple of 1024
 */
public record HugePageSize(long bytes) implements Comparable<HugePageSize> {

    public HugePageSize {
        if (bytes <= 0 || bytes % 1024 != 0) {
            throw new IllegalArgumentException(
                    "huge page size of " + bytes + " bytes: must be a positive multiple of 1024");
        }
    }

    /**
     * Reads the kernel's name of a size.
     *
     * @throws IllegalArgumentException naming the text
     */
    public static HugePageSize parse(String name) {
        int shift = name.endsWith("KB") ? 10 : name.endsWith("MB") ? 20 : name.endsWith("GB") ? 30 : -1;
        if (shift > 0) {
            try {
                long number = Long.parseLong(name.substring(0, name.length() - 2));
                if (number > 0 && number <= Long.MAX_VALUE >> shift) {
                    return new HugePageSize(number << shift);
                }
            } catch (NumberFormatException e) {
                // Refused below with the message for a wrong unit.
            }
        }
        throw new IllegalArgumentException("huge page size \"" + name + "\": must be like 64KB, 2MB or 1GB");
    }

    /** The name of the hugetlb controller's limit file for pages of this size, e.g. {@code hugetlb.2MB.max}. */
    public String limitFile() {
        return "hugetlb." + this + ".max";
    }

    @Override
    public int compareTo(HugePageSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The kernel's name: in the largest unit, rounded down, as {@code mem_fmt} in mm/hugetlb_cgroup.c does. */
    @Override
    public String toString() {
        if (bytes >= 1L << 30) {
            return (bytes >> 30) + "GB";
        }
        if (bytes >= 1L << 20) {
            return (bytes >> 20) + "MB";
        }
        return (bytes >> 10) + "KB";
    }
}
