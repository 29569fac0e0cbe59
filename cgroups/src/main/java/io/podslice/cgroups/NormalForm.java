package io.podslice.cgroups;

/**
 * Compares values as the kernel keeps them rather than as they are spelled, to find writes that would change nothing.
 */
public final class NormalForm {
    private NormalForm() {}

    /**
     * Tells if writing the value would leave the file unchanged. False for a value that cannot be understood: it must
     * be written, for the kernel to report its errors.
     *
     * @param present the file's present text
     * @param value the value that a plan would write
     * @param files the tree, by whose rules values are rounded
     */
    public static boolean sameValue(String file, String present, String value, CgroupFiles files) {
        return sameValue(file, present, value, files.pageBytes(), files.quotaStepMicros());
    }

    /**
     * Tells if writing the value would leave the file unchanged, as the other does.
     *
     * @param pageBytes size of a memory page in bytes
     * @param quotaStepMicros the rounding of quotas ({@link CgroupFiles#quotaStepMicros})
     */
    public static boolean sameValue(String file, String present, String value, long pageBytes, long quotaStepMicros) {
        if (present.strip().equals(value.strip())) {
            return true;
        }
        try {
            return switch (file) {
                case CgroupFile.CPUSET_CPUS, CgroupFile.CPUSET_MEMS, CgroupFile.CPUSET_CPUS_EXCLUSIVE ->
                    CpuSet.parse(present).equals(CpuSet.parse(value));
                case CgroupFile.CPU_MAX -> {
                    CpuMax now = CpuMax.parse(present);
                    CpuMax then = CpuMax.parse(value, now.periodMicros());
                    yield now.equals(then) || now.equals(then.roundedUp(quotaStepMicros));
                }
                case CgroupFile.MEMORY_MIN,
                        CgroupFile.MEMORY_LOW,
                        CgroupFile.MEMORY_HIGH,
                        CgroupFile.MEMORY_MAX,
                        "memory.swap.max",
                        "memory.swap.high" -> sameBytes(present, value, pageBytes);
                default ->
                    file.startsWith("hugetlb.")
                            && file.endsWith(".max")
                            && sameBytes(
                                    present,
                                    value,
                                    HugePageSize.parse(file.split("\\.", -1)[1]).bytes());
            };
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Returns the file's text after a write of the value. A value that cannot be understood is returned unchanged: the
     * kernel reports its errors.
     *
     * @param present the file's present text, which supplies whatever the value leaves unchanged
     * @param files the tree, by whose rules values are rounded
     */
    static String kept(String file, String present, String value, CgroupFiles files) {
        try {
            return switch (file) {
                case CgroupFile.CPUSET_CPUS, CgroupFile.CPUSET_MEMS, CgroupFile.CPUSET_CPUS_EXCLUSIVE ->
                    CpuSet.parse(value).toString();
                case CgroupFile.CPU_MAX -> {
                    long period = present.isEmpty()
                            ? CpuMax.DEFAULT_PERIOD_MICROS
                            : CpuMax.parse(present).periodMicros();
                    yield CpuMax.parse(value, period)
                            .roundedUp(files.quotaStepMicros())
                            .toString();
                }
                case CgroupFile.MEMORY_MIN,
                        CgroupFile.MEMORY_LOW,
                        CgroupFile.MEMORY_HIGH,
                        CgroupFile.MEMORY_MAX,
                        "memory.swap.max",
                        "memory.swap.high" ->
                    ByteLimit.parse(value).roundedDown(files.pageBytes()).toString();
                default -> value.strip();
            };
        } catch (IllegalArgumentException e) {
            return value.strip();
        }
    }

    /** Returns the value to write so that the file gets back its present text. */
    static String writable(String file, String present) {
        // The kernel shows "isolated invalid (reason)" where "isolated" was written and could not be kept.
        int blank = file.equals(CgroupFile.CPUSET_CPUS_PARTITION) ? present.indexOf(' ') : -1;
        return blank < 0 ? present : present.substring(0, blank);
    }

    private static boolean sameBytes(String present, String value, long pageBytes) {
        return ByteLimit.parse(present).equals(ByteLimit.parse(value).roundedDown(pageBytes));
    }
}
