package io.podslice.cgroups;

/** Whether a write would change nothing: values compared as the kernel keeps them, not as they are spelled. */
final class NormalForm {
    /** The smallest page of the machines that run Linux; a larger one costs a write that changes nothing. */
    private static final long PAGE_BYTES = 4096;

    private NormalForm() {}

    /**
     * Whether writing the value to the file leaves it as it is. A value that cannot be understood is to be written:
     * its errors are the kernel's to find.
     *
     * @param present what the file says now
     * @param value what is to be written
     */
    static boolean sameValue(String file, String present, String value) {
        if (present.strip().equals(value.strip())) {
            return true;
        }
        try {
            return switch (file) {
                case "cpuset.cpus", "cpuset.mems", "cpuset.cpus.exclusive" ->
                    CpuSet.parse(present).equals(CpuSet.parse(value));
                case "cpu.max" -> {
                    CpuMax now = CpuMax.parse(present);
                    yield now.equals(CpuMax.parse(value, now.periodMicros()));
                }
                case "memory.min", "memory.low", "memory.high", "memory.max", "memory.swap.max", "memory.swap.high" ->
                    sameBytes(present, value, PAGE_BYTES);
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
     * What the file says after the value has been written to it. A value that cannot be understood stays as it is: its
     * errors are the kernel's to find.
     *
     * @param present what the file says now; counts where the value leaves something as it is
     */
    static String kept(String file, String present, String value) {
        try {
            return switch (file) {
                case "cpuset.cpus", "cpuset.mems", "cpuset.cpus.exclusive" ->
                    CpuSet.parse(value).toString();
                case "cpu.max" -> {
                    long period = present.isEmpty()
                            ? CpuMax.DEFAULT_PERIOD_MICROS
                            : CpuMax.parse(present).periodMicros();
                    yield CpuMax.parse(value, period).toString();
                }
                case "memory.min", "memory.low", "memory.high", "memory.max", "memory.swap.max", "memory.swap.high" ->
                    ByteLimit.parse(value).roundedDown(PAGE_BYTES).toString();
                default -> value.strip();
            };
        } catch (IllegalArgumentException e) {
            return value.strip();
        }
    }

    /** What to write so that the file says again what it says now. */
    static String writable(String file, String present) {
        // "isolated invalid (reason)" is what became of a written "isolated".
        int blank = file.equals("cpuset.cpus.partition") ? present.indexOf(' ') : -1;
        return blank < 0 ? present : present.substring(0, blank);
    }

    private static boolean sameBytes(String present, String value, long pageBytes) {
        return ByteLimit.parse(present).equals(ByteLimit.parse(value).roundedDown(pageBytes));
    }
}
